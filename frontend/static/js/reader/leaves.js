// @ts-check
/**
 * The sections of a book one after the other, as a long column or as pages (setting.js): the one being read, its
 * neighbours as they come near. Events: `leaf` (detail: the new article), `place` (detail: Place), `layout`.
 */

import { make } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { Axis, wayOf } from './axis.js';
import { Fetched } from './fetched.js';
import { arrange, pagesIn, settingOf } from './setting.js';
import { slide } from './slide.js';
import { boxAt, offsetAt } from './span.js';

const AHEAD = 1.5; // screens of text kept ready after what is seen; before it, one is enough
const MOST = 7; // sections in the page at once
const TOP = 28; // pixels after the edge where one reads
const SETTLED = 150; // milliseconds without scrolling
const LINES = 80; // pixels that an arrow key goes
const BETWEEN = 2; // pixels: what ends so little after the edge of a page is on the page before

/** @typedef {import('./view.js').Place} Place */

export class Leaves extends EventTarget {
    #scroll;
    #list;
    #count;
    #axis;
    #fetched;
    /** @type {Place} */ #place;
    /** @type {Promise<void> | null} */ #filling = null;
    /** @type {any} */ #timer = null;
    /** @type {WeakMap<HTMLElement, number>} pages of a section */ #pages = new WeakMap();
    /** @type {import('./setting.js').Setting} */ #setting = { isPaged: false, isUpright: false, isRtl: false };
    #page = 0; // the length of a page; 0: there are none
    #size = ''; // what the lines depend on
    #restored = -1; // where the last restoring moved to: that is no move of the reader
    /** @type {number | null} where a smooth movement leads */ #goal = null;
    #base = 0; // where the pages rested last
    #wishes = 0; // places that were asked for: the last one counts

