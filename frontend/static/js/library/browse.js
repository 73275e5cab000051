// @ts-check
/** Going from shelf to shelf without leaving the page, so that uploads go on. The address says what is shown. */

import { fragment, Refusal } from '../lib/api.js';
import { parsed, the } from '../lib/dom.js';
import { freshSidebar } from '../lib/sidebar.js';
import { toast } from '../lib/toasts.js';
import { gettext, ngettext, fill } from '../lib/words.js';

export class Browse extends EventTarget {
    #root;
    #shelf;
    #asked = 0;

    /** @param {HTMLElement} root @param {import('./shelf.js').Shelf} shelf */
    constructor(root, shelf) {
        super();
        this.#root = root;
        this.#shelf = shelf;
        document.addEventListener('click', (event) => this.#click(event));
        document.addEventListener('change', (event) => this.#choose(event));
        root.addEventListener('toggle', (event) => void this.#toggle(event), { capture: true });
        document.addEventListener('keydown', (event) => event.key === 'Escape' && closeDrops());
        addEventListener('popstate', () => void this.go(location.href, { isNew: false }));
    }

    /** The address without what only opens something. */
    get here() {
        const { searchParams: asked } = new URL(location.href);
        for (const name of ['from', 'new', 'view']) asked.delete(name);
        return asked.size ? `/?${asked}` : '/';
    }

    /**
     * Show the shelf of an address of the library.
     * @param {string} address
     * @param {{ isNew?: boolean, focus?: string }} [how] `focus` is a selector; by default the heading
     */
    async go(address, { isNew = true, focus = 'h2' } = {}) {
        const { search } = new URL(address, location.href);
        const asked = ++this.#asked;
        const section = this.#shelf.section;
        section.setAttribute('aria-busy', 'true');
        try {
            const next = parsed(await fragment(`/shelf/${search}`));
            if (asked !== this.#asked) return;
            if (isNew) history.pushState(null, '', search || '/');
            this.#shelf.replace(next);
            this.#mark();
            if (isNew && this.#root.getBoundingClientRect().top < 0 && focus === 'h2') scrollTo({ top: 0 });
            /** @type {HTMLElement | null} */ (next.querySelector(focus))?.focus({ preventScroll: true });
            this.#say();
            this.dispatchEvent(new CustomEvent('gone'));
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            section.removeAttribute('aria-busy');
            toast(error.message);
        }
    }

    /** Show the same shelf as it is now. */
    again() {
        return this.go(this.here, { isNew: false, focus: 'none' });
    }

    /** Show the same shelf as it is now under the reader's eyes: with as much of it as is there, at the same place. */
    async fresh() {
        const { section, list } = this.#shelf;
        const asked = this.#asked;
        const wanted = new URLSearchParams(section.dataset.query); // the address may be that of a search
        wanted.set('upto', String(list.children.length));
        let next;
        try {
            next = parsed(await fragment(`/shelf/?${wanted}`));
        } catch (error) {
            if (error instanceof Refusal) return; // nobody asked; the next news tries again
            throw error;
        }
        if (asked !== this.#asked || section !== this.#shelf.section) return; // the reader has gone on
        const [top, held] = [topOf(list), heldIn(list)];
        this.#shelf.replace(next);
        const anchor = top && next.querySelector(top.selector);
        if (anchor) scrollBy({ top: anchor.getBoundingClientRect().top - top.at, behavior: 'instant' });
        if (held) /** @type {HTMLElement | null} */ (next.querySelector(held))?.focus({ preventScroll: true });
    }

    /** Show the counts and the collections as they are now. */
    async sidebar() {
        if (await freshSidebar()) this.#mark();
    }

    /** Mark what is shown, and hide what belongs to the whole library only. */
    #mark() {
        const { collection } = this.#shelf;
        for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('.side a[data-shelf]'))) {
            const isHere = link.dataset.collection ? Number(link.dataset.collection) === collection : !collection;
            if (isHere) link.setAttribute('aria-current', 'page');
            else link.removeAttribute('aria-current');
        }
        for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.#root.querySelectorAll('[data-part="resume"]'))) part.hidden = this.#shelf.isFiltered;
    }

    #say() {
        const { count } = this.#shelf;
        the('[data-part="said"]', this.#root).textContent = fill(ngettext('%(count)s book', '%(count)s books', count), { count });
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const target = /** @type {Element} */ (event.target);
        closeDrops(target);
        const link = /** @type {HTMLAnchorElement | null} */ (target.closest('a[data-shelf]'));
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || event.defaultPrevented) return;
        event.preventDefault();
        const isSort = link.closest('[data-part="sort"]');
        void this.go(link.href, { focus: isSort ? '[data-part="sort"] summary' : 'h2' });
    }

    /** @param {Event} event */
    #choose(event) {
        const form = /** @type {HTMLFormElement | null} */ (/** @type {Element} */ (event.target).closest('[data-part="filter-form"]'));
        if (!form) return;
        const asked = new URLSearchParams();
        for (const [name, value] of new FormData(form)) if (value) asked.append(name, String(value));
        void this.go(asked.size ? `/?${asked}` : '/', { focus: '[data-part="filter"] summary' });
    }

    /** Fetch the filters when they are opened. @param {Event} event */
    async #toggle(event) {
        const drop = /** @type {HTMLDetailsElement} */ (event.target);
        if (drop.dataset?.part !== 'filter' || !drop.open) return;
        const panel = the('[data-part="filter-panel"]', drop);
        try {
            panel.replaceChildren(parsed(await fragment(`/shelf/filters?${this.#shelf.section.dataset.query ?? ''}`)));
            /** @type {HTMLElement} */ (the('select', panel)).focus();
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            panel.textContent = error.message || gettext('The server cannot be reached. Check your connection.');
        }
    }
}

/** A selector of the group whose heading this is. @param {Element | null | undefined} group */
const groupOf = (group) => `.group:has(> h3 > a[href="${CSS.escape(group?.querySelector('h3 > a')?.getAttribute('href') ?? '')}"])`;

/** The first group that is seen, once the top of the shelf is not, and where it stands. @param {Element} list */
function topOf(list) {
    if (list.getBoundingClientRect().top > 0) return null;
    const first = [...list.children].find((one) => one.getBoundingClientRect().bottom > 0);
    return first ? { selector: groupOf(first), at: first.getBoundingClientRect().top } : null;
}

/** A selector of what has the focus in the groups. @param {Element} list */
function heldIn(list) {
    const held = list.contains(document.activeElement) ? document.activeElement : null;
    const group = groupOf(held?.closest('.group'));
    const item = /** @type {HTMLElement | null} */ (held?.closest('[data-book]') ?? null);
    if (held && item) return `${group} [data-book="${item.dataset.book}"] ${held.localName}.${held.classList[0]}`;
    return held && `${group} h3 > a`;
}

/** Close every menu of the shelf but the one that holds `but`. @param {Element | null} [but] */
export function closeDrops(but = null) {
    for (const drop of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll('details.drops[open]'))) {
        if (but && drop.contains(but) && !but.closest('.menu .item')) continue;
        const had = drop.contains(document.activeElement);
        drop.open = false;
        if (had && !but) the('summary', drop).focus();
    }
}
