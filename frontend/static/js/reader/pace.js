// @ts-check
/**
 * How fast this reader reads, measured as they read on, and how much time is left. Kept in this browser, one pace for
 * every language; a new one counts little at first, old ones less and less.
 */

import { fill, ngettext } from '../lib/words.js';

// Characters a minute before anything is measured: about 230 English words, or 400 Chinese characters.
const USUAL = { zh: 400, ja: 500, ko: 500 };
const USUAL_PACE = 1250;
const SHORTEST = 3_000; // milliseconds: less is leafing through
const LONGEST = 240_000; // more is a pause
const SLOWEST = 0.2; // of the usual pace: what lies outside was no reading
const FASTEST = 4;
const TRUST = 4; // minutes of usual reading that count beside what was measured
const MEMORY = 90; // minutes that count

/** @typedef {{ characters: number, minutes: number }} Measured */

/** @param {string} language */
const usual = (language) => /** @type {Record<string, number>} */ (USUAL)[language.slice(0, 2)] ?? USUAL_PACE;

/**
 * Characters a minute.
 * @param {string} language
 * @param {Measured} [measured]
 */
export function pace(language, { characters, minutes } = { characters: 0, minutes: 0 }) {
    return (characters + usual(language) * TRUST) / (minutes + TRUST);
}

/**
 * Take a stretch that was read into account.
 * @param {Measured} measured
 * @param {{ characters: number, time: number, language: string }} stretch `time` in milliseconds
 * @returns {Measured}
 */
export function measure(measured, { characters, time, language }) {
    const speed = (characters / time) * 60_000;
    const isReading = time >= SHORTEST && time <= LONGEST && speed > SLOWEST * usual(language) && speed < FASTEST * usual(language);
    if (!isReading) return measured;
    const minutes = measured.minutes + time / 60_000;
    const kept = Math.min(1, MEMORY / minutes);
    return { characters: (measured.characters + characters) * kept, minutes: minutes * kept };
}

/**
 * Whole minutes for so many characters; at least one.
 * @param {number} characters
 * @param {string} language
 * @param {Measured} [measured]
 */
export const minutes = (characters, language, measured) => Math.max(1, Math.round(characters / pace(language, measured)));

/** What is left, in words: of the chapter, and of the book where that is more. @param {number} chapter minutes @param {number} book minutes */
export function leftWords(chapter, book) {
    const inChapter = fill(ngettext('%(count)s min left in this chapter', '%(count)s min left in this chapter', chapter), { count: chapter });
    if (book <= chapter) return [inChapter, ''];
    const hours = Math.round(book / 60);
    const inBook =
        book < 90
            ? fill(ngettext('%(count)s min in the book', '%(count)s min in the book', book), { count: book })
            : fill(ngettext('%(count)s h in the book', '%(count)s h in the book', hours), { count: hours });
    return [inChapter, inBook];
}

/** The pace of one language, in this browser. */
export class Pace {
    #language;
    #name;
    /** @type {Measured} */ measured;
    /** @type {{ before: number, time: number } | null} */ #last = null;

    /** @param {string} language */
    constructor(language) {
        this.#language = language;
        this.#name = `pace-${language.slice(0, 2) || 'xx'}`;
        this.measured = { characters: 0, minutes: 0 };
        try {
            const { characters, minutes: kept } = JSON.parse(localStorage.getItem(this.#name) ?? '{}');
            if (characters > 0 && kept > 0) this.measured = { characters, minutes: kept };
        } catch {
            // not measured yet
        }
    }

    /** A place was come to; it counts when it was reached by reading on. @param {number} before characters before it @param {boolean} isOn */
    came(before, isOn) {
        const [time, last] = [Date.now(), this.#last];
        this.#last = { before, time };
        if (!last || !isOn || before <= last.before || document.hidden) return;
        this.measured = measure(this.measured, { characters: before - last.before, time: time - last.time, language: this.#language });
        try {
            localStorage.setItem(this.#name, JSON.stringify(this.measured));
        } catch {
            // it is measured anew next time
        }
    }
}
