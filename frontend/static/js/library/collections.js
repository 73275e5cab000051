// @ts-check
/** The reader's own shelves: made, named, filled by a dialog or by dragging covers. Event: `change`. */

import { call, fragment } from '../lib/api.js';
import { parsed, the } from '../lib/dom.js';
import { toast } from '../lib/toasts.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { ask, attempt, dialogOf, fieldOf } from './ask.js';

export class Collections extends EventTarget {
    #shelf;
    #browse;
    /** @type {number[]} the books that the dialog is about */ #books = [];
    #isTouched = false;

    /** @param {import('./shelf.js').Shelf} shelf @param {import('./browse.js').Browse} browse */
    constructor(shelf, browse) {
        super();
        this.#shelf = shelf;
        this.#browse = browse;
        document.addEventListener('click', (event) => this.#click(event));
        const dialog = dialogOf('collect');
        the('[data-part="choices"]', dialog).addEventListener('change', (event) => void this.#tick(/** @type {HTMLInputElement} */ (event.target)));
        the('[data-do="add"]', dialog).addEventListener('click', () => void this.#add());
        fieldOf('collect-name').addEventListener('keydown', (event) => {
            if (event.key !== 'Enter' || event.isComposing) return;
            event.preventDefault(); // it would close the dialog
            void this.#add();
        });
        dialog.addEventListener('close', () => this.#isTouched && this.#changed());
    }

    /** Choose on which collections some books stand. @param {number[]} books */
    async choose(books) {
        this.#books = books;
        this.#isTouched = false;
        const dialog = dialogOf('collect');
        const title = books.length === 1 ? (this.#shelf.item(books[0])?.dataset.title ?? '') : '';
        const many = fill(ngettext('Collections of %(count)s book', 'Collections of %(count)s books', books.length), { count: books.length });
        the('h2', dialog).textContent = title ? fill(gettext('Collections of “%(title)s”'), { title }) : many;
        fieldOf('collect-name').value = '';
        if (await attempt(() => this.#list())) dialog.showModal();
    }

    /** Put books on a collection by its id. @param {number} collection @param {number[]} books @param {string} name */
    async put(collection, books, name) {
        const isDone = await attempt(() => call('POST', `collections/${collection}/put`, { body: { books } }));
        if (!isDone) return;
        const sentence = ngettext('%(count)s book now stands on “%(name)s”.', '%(count)s books now stand on “%(name)s”.', books.length);
        toast(fill(sentence, { count: books.length, name }));
        this.#changed();
    }

    /** Take books off the collection that is shown. @param {number[]} books */
    async take(books) {
        const { collection } = this.#shelf;
        const isDone = await attempt(() => call('POST', `collections/${collection}/take`, { body: { books } }));
        if (!isDone) return;
        for (const book of books) this.#shelf.drop(book);
        this.#changed();
    }

    /** Name a new collection. */
    make() {
        this.#name('', async (name) => {
            const { id } = await call('POST', 'collections', { body: { name } });
            void this.#browse.sidebar();
            await this.#browse.go(`/?collection=${id}`);
        });
    }

    async #list() {
        const place = the('[data-part="choices"]', dialogOf('collect'));
        place.replaceChildren(parsed(await fragment(`/shelf/chosen?books=${this.#books.join(',')}`)));
        for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (place.querySelectorAll('[data-some]'))) box.indeterminate = true;
    }

    /** @param {HTMLInputElement} box */
    async #tick(box) {
        const verb = box.checked ? 'put' : 'take';
        const isDone = await attempt(() => call('POST', `collections/${box.value}/${verb}`, { body: { books: this.#books } }));
        if (!isDone) box.checked = !box.checked;
        this.#isTouched ||= isDone;
    }

    async #add() {
        const field = fieldOf('collect-name');
        const name = field.value.trim();
        if (!name) return field.focus();
        await attempt(async () => {
            const { id } = await call('POST', 'collections', { body: { name } });
            await call('POST', `collections/${id}/put`, { body: { books: this.#books } });
            field.value = '';
            this.#isTouched = true;
            await this.#list();
        });
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-do$="-collection"]'));
        if (!button) return;
        event.preventDefault();
        const { name = '' } = this.#shelf.section.dataset;
        const { collection } = this.#shelf;
        if (button.dataset.do === 'new-collection') this.make();
        if (button.dataset.do === 'rename-collection') {
            this.#name(name, async (renamed) => {
                await call('PATCH', `collections/${collection}`, { body: { name: renamed } });
                void this.#browse.again();
                this.#changed();
            });
        }
        if (button.dataset.do === 'delete-collection') this.#delete(collection, name);
    }

    /** @param {number} collection @param {string} name */
    #delete(collection, name) {
        const dialog = dialogOf('delete-collection');
        the('h2', dialog).textContent = fill(gettext('Delete the collection “%(name)s”?'), { name });
        ask(dialog, async () => {
            await call('DELETE', `collections/${collection}`);
            await this.#browse.go('/');
            this.#changed();
        });
    }

    /** @param {string} name @param {(name: string) => Promise<void>} deed */
    #name(name, deed) {
        const dialog = dialogOf('name-collection');
        const title = the('h2', dialog);
        title.textContent = (name ? title.dataset.other : title.dataset.new) ?? '';
        const field = fieldOf('collection-name');
        field.value = name;
        ask(dialog, () => deed(field.value.trim()));
        field.select();
    }

    #changed() {
        this.dispatchEvent(new CustomEvent('change'));
    }
}
