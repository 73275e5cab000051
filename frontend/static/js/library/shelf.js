// @ts-check
/** The covers: their menu, deleting, renaming, filtering by title. Event: `change`. */

import { call, Refusal } from '../lib/api.js';
import { make, the } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';

const TOAST = 8000; // milliseconds; it waits while someone is on it

export class Shelf extends EventTarget {
    #root;
    #list;
    /** @type {HTMLElement | null} */ #menu = null;

    /** @param {HTMLElement} root the library page */
    constructor(root) {
        super();
        this.#root = root;
        this.#list = the('[data-part="shelf"]', root);
        this.#list.addEventListener('click', (event) => this.#click(event));
        document.addEventListener('click', (event) => {
            if (this.#menu && !/** @type {Element} */ (event.target).closest('[data-do="menu"], .floating')) this.#closeMenu();
        });
        document.addEventListener('keydown', (event) => event.key === 'Escape' && this.#closeMenu());
    }

    get count() {
        return this.#list.children.length;
    }

    /** @param {number} book */
    has(book) {
        return this.#item(book) !== null;
    }

    /** Put a cover in its place, first when it is new. @param {HTMLElement} cover */
    put(cover) {
        const old = this.#item(Number(cover.dataset.book));
        if (old) old.replaceWith(cover);
        else {
            cover.classList.add('fresh');
            this.#list.prepend(cover);
        }
        this.#changed();
    }

    /** @param {number} book */
    drop(book) {
        for (const item of document.querySelectorAll(`.shelf [data-book="${book}"], .resume [data-book="${book}"]`)) item.remove();
        if (!document.querySelector('.resume [data-book]')) document.querySelector('.resume')?.remove();
        this.#changed();
    }

    /** Show only the books whose title or author has these words. @param {string} words */
    filter(words) {
        const wanted = words.toLowerCase();
        for (const item of /** @type {HTMLElement[]} */ ([...this.#list.children])) {
            item.hidden = !`${item.dataset.title} ${item.dataset.authors}`.toLowerCase().includes(wanted);
        }
    }

    /** @param {string} sentence @param {Node | null} [more] */
    toast(sentence, more = null) {
        const toast = make('div', { class: 'toast' }, make('span', {}, sentence), more);
        const leave = () => (toast.matches(':hover, :focus-within') ? setTimeout(leave, 2000) : toast.remove());
        the('[data-part="toasts"]').append(toast);
        setTimeout(leave, TOAST);
    }

    /** Delete a book if its reader says so again. @param {number} book @param {string} title */
    askToDelete(book, title) {
        const dialog = /** @type {HTMLDialogElement} */ (the('#delete-book'));
        the('h2', dialog).textContent = fill(gettext('Delete “%(title)s”?'), { title });
        this.#ask(dialog, () => this.#delete(book));
    }

    /** @param {number} book */
    async #delete(book) {
        await call('DELETE', `books/${book}`);
        document.querySelector(`.job[data-book="${book}"]`)?.remove();
        this.drop(book);
    }

    /** @param {HTMLElement} item */
    #askToRename(item) {
        const dialog = /** @type {HTMLDialogElement} */ (the('#rename-book'));
        const [title, authors] = [/** @type {HTMLInputElement} */ (the('#new-title')), /** @type {HTMLInputElement} */ (the('#new-authors'))];
        [title.value, authors.value] = [item.dataset.title ?? '', item.dataset.authors ?? ''];
        this.#ask(dialog, async () => {
            const names = authors.value.split(/[,，、]/).map((name) => name.trim()).filter(Boolean);
            await call('PATCH', `books/${item.dataset.book}`, { body: { title: title.value.trim(), authors: names } });
            this.dispatchEvent(new CustomEvent('renamed', { detail: Number(item.dataset.book) }));
        });
    }

    /** @param {HTMLDialogElement} dialog @param {() => Promise<void>} deed */
    #ask(dialog, deed) {
        dialog.returnValue = '';
        dialog.querySelector('[data-do="close"]')?.addEventListener('click', () => dialog.close(), { once: true });
        dialog.addEventListener('close', () => void (dialog.returnValue === 'yes' && this.#try(deed)), { once: true });
        dialog.showModal();
    }

    /** @param {() => Promise<void>} deed */
    async #try(deed) {
        try {
            await deed();
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.toast(error.message);
        }
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-do]'));
        const item = /** @type {HTMLElement | null} */ (button?.closest('li[data-book]') ?? null);
        if (!button || !item) return;
        const deed = button.dataset.do;
        if (deed === 'menu') return this.#openMenu(item, button);
        this.#closeMenu();
        if (deed === 'rename') this.#askToRename(item);
        if (deed === 'remove') this.askToDelete(Number(item.dataset.book), item.dataset.title ?? '');
    }

    /** @param {HTMLElement} item @param {HTMLElement} button */
    #openMenu(item, button) {
        const wasOpen = button.getAttribute('aria-expanded') === 'true';
        this.#closeMenu();
        if (wasOpen) return;
        const template = /** @type {HTMLTemplateElement} */ (the('#book-menu'));
        const menu = /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.cloneNode(true)).firstElementChild);
        menu.classList.add('floating');
        /** @type {HTMLAnchorElement} */ (the('[data-do="read"]', menu)).href = /** @type {HTMLAnchorElement} */ (the('a', item)).href;
        /** @type {HTMLAnchorElement} */ (the('[data-do="about"]', menu)).href = `/books/${item.dataset.book}/about`;
        button.after(menu);
        button.setAttribute('aria-expanded', 'true');
        the('.item', menu).focus();
        this.#menu = menu;
    }

    #closeMenu() {
        if (!this.#menu) return;
        const button = /** @type {HTMLElement} */ (this.#menu.previousElementSibling);
        button.setAttribute('aria-expanded', 'false');
        if (this.#menu.contains(document.activeElement)) button.focus();
        this.#menu.remove();
        this.#menu = null;
    }

    /** @param {number} book @returns {HTMLElement | null} */
    #item(book) {
        return this.#list.querySelector(`:scope > [data-book="${book}"]`);
    }

    #changed() {
        the('[data-part="shelf-count"]', this.#root).textContent = String(this.count);
        this.dispatchEvent(new CustomEvent('change'));
    }
}
