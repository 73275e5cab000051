// @ts-check
/** The covers: what stands on the shelf, how it is shown, and the rest of it as one scrolls. Event: `change`. */

import { fragment, Refusal } from '../lib/api.js';
import { parsed, the } from '../lib/dom.js';
import { written } from '../lib/words.js';
import { keepCookie } from '../lib/theme.js';

const KEPT = 96; // covers, when the shelf is shown otherwise
const AHEAD = '900px'; // the next covers are there before they are seen

export class Shelf extends EventTarget {
    #area;
    #watch = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && void this.more(), { rootMargin: AHEAD });
    #isLoading = false;

    /** @param {HTMLElement} root the library page */
    constructor(root) {
        super();
        this.#area = the('[data-part="shelf-area"]', root);
        this.#area.addEventListener('click', (event) => this.#click(event));
        this.#settle();
    }

    /** The section that is shown; it is replaced as a whole. */
    get section() {
        return the('[data-part="all"]', this.#area);
    }

    get list() {
        return the('[data-part="shelf"]', this.#area);
    }

    /** The covers that are seen: of a group only those that fit into its row. @returns {HTMLElement[]} */
    get items() {
        if (!this.isGrouped) return /** @type {HTMLElement[]} */ ([...this.list.children]);
        return [.../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll('.shelf > li'))].filter((item) => item.offsetParent);
    }

    /** Whether the books stand together by what they have in common; one may stand in several places. */
    get isGrouped() {
        return 'grouped' in this.list.dataset;
    }

    get count() {
        return Number(this.section.dataset.count);
    }

    get isFiltered() {
        return 'filtered' in this.section.dataset;
    }

    get isList() {
        return this.list.classList.contains('rows');
    }

    /** The collection that is shown; 0 when none is. */
    get collection() {
        return Number(this.section.dataset.collection ?? 0);
    }

    /** Show another shelf. @param {HTMLElement} section */
    replace(section) {
        const wasList = this.isList;
        this.section.replaceWith(section);
        if (this.list.children.length && !this.isGrouped) this.#view(wasList);
        this.#settle();
        this.#changed();
    }

    /** @param {number} book @returns {HTMLElement | null} */
    item(book) {
        return this.list.querySelector(`.shelf > [data-book="${book}"]`) ?? this.list.querySelector(`:scope > [data-book="${book}"]`);
    }

    /** @param {number} book */
    has(book) {
        return this.item(book) !== null;
    }

    /** Put a cover in its place; a new one comes first, where all books are shown. @param {HTMLElement} cover */
    put(cover) {
        const old = this.item(Number(cover.dataset.book));
        if (old) old.replaceWith(cover);
        else if (!this.isFiltered) {
            cover.classList.add('fresh');
            this.list.prepend(cover);
            this.#recount(1);
        }
        this.#changed();
    }

    /** Put a cover back where it stood. @param {HTMLElement} item @param {Element | null} before @param {number} by */
    bring(item, before, by) {
        const { list } = this;
        if (this.isGrouped) return; // it is shown anew
        list.insertBefore(item, before?.parentElement === list ? before : null);
        this.#recount(by);
        this.#changed();
    }

    /** A book is no longer here. @param {number} book */
    drop(book) {
        const item = this.item(book);
        item?.remove();
        for (const there of document.querySelectorAll(`.resume [data-book="${book}"]`)) there.remove();
        if (!document.querySelector('.resume [data-book]')) document.querySelector('.resume')?.remove();
        if (item) this.#recount(-1);
        this.#changed();
    }

    /** Fetch the next covers. */
    async more() {
        const link = this.#next;
        if (!link || this.#isLoading) return;
        this.#isLoading = true;
        const { section } = this;
        try {
            const asked = new URL(link.href).searchParams;
            asked.set('from', String(this.list.children.length)); // whatever was deleted or came since
            const next = parsed(await fragment(`/shelf/?${asked}`));
            if (section !== this.section) return; // another shelf is shown meanwhile
            for (const item of /** @type {HTMLElement[]} */ ([...next.children])) {
                if (this.isGrouped || !this.has(Number(item.dataset.book))) this.list.append(item);
            }
            /** @type {HTMLElement} */ (link.parentElement).hidden = next.dataset.next === '0';
        } catch (error) {
            if (!(error instanceof Refusal)) throw error; // the link stays: a click tries again
        } finally {
            this.#isLoading = false;
            this.#settle();
        }
    }

    /** Covers become a list, or the other way round. */
    turn() {
        if (this.isGrouped) return;
        this.#trim();
        this.#view(!this.isList);
        keepCookie('view', this.isList ? 'list' : 'covers');
    }

    /** A long shelf begins anew when it is shown otherwise: setting a thousand covers again would take a while. */
    #trim() {
        const { items } = this;
        const link = /** @type {HTMLElement | null} */ (this.section.querySelector('[data-part="next"]'));
        if (!link || items.length <= KEPT) return;
        for (const item of items.slice(KEPT)) item.remove();
        /** @type {HTMLElement} */ (link.parentElement).hidden = false;
        if (this.section.getBoundingClientRect().top < 0) this.section.scrollIntoView();
        this.#settle();
    }

    /** The link to what is not here yet. */
    get #next() {
        const link = /** @type {HTMLAnchorElement | null} */ (this.section.querySelector('[data-part="next"]'));
        return link?.parentElement?.hidden ? null : link;
    }

    /** @param {boolean} isList */
    #view(isList) {
        this.list.classList.toggle('rows', isList);
        for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.section.querySelectorAll('[data-view]'))) {
            button.setAttribute('aria-pressed', String((button.dataset.view === 'list') === isList));
        }
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-view], [data-part="next"]'));
        if (!button) return;
        event.preventDefault();
        if (button.dataset.part === 'next') void this.more();
        else if ((button.dataset.view === 'list') !== this.isList) this.turn();
    }

    #settle() {
        this.#watch.disconnect();
        const next = this.#next;
        if (next) this.#watch.observe(next);
    }

    /** @param {number} by */
    #recount(by) {
        this.section.dataset.count = String(Math.max(0, this.count + by));
        the('[data-part="shelf-count"]', this.section).textContent = written(Number(this.section.dataset.count));
    }

    #changed() {
        this.dispatchEvent(new CustomEvent('change'));
    }
}
