// @ts-check
/** Good or bad, and why, in a small panel at the button. */

import { the } from '../lib/dom.js';
import { showAt, wirePop } from './pop.js';

/** @typedef {import('./thread.js').Turn} Turn */

export class Feedback {
    #pop = the('[data-part="feedback"]');
    #reason = /** @type {HTMLInputElement} */ (the('input', this.#pop));
    #vote;
    /** @type {Turn | null} */ #turn = null;

    /** @param {(turn: Turn, value: number, reason: string) => void} vote */
    constructor(vote) {
        this.#vote = vote;
        wirePop(this.#pop);
        the('form', this.#pop).addEventListener('submit', (event) => {
            event.preventDefault();
            this.#pop.hidePopover();
            this.#say(this.#reason.value.trim());
        });
        this.#pop.addEventListener('click', (event) => {
            const said = /** @type {Element} */ (event.target).closest('[data-reason]');
            if (!said) return;
            this.#pop.hidePopover();
            this.#say(said.textContent ?? '');
        });
    }

    /** The vote counts at once; the reason may follow. Pressed again it is taken back. @param {Turn} turn @param {1 | -1} value @param {Element} button */
    press(turn, value, button) {
        const isTaken = turn.feedback === value;
        this.#turn = { ...turn, feedback: value };
        this.#vote(turn, isTaken ? 0 : value, '');
        if (isTaken) return;
        this.#reason.value = '';
        this.#pop.dataset.value = value > 0 ? 'good' : 'bad';
        const place = `.turn[data-reply="${turn.reply}"] [data-do="${button.getAttribute('data-do')}"]`;
        showAt(this.#pop, document.querySelector(place) ?? button);
    }

    /** @param {string} reason */
    #say(reason) {
        if (this.#turn && reason) this.#vote(this.#turn, this.#turn.feedback, reason);
    }
}
