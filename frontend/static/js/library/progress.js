// @ts-check
/** What a book frame says in words and shares: pure, so that a test can read it. */

import { fill, gettext, ngettext } from '../lib/words.js';

/** @typedef {{ state: string, step: string, done: number, total: number }} Frame */

const RUNNING = ['queued', 'reading', 'recognising', 'splitting', 'indexing', 'embedding'];

/** Whether the book is still on its way. @param {string} state */
export const isRunning = (state) => RUNNING.includes(state);

/** Whole percent of the running step; 0 while the total is not known. @param {Frame} frame */
export const percent = ({ done, total }) => (total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 0);

/** The name of a step, as the segment says it. @param {string} step */
export function stepName(step) {
    const names = {
        reading: gettext('Reading'), recognising: gettext('Recognising text'),
        splitting: gettext('Splitting'), indexing: gettext('Indexing'), embedding: gettext('Embedding'),
    };
    return /** @type {Record<string, string>} */ (names)[step] ?? '';
}

/**
 * How the segment of `steps` stands.
 * @param {string[]} steps
 * @param {Frame} frame
 * @returns {'done' | 'current' | 'ahead' | 'kept'} kept: as it stands, for a book that waits again keeps what is done
 */
export function standing(steps, { state }) {
    if (state === 'queued') return 'kept';
    if (steps.includes(state)) return 'current';
    return RUNNING.indexOf(state) > RUNNING.indexOf(steps[steps.length - 1]) ? 'done' : 'ahead';
}

/**
 * The real counts, in words.
 * @param {Frame} frame
 * @param {number | null} seconds left, when that can be said
 */
export function counts({ state, done, total }, seconds) {
    if (state === 'queued') return gettext('Waiting for its turn');
    if (state === 'embedding' && seconds !== null) return timeLeft(seconds);
    if (!total) return '';
    return fill(gettext('%(done)s of %(total)s'), { done, total });
}

/** @param {number} seconds */
function timeLeft(seconds) {
    if (seconds < 90) {
        const rounded = Math.max(1, seconds < 10 ? Math.ceil(seconds) : Math.ceil(seconds / 10) * 10);
        return fill(ngettext('About %(count)s s left', 'About %(count)s s left', rounded), { count: rounded });
    }
    const minutes = Math.round(seconds / 60);
    return fill(ngettext('About %(count)s min left', 'About %(count)s min left', minutes), { count: minutes });
}

/** Seconds left in a step, from how it went since it was first seen; null until that means something. */
export class Pace {
    #step = '';
    #from = { done: 0, at: 0 };

    /** @param {Frame} frame @param {number} now milliseconds @returns {number | null} */
    left({ state, done, total }, now) {
        if (state !== this.#step || done < this.#from.done) {
            this.#step = state;
            this.#from = { done, at: now };
        }
        const [grown, passed] = [done - this.#from.done, (now - this.#from.at) / 1000];
        return total > done && grown > 0 && passed >= 2 ? ((total - done) * passed) / grown : null;
    }
}
