// @ts-check
/** A sentence at the foot of the page, for eight seconds; it waits while someone is on it. */

import { make, the } from './dom.js';

const LASTS = 8000; // milliseconds

/**
 * @param {string} sentence
 * @param {Node | null} [more] a button or a link
 * @returns {HTMLElement}
 */
export function toast(sentence, more = null) {
    const shown = make('div', { class: 'toast' }, make('span', {}, sentence), more);
    the('[data-part="toasts"]').append(shown);
    const clock = new Countdown(() => shown.remove(), LASTS);
    for (const [on, off] of [['pointerenter', 'pointerleave'], ['focusin', 'focusout']]) {
        shown.addEventListener(on, () => clock.stop());
        shown.addEventListener(off, () => shown.matches(':hover, :focus-within') || clock.start());
    }
    clock.start();
    return shown;
}

/**
 * A sentence that can be taken back.
 * @param {string} sentence
 * @param {string} word of the button
 * @param {() => void} back
 */
export function undoable(sentence, word, back) {
    const button = make('button', { class: 'btn small', type: 'button' }, word);
    const shown = toast(sentence, button);
    button.addEventListener('click', () => {
        shown.remove();
        back();
    });
}

/** Time that can be stopped and goes on with what is left. */
export class Countdown {
    #over;
    #left;
    #since = 0;
    #timer = 0;

    /** @param {() => void} over @param {number} milliseconds */
    constructor(over, milliseconds) {
        this.#over = over;
        this.#left = milliseconds;
    }

    start() {
        if (this.#timer) return;
        this.#since = Date.now();
        this.#timer = Number(setTimeout(this.#over, this.#left));
    }

    stop() {
        if (!this.#timer) return;
        clearTimeout(this.#timer);
        this.#timer = 0;
        this.#left = Math.max(0, this.#left - (Date.now() - this.#since));
    }
}
