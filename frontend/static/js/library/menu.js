// @ts-check
/** The menu of a book. Events: `remove`, `collect`, `take` (detail: the books' ids), `renamed` (detail: the id). */

import { call } from '../lib/api.js';
import { the } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';
import { ask, dialogOf, fieldOf } from './ask.js';

/** Let an entry lead to a shelf, if there is one. @param {HTMLElement} entry @param {string} by @param {string | undefined} name @param {string} words */
function lead(entry, by, name, words) {
    entry.hidden = !name;
    the('span', entry).textContent = fill(words, { name: name ?? '' });
    /** @type {HTMLAnchorElement} */ (entry).href = `/?${new URLSearchParams({ [by]: name ?? '' })}`;
}

export class Menu extends EventTarget {
    #shelf;
    /** @type {HTMLElement | null} */ #open = null;

    /** @param {HTMLElement} root @param {import('./shelf.js').Shelf} shelf */
    constructor(root, shelf) {
        super();
        this.#shelf = shelf;
        root.addEventListener('click', (event) => this.#click(event));
        root.addEventListener('keydown', (event) => this.#walk(event));
        document.addEventListener('click', (event) => {
            if (!/** @type {Element} */ (event.target).closest('[data-do="menu"], .floating')) this.close();
        });
        document.addEventListener('keydown', (event) => event.key === 'Escape' && this.close());
    }

    /** Open the menu of a cover, or close it. @param {HTMLElement} item */
    toggle(item) {
        const button = the('[data-do="menu"]', item);
        const wasOpen = button.getAttribute('aria-expanded') === 'true';
        this.close();
        if (wasOpen) return;
        const { content } = /** @type {HTMLTemplateElement} */ (the('#book-menu'));
        const menu = /** @type {HTMLElement} */ (/** @type {Element} */ (content.cloneNode(true)).firstElementChild);
        menu.classList.add('floating');
        /** @type {HTMLAnchorElement} */ (the('[data-do="read"]', menu)).href = `/books/${item.dataset.book}/`;
        /** @type {HTMLAnchorElement} */ (the('[data-do="about"]', menu)).href = `/books/${item.dataset.book}/about`;
        const { author, series } = item.dataset;
        lead(the('[data-do="author"]', menu), 'author', author, gettext('More by %(name)s'));
        lead(the('[data-do="series"]', menu), 'series', series, gettext('The series %(name)s'));
        the('[data-do="take"]', menu).hidden = !this.#shelf.collection;
        button.after(menu);
        button.setAttribute('aria-expanded', 'true');
        const { bottom } = menu.getBoundingClientRect();
        if (bottom > innerHeight) menu.scrollIntoView({ block: 'nearest' });
        the('.item', menu).focus();
        this.#open = menu;
    }

    close() {
        if (!this.#open) return;
        const button = /** @type {HTMLElement | null} */ (this.#open.parentElement?.querySelector('[data-do="menu"]'));
        button?.setAttribute('aria-expanded', 'false');
        if (this.#open.contains(document.activeElement)) button?.focus();
        this.#open.remove();
        this.#open = null;
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('.shelf [data-do]'));
        const item = /** @type {HTMLElement | null} */ (button?.closest('li[data-book]') ?? null);
        if (!button || !item) return;
        const deed = button.dataset.do ?? '';
        if (deed === 'menu') return this.toggle(item);
        this.close();
        if (deed === 'rename') this.#rename(item);
        else if (['remove', 'collect', 'take'].includes(deed)) this.dispatchEvent(new CustomEvent(deed, { detail: [Number(item.dataset.book)] }));
    }

    /** Arrows move in the menu. @param {KeyboardEvent} event */
    #walk(event) {
        if (!this.#open?.contains(document.activeElement)) return;
        const items = /** @type {HTMLElement[]} */ ([...this.#open.querySelectorAll('.item:not([hidden])')]);
        const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
        const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
        if (event.key === 'Tab') return this.close();
        if (to === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        items[(to + items.length) % items.length].focus();
    }

    /** @param {HTMLElement} item */
    #rename(item) {
        const [title, authors] = [fieldOf('new-title'), fieldOf('new-authors')];
        [title.value, authors.value] = [item.dataset.title ?? '', item.dataset.authors ?? ''];
        ask(dialogOf('rename-book'), async () => {
            const names = authors.value.split(/[,，、]/).map((name) => name.trim()).filter(Boolean);
            await call('PATCH', `books/${item.dataset.book}`, { body: { title: title.value.trim(), authors: names } });
            this.dispatchEvent(new CustomEvent('renamed', { detail: Number(item.dataset.book) }));
        });
    }
}
