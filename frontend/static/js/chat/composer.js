// @ts-check
/** The field for questions. Events: `ask` (detail: the words), `stop`. */

import { the } from '../lib/dom.js';

export class Composer extends EventTarget {
    #field;
    #send;
    #stop;
    #isWriting = false;
    #last = '';

    /** @param {HTMLFormElement} form */
    constructor(form) {
        super();
        this.#field = /** @type {HTMLTextAreaElement} */ (the('textarea', form));
        this.#send = the('[data-part="send"]', form);
        this.#stop = the('[data-part="stop"]', form);
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.#ask();
        });
        this.#field.addEventListener('keydown', (event) => this.#key(event));
        this.#stop.addEventListener('click', () => this.dispatchEvent(new CustomEvent('stop')));
    }

    focus() {
        this.#field.focus();
    }

    /** Whether an answer is being written: then the button stops it. @param {boolean} isWriting */
    set isWriting(isWriting) {
        if (isWriting === this.#isWriting) return;
        this.#isWriting = isWriting;
        this.#send.hidden = isWriting;
        this.#stop.hidden = !isWriting;
    }

    get isWriting() {
        return this.#isWriting;
    }

    /** The question `↑` brings back. @param {string} question */
    set last(question) {
        this.#last = question;
    }

    #ask() {
        const words = this.#field.value.trim();
        if (!words || this.#isWriting) return;
        this.#field.value = '';
        this.dispatchEvent(new CustomEvent('ask', { detail: words }));
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        if (event.isComposing || event.keyCode === 229) return; // Enter that chooses a character sends nothing
        if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            this.#ask();
        } else if (event.key === 'ArrowUp' && !this.#field.value && this.#last) {
            event.preventDefault();
            this.#field.value = this.#last;
        }
    }
}