    /**
     * @param {{ scroll: HTMLElement, list: HTMLElement }} parts the list holds the section that is shown first
     * @param {{ book: number, count: number, place: Place }} reading
     */
    constructor({ scroll, list }, { book, count, place }) {
        super();
        this.#scroll = scroll;
        this.#list = list;
        this.#count = count;
        this.#place = place;
        this.#axis = new Axis(scroll);
        this.#fetched = new Fetched(book);
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

    get setting() {
        return this.#setting;
    }

    get axis() {
        return this.#axis;
    }

    /** The length of a page; 0: the text is one long column. */
    get page() {
        return this.#page;
    }

    /** Whether the last words of the book are on the screen. */
    get isAtEnd() {
        const last = this.all.at(-1);
        return last !== undefined && numberOf(last) === this.#count - 1 && this.#axis.at >= this.#axis.most - 2 * TOP;
    }

    /** @param {number} section @returns {HTMLElement | undefined} */
    leaf(section) {
        return this.all.find((leaf) => numberOf(leaf) === section);
    }

    /** Begin: show the place the page was opened at. */
    start() {
        this.#set();
        for (const leaf of this.all) this.dispatchEvent(new CustomEvent('leaf', { detail: leaf }));
        this.restore();
        void this.#fill();
    }

    /**
     * Show a place of the book.
     * @param {number} section
     * @param {number} [offset]
     * @param {{ at?: number, isGentle?: boolean }} [how] `at`: how far down the screen, 0 to 1
     * @returns {Promise<HTMLElement | null>} its section; null when it could not be fetched, or another place was asked for meanwhile
     */
    async show(section, offset = 0, { at = 0, isGentle = false } = {}) {
        const wish = ++this.#wishes;
        const there = this.leaf(section);
        const leaf = there ?? (await this.#fetch(section));
        if (!leaf || wish !== this.#wishes) return null;
        if (!leaf.isConnected) {
            this.#list.replaceChildren(leaf);
            this.#came(leaf);
        }
        this.#place = { section, offset };
        const to = Math.min(this.#placeOf(leaf, offset, at), this.#axis.most);
        const isNear = there !== undefined && isGentle && (!this.#page || Math.abs(to - this.#axis.at) < 2 * this.#page);
        this.#goal = isNear && to !== this.#axis.at ? to : null;
        this.#axis.to(to, isNear ? 'smooth' : 'instant');
        if (this.#goal !== null) return leaf; // the rest follows when the movement ends
        await this.#fill();
        if (this.#goal !== null || wish !== this.#wishes) return leaf; // the reader went on meanwhile
        if (!this.#page && to >= this.#axis.most) this.restore(); // there may be more text below now
        this.#settle();
        return leaf;
    }

    /** Show the place again, after the text was set anew. */
    restore() {
        const { section, offset } = this.#place;
        const leaf = this.leaf(section);
        if (!leaf) return;
        this.#goal = null;
        this.#axis.to(this.#placeOf(leaf, offset, 0));
        this.#restored = this.#axis.at;
        this.#base = this.#restored;
    }

    /** Set the text anew: another size, another mode. The words that were read stay in sight. */
    restyle() {
        this.#set();
        this.restore();
        void this.#fill();
        this.#moved();
    }

    /** Go a section on or back. @param {number} by */
    turn(by) {
        const section = this.#place.section + by;
        if (section >= 0 && section < this.#count) void this.show(section);
    }

    /** Go a screen or a page on or back; in a long column the last line stays in sight. @param {number} by */
    async step(by) {
        const { size } = this.#axis;
        const from = this.#goal ?? this.#axis.at;
        const length = this.#page || Math.max(size / 2, size - 3 * TOP);
        let to = this.#page ? (Math.round(from / length) + by) * length : from + by * length;
        if (to > this.#axis.most + BETWEEN || to < 0) {
            const before = this.#axis.at;
            await this.#fill();
            to += this.#axis.at - before; // text came in before what is seen
        }
        to = Math.min(Math.max(0, to), this.#axis.most);
        if (Math.abs(to - this.#axis.at) < 1) {
            if (this.#goal !== null) this.#axis.to(to); // back before the movement was seen
            return void (this.#goal = null);
        }
        this.#goal = to;
        if (this.#page) this.#place = this.#read(to - this.#axis.at) ?? this.#place; // the text may be set anew before it is there
        if (this.#setting.isUpright && this.#page) slide(() => this.#axis.to(this.#goal ?? to), by);
        else this.#axis.to(to, 'smooth');
    }

    /** Turn to the page that lies left (-1) or right (1). @param {number} to @returns {boolean} whether the text lies sideways */
    side(to) {
        const { isRtl, isUpright } = this.#setting;
        if (this.#page || isUpright) void this.step(isRtl || isUpright ? -to : to);
        return this.#page > 0 || isUpright;
    }

    /** Go a little on or back: some lines, or a page. @param {number} by */
    line(by) {
        if (this.#page) void this.step(by);
        else this.#axis.to(this.#axis.at + by * LINES, 'smooth');
    }

    /** A finger let the page go: rest on the page it came from, or so many further. @param {number} by */
    settleOn(by) {
        this.#goal = this.#base;
        if (by) void this.step(by);
        else this.#axis.to(this.#base, 'smooth');
    }

    // --- How the text is set ----------------------------------------------------------------

    #set() {
        this.#setting = settingOf(this.#scroll);
        this.#axis.way = wayOf(this.#setting);
        this.#page = arrange(this.#scroll, this.all[0], this.#setting);
        this.#size = this.#sizes();
        this.#measure(this.all);
    }

    /** Find out how many pages sections fill, and leave room for them. @param {HTMLElement[]} leaves */
    #measure(leaves) {
        if (!this.#page) return;
        const lengths = leaves.map((leaf) => (this.#axis.isAcross ? leaf.scrollWidth : leaf.scrollHeight));
        leaves.forEach((leaf, i) => {
            const count = pagesIn(lengths[i], this.#page);
            this.#pages.set(leaf, count);
            leaf.style.setProperty('--after', `${(count - 1) * this.#page}px`);
        });
    }

    /** What sets every line anew when it changes. */
    #sizes() {
        const { clientWidth, clientHeight } = this.#scroll;
        if (this.#page) return `${clientWidth}x${clientHeight}`;
        return String(this.#setting.isUpright ? clientHeight : clientWidth);
    }

    #resized() {
        if (!this.#size || this.#sizes() === this.#size || !this.#scroll.clientWidth) return;
        this.#set();
        this.restore();
        this.#moved();
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.#fill(), SETTLED);
    }

    // --- Where things are -------------------------------------------------------------------

    /** Where a section ends, as the axis counts. @param {HTMLElement} leaf */
    #farOf(leaf) {
        const box = leaf.getBoundingClientRect();
        return this.#page ? this.#axis.near(box) + (this.#pages.get(leaf) ?? 1) * this.#page : this.#axis.far(box);
    }

    /**
     * The position that shows a character.
     * @param {HTMLElement} leaf
     * @param {number} offset
     * @param {number} at how far down the screen
     */
    #placeOf(leaf, offset, at) {
        const begin = this.#axis.at - this.#axis.edge;
        const top = begin + this.#axis.near(leaf.getBoundingClientRect());
        const box = offset > 0 ? boxAt(leaf, offset) : null;
        if (!box || (!box.width && !box.height)) return top;
        const place = begin + this.#axis.near(box);
        if (this.#page) return top + Math.floor((place - top + BETWEEN) / this.#page) * this.#page;
        return place - Math.max(TOP - 8, at * this.#axis.size);
    }

    #scrolled() {
        if (!this.#page) void this.#fill(); // pages are filled when they rest: a correction would stop the movement
        clearTimeout(this.#timer);
        if (this.#axis.at === this.#restored) return;
        this.#restored = -1;
        this.#timer = setTimeout(() => void this.#rest(), SETTLED);
    }

    /** The movement is over, or its pictures come so slowly that it is brought to its end. */
    async #rest() {
        if (this.#scroll.dataset.held !== undefined) return; // under a finger
        const goal = this.#goal;
        this.#goal = null;
        if (this.#page) {
            const page = this.#axis.at / this.#page;
            const whole = this.#axis.at > this.#base ? Math.ceil(page - 0.02) : Math.floor(page + 0.02);
            const to = goal ?? whole * this.#page;
            if (Math.abs(to - this.#axis.at) > 1) this.#axis.to(to);
            this.#base = this.#axis.at;
            await this.#fill();
        }
        this.#settle();
        this.#fetched.ahead(numberOf(this.all.at(-1)) + 1, this.#count);
    }

    /** Find out where the reader is. */
    #settle() {
        const place = this.#read();
        if (!place) return;
        this.#place = place;
        this.#base = this.#axis.at;
        this.dispatchEvent(new CustomEvent('place', { detail: place }));
    }

    /** The first words on the screen, or of the page so many pixels further. @param {number} [further] @returns {Place | null} */
    #read(further = 0) {
        const edge = this.#axis.edge + further;
        const line = edge + (this.#page ? BETWEEN : TOP);
        const leaf = this.all.find((one) => this.#farOf(one) > line);
        if (!leaf) return null;
        const isWhole = this.#axis.near(leaf.getBoundingClientRect()) > edge - 4;
        const offset = isWhole ? 0 : Math.max(0, offsetAt(leaf, line, (box) => this.#axis.far(box)));
        return { section: numberOf(leaf), offset };
    }

    // --- Which sections are there -----------------------------------------------------------

    /** Keep text ready on both sides. */
    #fill() {
        this.#filling ??= this.#growAll().finally(() => (this.#filling = null));
        return this.#filling;
    }

    async #growAll() {
        while (await this.#grow());
    }

    /** @returns {Promise<boolean>} whether something was added and more may be needed */
    async #grow() {
        const { at, size, most } = this.#axis;
        const [first, last] = [this.all[0], this.all.at(-1)];
        if (!first || !last) return false;
        const next = numberOf(last) + 1;
        const isAfter = most - at < AHEAD * size && next < this.#count;
        if (!isAfter && (at > size || numberOf(first) === 0)) return false;
        const leaf = await this.#fetch(isAfter ? next : numberOf(first) - 1);
        const isStill = (isAfter ? last : first).isConnected && this.all.at(isAfter ? -1 : 0) === (isAfter ? last : first);
        if (!leaf || !isStill) return isStill && leaf !== null;
        if (this.#page && this.#goal !== null && !isAfter) return false; // not under a movement
        this.#hold(isAfter ? last : first, () => {
            if (isAfter) last.after(leaf);
            else first.before(leaf);
            this.#measure([leaf]);
        });
        this.dispatchEvent(new CustomEvent('leaf', { detail: leaf }));
        this.#thin(isAfter);
        this.#moved();
        return true;
    }

    /** A section stands in the page now. @param {HTMLElement} leaf */
    #came(leaf) {
        this.#measure([leaf]);
        this.dispatchEvent(new CustomEvent('leaf', { detail: leaf }));
        this.#moved();
    }

    /** Take away what is far off on the other side. @param {boolean} isAfter */
    #thin(isAfter) {
        const leaves = this.all;
        if (leaves.length <= MOST || this.#goal !== null) return;
        const [far, kept] = isAfter ? [leaves[0], leaves[1]] : [leaves[leaves.length - 1], leaves[0]];
        const { edge } = this.#axis;
        const distance = isAfter ? edge - this.#farOf(far) : this.#axis.near(far.getBoundingClientRect()) - edge;
        if (distance > 2 * this.#axis.size) this.#hold(kept, () => far.remove());
    }

    /** Change the page while `anchor` stays where it is on the screen. @param {HTMLElement} anchor @param {() => void} change */
    #hold(anchor, change) {
        const before = this.#axis.near(anchor.getBoundingClientRect());
        change();
        const moved = this.#axis.near(anchor.getBoundingClientRect()) - before;
        if (!moved) return;
        this.#axis.to(this.#axis.at + moved);
        this.#base += moved;
        if (this.#goal === null) return;
        this.#goal += moved;
        this.#axis.to(this.#goal, 'smooth'); // the correction stopped the movement
    }

    #moved() {
        this.dispatchEvent(new CustomEvent('layout'));
    }

    /** @param {number} section @returns {Promise<HTMLElement | null>} */
    async #fetch(section) {
        const { leaf, error } = await this.#fetched.section(section);
        if (error) this.#fail(section, error.message);
        return leaf;
    }

    /** @param {number} section @param {string} why */
    #fail(section, why) {
        this.#list.querySelector('.torn')?.remove();
        const again = make('button', { class: 'btn small', type: 'button' }, gettext('Try again'));
        const torn = make('div', { class: 'torn notice bad', role: 'alert', 'data-skip': true }, make('div', {}, why), again);
        again.addEventListener('click', () => {
            torn.remove();
            void (this.leaf(section - 1) || this.leaf(section + 1) ? this.#fill() : this.show(section));
        });
        const isBefore = this.all[0] && numberOf(this.all[0]) > section;
        this.#list[isBefore ? 'prepend' : 'append'](torn);
    }
}

/** @param {HTMLElement | undefined} leaf */
const numberOf = (leaf) => Number(leaf?.dataset.section);
