// @ts-check
/**
 * The field for questions, with the words a question is about. What is written is kept until it is sent.
 * Events: `ask` (detail: the words), `stop`, `last` (`↑` in an empty field), `dropped` (the words it is about were taken off).
 */

import { make, the } from '../lib/dom.js';
import { aboutWords, kindOf } from './asked.js';

export class Composer extends EventTarget {
    #field;
    #send;
    #stop;
    #about;
    #isWriting = false;
    /** Whether nothing may be sent now; what is written stays. */ isHeld = false;
    #draft = '';

    /** @param {HTMLFormElement} form */
    constructor(form) {
        super();
        this.#field = /** @type {HTMLTextAreaElement} */ (the('textarea', form));
        this.#send = the('[data-part="send"]', form);
        this.#stop = the('[data-part="stop"]', form);
        this.#about = the('[data-part="about"]', form);
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.#ask();
        });
        this.#field.addEventListener('keydown', (event) => this.#key(event));
        this.#field.addEventListener('input', () => this.#changed());
        this.#stop.addEventListener('click', () => this.dispatchEvent(new CustomEvent('stop')));
        the('[data-part="unattach"]', form).addEventListener('click', () => {
            this.dispatchEvent(new CustomEvent('dropped'));
            this.focus();
        });
    }

    focus() {
        this.#field.focus();
    }

    /** Whether an answer is being written: then the button stops it. @param {boolean} isWriting */
    set isWriting(isWriting) {
        if (isWriting === this.#isWriting) return;
        this.#isWriting = isWriting;
        const hadFocus = document.activeElement === (isWriting ? this.#send : this.#stop);
        this.#send.hidden = isWriting;
        this.#stop.hidden = !isWriting;
        if (hadFocus) (isWriting ? this.#stop : this.#field).focus();
    }

    get isWriting() {
        return this.#isWriting;
    }

    /** Take up what was being written in a conversation. @param {string} name */
    set draft(name) {
        this.#draft = `draft:${name}`;
        this.#field.value = kept(this.#draft);
        this.#grow();
    }

    /** What was written before the conversation had a number stays with it. @param {string} name */
    renameDraft(name) {
        keep(this.#draft, '');
        this.#draft = `draft:${name}`;
        this.#changed();
    }

    /** @param {string} words */
    set placeholder(words) {
        this.#field.placeholder = words;
    }

    /** The words of a book the next question is about. @param {import('./thread.js').About | null} about */
    set about(about) {
        this.#about.hidden = about === null;
        const words = about ? [make('b', {}, kindOf(about)), ' ', make('span', { dir: 'auto' }, aboutWords(about))] : [];
        the('[data-part="aboutwords"]', this.#about).replaceChildren(...words);
    }

    #ask() {
        const words = this.#field.value.trim();
        if (this.isHeld || this.#isWriting || (!words && this.#about.hidden)) return;
        this.#field.value = '';
        this.#changed();
        this.dispatchEvent(new CustomEvent('ask', { detail: words }));
    }

    #changed() {
        keep(this.#draft, this.#field.value);
        this.#grow();
    }

    /** Where the browser cannot size a field by its words (css/chat.css bounds it). */
    #grow() {
        if (CSS.supports('field-sizing', 'content')) return;
        this.#field.style.height = 'auto';
        this.#field.style.height = `${this.#field.scrollHeight}px`;
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        if (event.isComposing || event.keyCode === 229) return; // Enter that chooses a character sends nothing
        if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            this.#ask();
        } else if (event.key === 'ArrowUp' && !this.#field.value && !this.#isWriting) {
            event.preventDefault();
            this.dispatchEvent(new CustomEvent('last'));
        }
    }
}

/** @param {string} name */
function kept(name) {
    try {
        return sessionStorage.getItem(name) ?? '';
    } catch {
        return ''; // a browser that keeps nothing
    }
}

/** @param {string} name @param {string} words */
function keep(name, words) {
    try {
        if (words) sessionStorage.setItem(name, words);
        else sessionStorage.removeItem(name);
    } catch {
        // the draft lives as long as the page
    }
}
