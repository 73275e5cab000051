// @ts-check
/**
 * Where one is in the book: the line below the text, the entry of the contents, and the place the server keeps.
 * Events: `go` (detail: { section, start }), the reader chose a place on the line; `reach` (detail: { section, offset,
 * label }), more counts as read now; `shown` (detail: { entry }), the contents show another entry.
 */

import { call, Refusal } from '../lib/api.js';
import { make, the } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';
import { chapterAt, entryAt, pageAt, placeAt } from './chapters.js';
import { deviceId, deviceName } from './device.js';
import { leftWords, minutes, Pace } from './pace.js';
import { Slider } from './slider.js';

const WIDTH = 700; // of the line's own units
const KEEP_AFTER = 800; // milliseconds
const JUMP = 8_000; // characters between two places: so many are not read on

/** @typedef {import('./view.js').Place} Place */

/** Characters before a place. @param {number[]} starts @param {Place} place */
export const charactersBefore = (starts, { section, offset }) => (starts[section] ?? 0) + offset;

/**
 * Where the run of reading began that a place belongs to: it goes on unless the reader went elsewhere.
 * @param {number[]} starts
 * @param {{ since: Place, last: Place }} run
 * @param {Place} place
 * @param {boolean} isJump
 */
export function runTo(starts, { since, last }, place, isJump) {
    const moved = charactersBefore(starts, place) - charactersBefore(starts, last);
    const isOn = !isJump && Math.abs(moved) <= JUMP;
    const isBack = charactersBefore(starts, place) < charactersBefore(starts, since);
    return { since: isOn && !isBack ? since : place, last: place, isOn };
}

export class Track extends EventTarget {
    #reading;
    #foot;
    #pace;
    #slider;
    /** @type {HTMLAnchorElement[]} */ #links;
    /** @type {import('./chapters.js').Entry[]} */ entries;
    /** @type {any} */ #timer = null;
    /** @type {Place | null} */ #unkept = null;
    /** @type {{ since: Place, last: Place }} */ #run;
    #isJump = false;
    /** @type {() => boolean} */ isAtEnd = () => false;

