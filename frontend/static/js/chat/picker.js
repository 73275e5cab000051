// @ts-check
/** A dialog in which books of the library are chosen. */

import { fragment, Refusal } from '../lib/api.js';
import { make, the } from '../lib/dom.js';
import { fill, gettext, ngettext } from '../lib/words.js';

/** @typedef {{ id: number, title: string }} Titled */

const PAUSE = 180; // milliseconds without a key until it is searched

export class BookPicker {
    #dialog = /** @type {HTMLDialogElement} */ (the('[data-part="bookpicker"]'));
    #search = /** @type {HTMLInputElement} */ (the('input[type="search"]', this.#dialog));
    #list = the('[data-part="choices"]', this.#dialog);
    #count = the('[data-part="chosen"]', this.#dialog);
    #done = /** @type {HTMLButtonElement} */ (the('[value="yes"]', this.#dialog));
    /** @type {Map<number, Titled>} */ #chosen = new Map();
    /** @type {any} */ #pause = null;
    #asked = 0;

    constructor() {
        the('[data-close]', this.#dialog).addEventListener('click', () => this.#dialog.close(''));
        this.#search.addEventListener('input', () => {
            clearTimeout(this.#pause);
            this.#pause = setTimeout(() => void this.#find(), PAUSE);
        });
        this.#search.addEventListener('keydown', (event) => {
            if (event.key === 'Enter' && !event.isComposing) event.preventDefault(); // not the end of choosing
        });
        this.#list.addEventListener('change', (event) => this.#ticked(/** @type {HTMLInputElement} */ (event.target)));
    }

    /** @param {Titled[]} books chosen so far @returns {Promise<Titled[] | null>} null: nothing is to change */
    async pick(books) {
        this.#chosen = new Map(books.map((book) => [book.id, book]));
        this.#search.value = '';
        this.#dialog.returnValue = '';
        this.#dialog.showModal();
        this.#tell();
        void this.#find();
        await new Promise((resolve) => this.#dialog.addEventListener('close', resolve, { once: true }));
        return this.#dialog.returnValue === 'yes' ? [...this.#chosen.values()] : null;
    }

    async #find() {
        const asked = ++this.#asked;
        try {
            const html = await fragment(`/talks/books?q=${encodeURIComponent(this.#search.value.trim())}`);
            if (asked !== this.#asked) return;
            const read = document.createElement('template');
            read.innerHTML = html; // our own server's fragment
            this.#list.replaceChildren(read.content);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.#list.replaceChildren(make('li', { class: 'none small' }, error.message));
        }
        for (const box of this.#list.querySelectorAll('input')) box.checked = this.#chosen.has(Number(box.value));
    }

    /** @param {HTMLInputElement} box */
    #ticked(box) {
        const id = Number(box.value);
        if (box.checked) this.#chosen.set(id, { id, title: box.dataset.title ?? '' });
        else this.#chosen.delete(id);
        this.#tell();
    }

    #tell() {
        const count = this.#chosen.size;
        this.#done.disabled = count === 0;
        this.#count.textContent = count ? fill(ngettext('%(count)s book chosen', '%(count)s books chosen', count), { count }) : gettext('None chosen yet');
    }
}
