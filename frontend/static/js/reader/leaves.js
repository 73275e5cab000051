// @ts-check
/**
 * The sections of a book as one long page: the one being read, its neighbours as they come near.
 * Events: `leaf` (detail: the new article), `place` (detail: { section, offset }).
 */

import { fragment, Refusal } from '../lib/api.js';
import { make, parsed } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { boxAt, offsetAt } from './span.js';

const AHEAD = 1.5; // screens of text kept ready below; above, one is enough
const MOST = 9; // sections in the page at once
const TOP = 28; // pixels below the upper edge where one reads
const SETTLED = 150; // milliseconds without scrolling

/** @typedef {{ section: number, offset: number }} Place */

export class Leaves extends EventTarget {
    #scroll;
    #list;
    #book;
    #count;
    /** @type {Place} */ #place;
    /** @type {Map<number, Promise<HTMLElement>>} */ #coming = new Map();
    #isFilling = false;
    /** @type {any} */ #timer = null;
    #width = 0;
    #restored = -1; // where the last restoring scrolled to: that is no move of the reader

    /**
     * @param {{ scroll: HTMLElement, list: HTMLElement }} parts the list holds the section that is shown first
     * @param {{ book: number, count: number, place: Place }} reading
     */
    constructor({ scroll, list }, { book, count, place }) {
        super();
        this.#scroll = scroll;
        this.#list = list;
        this.#book = book;
        this.#count = count;
        this.#place = place;
        scroll.addEventListener('scroll', () => this.#scrolled(), { passive: true });
        new ResizeObserver(() => this.#resized()).observe(scroll);
    }

    /** @returns {HTMLElement[]} */
    get all() {
        return /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll('.leaf')]);
    }

    get place() {
        return this.#place;
    }

    /** What scrolls and takes the focus. */
    get element() {
        return this.#scroll;
    }

    /** @param {number} section @returns {HTMLElement | undefined} */
    leaf(section) {
        return this.all.find((leaf) => numberOf(leaf) === section);
    }

    /** Begin: show the place the page was opened at. */
    start() {
        this.#width = this.#scroll.clientWidth;
        for (const leaf of this.all) this.dispatchEvent(new CustomEvent('leaf', { detail: leaf }));
        this.restore();
        void this.#fill();
    }