    /**
     * @param {any} reading what the page was given
     * @param {HTMLElement} foot
     */
    constructor(reading, foot) {
        super();
        this.#reading = reading;
        this.#foot = foot;
        this.#pace = new Pace(reading.language);
        this.#links = [.../** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('.toc [data-go][data-depth]'))];
        this.entries = this.#links.map((link) => {
            const [section, start] = (link.dataset.go ?? '').split(':').map(Number);
            return { section, start, depth: Number(link.dataset.depth), title: (link.querySelector('.words') ?? link).textContent ?? '' };
        });
        const place = { section: reading.section, offset: reading.offset };
        this.#run = { since: place, last: place };
        const line = the('[data-part="slider"]', foot);
        this.#slider = new Slider(line, the('[data-part="tip"]', foot), (share) => this.#say(share));
        this.#slider.addEventListener('go', (event) => this.#go(/** @type {CustomEvent} */ (event).detail));
        this.#slider.addEventListener('turn', (event) => this.#turn(/** @type {CustomEvent} */ (event).detail));
        addEventListener('pagehide', () => this.#keep({ keepalive: true }));
        document.addEventListener('visibilitychange', () => document.hidden && this.#keep({ keepalive: true }));
    }

    /** The reader is about to go elsewhere: what lies between is not read. */
    jump() {
        this.#isJump = true;
    }

    /** @param {Place} place @param {{ isNew: boolean }} how a new place is told to the server */
    show(place, { isNew }) {
        const { starts, characters, language } = this.#reading;
        const before = charactersBefore(starts, place);
        const isAtEnd = isNew && this.isAtEnd();
        const share = isAtEnd ? 1 : characters ? Math.min(1, before / characters) : 0;
        if (isNew) this.#came(place, before);
        const at = entryAt(this.entries, place);
        this.#point(at);
        const where = this.where(place, share);
        const [chapter, page, percent] = this.#parts(place, share);
        const shown = [chapter, page && make('span', { class: 'wider' }, page), percent].filter(Boolean);
        the('[data-part="where"]', this.#foot).replaceChildren(...shown.flatMap((part, i) => (i ? [spaced(part), part] : [part])));
        const { measured } = this.#pace;
        const left = [this.#endOf(at, place), characters].map((end) => minutes(Math.max(0, end - before), language, measured));
        const [inChapter, inBook] = isAtEnd ? [gettext('The end'), ''] : leftWords(left[0], left[1]);
        the('[data-part="left"]', this.#foot).replaceChildren(inChapter, inBook && make('span', { class: 'wider' }, ` · ${inBook}`));
        const line = the('[data-part="track"]', this.#foot);
        the('.read', line).setAttribute('width', String(WIDTH * share));
        the('.here', line).setAttribute('x', String(Math.max(0, WIDTH * share - 1.5)));
        this.#slider.set(share, this.entries[at] ? `${this.entries[at].title}. ${where}` : where);
    }

    /** A place in words: chapter, printed page, share. @param {Place} place @param {number} share */
    where(place, share) {
        return this.#parts(place, share).filter(Boolean).join(' · ');
    }

    /** @param {Place} place @param {number} share */
    #parts(place, share) {
        const chapter = chapterAt(this.entries, place);
        const page = pageAt(this.#reading.pages ?? [], place);
        const last = this.#reading.pages?.at(-1)?.[2];
        return [
            chapter ? fill(gettext('Chapter %(number)s of %(count)s'), chapter) : '',
            page ? fill(gettext('page %(page)s of %(last)s'), { page, last }) : '',
            fill(gettext('%(percent)s% read'), { percent: Math.round(share * 100) }),
        ];
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

    /** @param {Place} place @param {number} before characters */
    #came(place, before) {
        const { since, last, isOn } = runTo(this.#reading.starts, this.#run, place, this.#isJump);
        this.#run = { since, last };
        this.#isJump = false;
        this.#pace.came(before, isOn);
        this.#later(place);
    }

    /** Where the chapter ends, in characters of the book. @param {number} at its entry @param {Place} place */
    #endOf(at, place) {
        const { starts, characters } = this.#reading;
        const next = this.entries.slice(at + 1).find(({ section, start }) => section > place.section || start > place.offset);
        if (next) return charactersBefore(starts, { section: next.section, offset: next.start });
        return at < 0 ? (starts[place.section + 1] ?? characters) : characters;
    }

    /** What stands at a share of the book. @param {number} share */
    #say(share) {
        const { section, start } = placeAt(this.#reading.starts, share * this.#reading.characters);
        const place = { section, offset: start };
        const entry = this.entries[entryAt(this.entries, place)];
        return { title: entry?.title ?? '', where: this.where(place, share) };
    }

    /** @param {number} share */
    #go(share) {
        this.dispatchEvent(new CustomEvent('go', { detail: placeAt(this.#reading.starts, share * (this.#reading.characters - 1)) }));
    }

    /** A chapter on or back. @param {number} by */
    #turn(by) {
        const at = entryAt(this.entries, this.#run.last);
        const to = this.entries[Math.max(0, at + by)];
        if (to) this.dispatchEvent(new CustomEvent('go', { detail: { section: to.section, start: to.start } }));
    }

    /** Show where one is in the contents. @param {number} at */
    #point(at) {
        const current = this.#links[at] ?? null;
        if (current?.hasAttribute('aria-current')) return;
        for (const [i, link] of this.#links.entries()) {
            if (link !== current) link.removeAttribute('aria-current');
            link.classList.toggle('later', i > at);
        }
        current?.setAttribute('aria-current', 'location');
        if (current) centre(current);
        this.dispatchEvent(new CustomEvent('shown', { detail: { entry: current } }));
    }

    /** @param {Place} place */
    #later(place) {
        this.#unkept = place;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#keep({ keepalive: false }), KEEP_AFTER);
    }

    /** @param {{ keepalive: boolean }} how */
    async #keep({ keepalive }) {
        const place = this.#unkept;
        if (!place) return;
        this.#unkept = null;
        const body = { ...place, device: deviceId(), device_name: deviceName(), since: this.#run.since, is_end: this.isAtEnd() };
        try {
            const { reach } = await call('PUT', `books/${this.#reading.book}/place`, { body, keepalive });
            this.reached(reach);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.#unkept ??= place; // kept with the next move
        }
    }

    /** @param {{ section: number, offset: number, label: string }} reach how far the reader has read now */
    reached(reach) {
        const { section, offset } = this.#reading.reach ?? { section: 0, offset: 0 };
        if (!reach || (reach.section === section && reach.offset === offset)) return;
        this.#reading.reach = reach;
        this.dispatchEvent(new CustomEvent('reach', { detail: reach }));
    }
}

/** The dot between two parts; it goes with a part that is not always shown. @param {string | HTMLElement} part */
const spaced = (part) => (typeof part === 'string' ? ' · ' : make('span', { class: 'wider' }, ' · '));

/** Bring an entry into the middle of its list, without moving anything else. @param {HTMLElement} entry */
export function centre(entry) {
    const list = entry.closest('.list');
    if (list) list.scrollTop += entry.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 2;
}
