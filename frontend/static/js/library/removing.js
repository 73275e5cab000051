// @ts-check
/** Deleting at once, and taking it back for a while. Event: `change`. */

import { call } from '../lib/api.js';
import { undoable } from '../lib/toasts.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { attempt } from './ask.js';

/** @typedef {{ item: HTMLElement, before: Element | null }} Place where a cover stood */

export class Removing extends EventTarget {
    #shelf;
    #jobs;

    /** @param {import('./shelf.js').Shelf} shelf @param {import('./jobs.js').Jobs} jobs */
    constructor(shelf, jobs) {
        super();
        this.#shelf = shelf;
        this.#jobs = jobs;
    }

    /** @param {number[]} books */
    async remove(books) {
        const title = this.#title(books[0]);
        const places = this.#places(books);
        const isDone = await attempt(() => call('POST', 'shelf/remove', { body: { books } }));
        if (!isDone) return;
        for (const book of books) {
            this.#shelf.drop(book);
            this.#jobs.drop(book);
        }
        const many = fill(ngettext('%(count)s book deleted.', '%(count)s books deleted.', books.length), { count: books.length });
        const one = fill(gettext('“%(title)s” deleted.'), { title });
        undoable(books.length === 1 && title ? one : many, gettext('Undo'), () => void this.#restore(books, places));
        this.#changed();
    }

    /** @param {number[]} books @param {Place[]} places */
    async #restore(books, places) {
        const isDone = await attempt(() => call('POST', 'shelf/restore', { body: { books } }));
        if (!isDone) return;
        for (const { item, before } of places.reverse()) {
            const there = this.#shelf.item(Number(item.dataset.book));
            if (there) there.remove();
            this.#shelf.bring(item, before, there ? 0 : 1);
        }
        /** @type {HTMLElement | null} */ (places.at(-1)?.item.querySelector('a'))?.focus();
        this.#changed();
    }

    /** @param {number[]} books @returns {Place[]} */
    #places(books) {
        const items = this.#shelf.items.filter((item) => books.includes(Number(item.dataset.book)));
        return items.map((item) => ({ item, before: item.nextElementSibling }));
    }

    /** @param {number} book */
    #title(book) {
        return this.#shelf.item(book)?.dataset.title ?? this.#jobs.row(book)?.dataset.title ?? '';
    }

    #changed() {
        this.dispatchEvent(new CustomEvent('change'));
    }
}