    /**
     * Show a place of the book.
     * @param {number} section
     * @param {number} [offset]
     * @param {{ at?: number, isGentle?: boolean }} [how] `at`: how far down the screen, 0 to 1
     * @returns {Promise<HTMLElement | null>} its section, or null when it could not be fetched
     */
    async show(section, offset = 0, { at = 0, isGentle = false } = {}) {
        const there = this.leaf(section);
        const leaf = there ?? (await this.#fetch(section));
        if (!leaf) return null;
        if (!leaf.isConnected) {
            this.#list.replaceChildren(leaf);
            this.dispatchEvent(new CustomEvent('leaf', { detail: leaf }));
        }
        this.#place = { section, offset };
        const isNear = there !== undefined && isGentle;
        this.#scroll.scrollTo({ top: this.#topOf(leaf, offset, at), behavior: isNear ? 'smooth' : 'instant' });
        await this.#fill();
        this.#settle();
        return leaf;
    }

    /** Show the place again, after the text was set anew. */
    restore() {
        const { section, offset } = this.#place;
        const leaf = this.leaf(section);
        if (!leaf) return;
        this.#scroll.scrollTop = this.#topOf(leaf, offset, 0);
        this.#restored = this.#scroll.scrollTop;
    }

    /** Go a section on or back. @param {number} by */
    turn(by) {
        const section = this.#place.section + by;
        if (section >= 0 && section < this.#count) void this.show(section);
    }

    /** Go a screen on or back; the last line stays in sight. @param {number} by */
    step(by) {
        const { clientHeight } = this.#scroll;
        this.#scroll.scrollBy({ top: by * Math.max(clientHeight / 2, clientHeight - 3 * TOP), behavior: 'smooth' });
    }

    /**
     * @param {HTMLElement} leaf
     * @param {number} offset
     * @param {number} at
     */
    #topOf(leaf, offset, at) {
        const box = offset > 0 ? boxAt(leaf, offset) : null;
        const edge = this.#scroll.getBoundingClientRect().top;
        if (!box) return this.#scroll.scrollTop + leaf.getBoundingClientRect().top - edge;
        return this.#scroll.scrollTop + box.top - edge - Math.max(TOP - 8, at * this.#scroll.clientHeight);
    }

    #scrolled() {
        void this.#fill();
        clearTimeout(this.#timer);
        if (this.#scroll.scrollTop === this.#restored) return;
        this.#restored = -1;
        this.#timer = setTimeout(() => this.#settle(), SETTLED);
    }

    /** Find out where the reader is. */
    #settle() {
        const line = this.#scroll.getBoundingClientRect().top + TOP;
        const leaf = this.all.find((one) => one.getBoundingClientRect().bottom > line);
        if (!leaf) return;
        const isAbove = leaf.getBoundingClientRect().top > line - TOP - 4;
        this.#place = { section: numberOf(leaf), offset: isAbove ? 0 : Math.max(0, offsetAt(leaf, line)) };
        this.dispatchEvent(new CustomEvent('place', { detail: this.#place }));
    }

    /** A new width sets every line anew: stay with the words. */
    #resized() {
        if (this.#scroll.clientWidth === this.#width) return;
        this.#width = this.#scroll.clientWidth;
        this.restore();
    }

    /** Keep text ready on both sides. */
    async #fill() {
        if (this.#isFilling) return;
        this.#isFilling = true;
        try {
            while (await this.#grow());
        } finally {
            this.#isFilling = false;
        }
    }

    /** @returns {Promise<boolean>} whether something was added and more may be needed */
    async #grow() {
        const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
        const [first, last] = [this.all[0], this.all.at(-1)];
        if (!first || !last) return false;
        const next = numberOf(last) + 1;
        const isBelow = scrollHeight - scrollTop - clientHeight < AHEAD * clientHeight && next < this.#count;
        if (!isBelow && (scrollTop > clientHeight || numberOf(first) === 0)) return false;
        const leaf = await this.#fetch(isBelow ? next : numberOf(first) - 1);
        const isStill = (isBelow ? last : first).isConnected && this.all.at(isBelow ? -1 : 0) === (isBelow ? last : first);
        if (!leaf || !isStill) return isStill && leaf !== null;
        this.#hold(isBelow ? last : first, () => (isBelow ? last.after(leaf) : first.before(leaf)));
        this.dispatchEvent(new CustomEvent('leaf', { detail: leaf }));
        this.#thin(isBelow);
        return true;
    }

    /** Take away what is far off on the other side. @param {boolean} isBelow */
    #thin(isBelow) {
        const leaves = this.all;
        if (leaves.length <= MOST) return;
        const [far, kept] = isBelow ? [leaves[0], leaves[1]] : [leaves[leaves.length - 1], leaves[0]];
        const distance = isBelow ? -far.getBoundingClientRect().bottom : far.getBoundingClientRect().top;
        if (distance > 2 * this.#scroll.clientHeight) this.#hold(kept, () => far.remove());
    }

    /** Change the page while `anchor` stays where it is on the screen. @param {HTMLElement} anchor @param {() => void} change */
    #hold(anchor, change) {
        const before = anchor.getBoundingClientRect().top;
        change();
        const moved = anchor.getBoundingClientRect().top - before;
        if (moved) this.#scroll.scrollTop += moved;
    }

    /** @param {number} section @returns {Promise<HTMLElement | null>} */
    async #fetch(section) {
        let coming = this.#coming.get(section);
        if (!coming) {
            coming = fragment(`/books/${this.#book}/sections/${section}`).then(parsed);
            this.#coming.set(section, coming);
        }
        try {
            return await coming;
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.#fail(section, error);
            return null;
        } finally {
            this.#coming.delete(section);
        }
    }

    /** @param {number} section @param {Refusal} error */
    #fail(section, error) {
        this.#list.querySelector('.torn')?.remove();
        const again = make('button', { class: 'btn small', type: 'button' }, gettext('Try again'));
        const torn = make('div', { class: 'torn notice bad', role: 'alert', 'data-skip': true }, make('div', {}, error.message), again);
        again.addEventListener('click', () => {
            torn.remove();
            void (this.leaf(section - 1) || this.leaf(section + 1) ? this.#fill() : this.show(section));
        });
        const isBefore = this.all[0] && numberOf(this.all[0]) > section;
        this.#list[isBefore ? 'prepend' : 'append'](torn);
    }
}

/** @param {HTMLElement} leaf */
const numberOf = (leaf) => Number(leaf.dataset.section);
