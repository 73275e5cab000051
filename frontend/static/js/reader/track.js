// @ts-check
/** Where one is in the book: the line below the text, the entry of the contents, and the place the server keeps. */

import { call, Refusal } from '../lib/api.js';
import { the } from '../lib/dom.js';
import { fill, gettext, ngettext } from '../lib/words.js';

const WIDTH = 700; // of the line's own units
const KEEP_AFTER = 800; // milliseconds
// Characters a minute, for "18 min left": about 230 English words, or 400 Chinese characters.
const PACE = { zh: 400, ja: 500, ko: 500 };
const USUAL_PACE = 1250;

/** @typedef {import('./leaves.js').Place} Place */

/** Characters before a place. @param {number[]} starts @param {Place} place */
export const charactersBefore = (starts, { section, offset }) => (starts[section] ?? 0) + offset;

/**
 * Whole minutes for so many characters; at least one.
 * @param {number} characters
 * @param {string} language
 */
export function minutes(characters, language) {
    const pace = /** @type {Record<string, number>} */ (PACE)[language.slice(0, 2)] ?? USUAL_PACE;
    return Math.max(1, Math.round(characters / pace));
}

export class Track {
    #reading;
    #foot;
    /** @type {HTMLAnchorElement[]} */ #entries;
    /** @type {any} */ #timer = null;
    /** @type {Place | null} */ #unkept = null;

    /**
     * @param {{ book: number, language: string, starts: number[], characters: number }} reading
     * @param {HTMLElement} foot
     */
    constructor(reading, foot) {
        this.#reading = reading;
        this.#foot = foot;
        this.#entries = [.../** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('.toc [data-go]'))];
        addEventListener('pagehide', () => this.#keep({ keepalive: true }));
        document.addEventListener('visibilitychange', () => document.hidden && this.#keep({ keepalive: true }));
    }

    /** @param {Place} place @param {{ isNew: boolean }} how a new place is told to the server */
    show(place, { isNew }) {
        const { starts, characters, language } = this.#reading;
        const before = charactersBefore(starts, place);
        const share = characters ? Math.min(1, before / characters) : 0;
        const end = starts[place.section + 1] ?? characters;
        const left = minutes(Math.max(0, end - before), language);
        const percent = Math.round(share * 100);
        const entry = this.#point(place);
        const where = fill(gettext('%(percent)s% read'), { percent });
        the('[data-part="where"]', this.#foot).textContent = where;
        the('[data-part="left"]', this.#foot).textContent = fill(
            ngettext('%(count)s min left in this chapter', '%(count)s min left in this chapter', left), { count: left },
        );
        const line = the('[data-part="track"]', this.#foot);
        line.setAttribute('aria-label', entry ? `${where}. ${entry}` : where);
        the('.read', line).setAttribute('width', String(WIDTH * share));
        the('.here', line).setAttribute('x', String(Math.max(0, WIDTH * share - 1.5)));
        if (isNew) this.#later(place);
    }

    /** Ticks where the answers quoted. @param {Place[]} places */
    tick(places) {
        const { starts, characters } = this.#reading;
        const line = the('[data-part="track"]', this.#foot);
        for (const old of line.querySelectorAll('.talk')) old.remove();
        for (const place of places) {
            const tick = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
            const x = (WIDTH * charactersBefore(starts, place)) / Math.max(1, characters);
            for (const [name, value] of Object.entries({ class: 'track talk', x, y: 0, width: 1.5, height: 4 })) tick.setAttribute(name, String(value));
            line.insertBefore(tick, line.querySelector('.here'));
        }
    }

    /** Show where one is in the contents. @param {Place} place @returns {string} the entry's words */
    #point({ section, offset }) {
        let current = null;
        for (const entry of this.#entries) {
            const [at, start] = (entry.dataset.go ?? '').split(':').map(Number);
            if (at < section || (at === section && start <= offset)) current = entry;
        }
        for (const entry of this.#entries) {
            if (entry === current) continue;
            entry.removeAttribute('aria-current');
        }
        if (current && !current.hasAttribute('aria-current')) {
            current.setAttribute('aria-current', 'location');
            centre(current);
        }
        return current?.textContent ?? '';
    }

    /** @param {Place} place */
    #later(place) {
        this.#unkept = place;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#keep({ keepalive: false }), KEEP_AFTER);
    }

    /** @param {{ keepalive: boolean }} how */
    #keep({ keepalive }) {
        const place = this.#unkept;
        if (!place) return;
        this.#unkept = null;
        call('PUT', `books/${this.#reading.book}/place`, { body: place, keepalive }).catch((error) => {
            if (!(error instanceof Refusal)) throw error;
            this.#unkept ??= place; // kept with the next move
        });
    }
}

/** Bring an entry into the middle of its list, without moving anything else. @param {HTMLElement} entry */
function centre(entry) {
    const list = entry.closest('.list');
    if (list) list.scrollTop += entry.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 2;
}
