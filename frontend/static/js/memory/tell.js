// @ts-check
/** The form by which a reader tells Mindory something. Event: `told` (detail: the number of what is remembered now, 0: it was taken back). */

import { call, Refusal } from '../lib/api.js';
import { make, the } from '../lib/dom.js';
import { toast, undoable } from '../lib/toasts.js';
import { fill, gettext } from '../lib/words.js';
import { keptAs, startOf } from './asked.js';

const MOST_BOOKS = 200; // to choose from, those opened last
const MOST_VALUES = 200; // of one attribute, among which the one that was replaced is looked for

/** @typedef {{ text: string, type: string, book: string, since: string }} Written what stands in the fields */
/** @typedef {{ id: number, text: string, type: string, subject: string, attribute: string, superseded_by: number | null, valid_to: string | null }} Kept */

export class Telling extends EventTarget {
    #root;
    #form;
    #button;
    #zone;
    #hasBooks = false;

    /** @param {HTMLElement} root */
    constructor(root) {
        super();
        this.#root = root;
        this.#zone = root.dataset.zone ?? 'UTC';
        this.#form = /** @type {HTMLFormElement} */ (the('[data-part="tell"]', root));
        this.#button = the('[data-do="tell"]', root);
        this.#button.addEventListener('click', () => (this.#form.hidden ? this.open() : this.#close()));
        the('[data-do="cancel"]', this.#form).addEventListener('click', () => this.#close());
        this.#form.addEventListener('submit', (event) => {
            event.preventDefault();
            void this.#submit();
        });
        this.#form.addEventListener('keydown', (event) => {
            if (event.isComposing) return;
            if (event.key === 'Escape') this.#close();
            else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#form.requestSubmit();
            else return;
            event.preventDefault();
            event.stopPropagation();
        });
    }

    /** @param {{ book?: string }} [about] the book that is spoken of, unless another is chosen */
    open({ book = '' } = {}) {
        this.#show(true);
        void this.#listBooks(book || new URLSearchParams(location.search).get('book') || '');
        this.#field('text').focus();
    }

    #close() {
        this.#form.reset();
        this.#explain('');
        this.#show(false);
        this.#button.focus();
    }

    /** @param {boolean} isOpen */
    #show(isOpen) {
        this.#form.hidden = !isOpen;
        this.#root.classList.toggle('telling', isOpen); // the page makes room for it
        this.#button.setAttribute('aria-expanded', String(isOpen));
    }

    /** @param {string} name @returns {HTMLInputElement} or a select, or the text */
    #field(name) {
        return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
    }

    /** @returns {Written} */
    #written() {
        const [text, type, book, since] = ['text', 'type', 'book', 'since'].map((name) => this.#field(name).value);
        return { text: text.trim(), type, book, since };
    }

    async #submit() {
        const written = this.#written();
        this.#explain('');
        if (!written.text) return this.#explain(gettext('Write what Mindory shall remember.'));
        if (!this.#field('since').validity.valid) return this.#explain(gettext('This is no whole date.'), 'since');
        if (this.#form.hasAttribute('aria-busy')) return;
        this.#form.setAttribute('aria-busy', 'true');
        try {
            await this.#tell(written);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.#explain(error.message);
        } finally {
            this.#form.removeAttribute('aria-busy');
        }
    }

    /** @param {Written} written */
    async #tell(written) {
        const { text, type, book, since } = written;
        const body = { text, ...(type && { type }), ...(book && { book: Number(book) }), ...(since && { valid_from: startOf(since, this.#zone) }) };
        const { outcome, memory } = await call('POST', 'memory', { body });
        const sentence = keptAs(outcome, { kind: this.#kind(memory.type), known: memory.text, other: await otherValue(outcome, memory) });
        if (outcome === 'repeated' || outcome === 'merged') {
            the('[data-part="tell-said"]', this.#form).textContent = sentence; // nothing new stands in the list
            return;
        }
        this.#close();
        undoable(sentence, gettext('Undo'), () => void this.#undo(memory.id, written));
        this.dispatchEvent(new CustomEvent('told', { detail: memory.id }));
    }

    /** Forget it again, and let the reader go on writing. @param {number} id @param {Written} written */
    async #undo(id, written) {
        try {
            await call('DELETE', `memory/${id}`);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            toast(error.message);
            return;
        }
        this.open({ book: written.book });
        for (const name of /** @type {const} */ (['text', 'type', 'since'])) this.#field(name).value = written[name];
        this.dispatchEvent(new CustomEvent('told', { detail: 0 }));
    }

    /** How the form calls a type. @param {string} type */
    #kind(type) {
        const options = [.../** @type {HTMLSelectElement} */ (/** @type {unknown} */ (this.#field('type'))).options];
        return options.find(({ value }) => value === type)?.text ?? gettext('Something that was said');
    }

    /** Say what is wrong, next to its field; nothing: all is well. @param {string} sentence @param {'text' | 'since'} name */
    #explain(sentence, name = 'text') {
        the('[data-part="tell-said"]', this.#form).textContent = '';
        for (const [each, part] of [['text', 'tell-error'], ['since', 'tell-since-error']]) {
            const isMeant = sentence !== '' && each === name;
            const place = the(`[data-part="${part}"]`, this.#form);
            place.textContent = isMeant ? sentence : '';
            place.hidden = !isMeant;
            this.#field(each).toggleAttribute('aria-invalid', false);
            if (isMeant) this.#field(each).setAttribute('aria-invalid', 'true');
        }
        if (sentence) this.#field(name).focus();
    }

    /** @param {string} chosen */
    async #listBooks(chosen) {
        const list = /** @type {HTMLSelectElement} */ (/** @type {unknown} */ (this.#field('book')));
        if (!this.#hasBooks) {
            this.#hasBooks = true;
            try {
                const { items, count } = await call('GET', `books?sort=opened&limit=${MOST_BOOKS}`);
                for (const { id, title, language } of items) list.append(make('option', { value: id, lang: language || null }, title));
                if (count > items.length) list.append(make('option', { disabled: true }, fill(gettext('The %(count)s you opened last'), { count: items.length })));
            } catch (error) {
                if (!(error instanceof Refusal)) throw error;
                this.#hasBooks = false; // it is asked again when the form is opened the next time
            }
        }
        if (chosen && [...list.options].some(({ value }) => value === chosen)) list.value = chosen;
    }
}

/** The value that a new one replaces, or that came after it. @param {string} outcome @param {Kept} memory @returns {Promise<string>} empty: it cannot be had */
async function otherValue(outcome, { id, subject, attribute, valid_to: until }) {
    if (outcome !== 'superseding' && outcome !== 'history') return '';
    const wanted = new URLSearchParams({ subject, attribute, include_past: 'true', limit: String(MOST_VALUES) });
    try {
        const { items } = await call('GET', `memory?${wanted}`);
        const isIt = (/** @type {any} */ one) => (outcome === 'superseding' ? one.superseded_by === id : until !== null && one.valid_from === until);
        return items.find((/** @type {Kept} */ one) => one.id !== id && isIt(one))?.text ?? '';
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return '';
    }
}
