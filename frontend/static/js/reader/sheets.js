// @ts-check
/**
 * The pages of a PDF as they are printed, below each other or two side by side. See view.js for the promises; besides them:
 * `sheet` (detail: a page from 0), another page is in view; `page` (detail: a SheetPage), its words came into the page;
 * `zoom`, the pages are shown at another size. Only pages near the view are in the DOM.
 */

import { fill, gettext } from '../lib/words.js';
import { SheetLayout } from './sheet_layout.js';
import { SheetPage, WordStore } from './sheet_page.js';

const TOP = 28; // pixels below the upper edge where one reads
const SETTLED = 120; // milliseconds without scrolling
const NEAR = 0.8; // screens above and below that are in the page
const MOVING = 6; // frames in a row: the reader passes by, and is not gone to a place
const MOST_HELD = 12; // pages a selection keeps in the page

/** @typedef {import('./view.js').Place} Place */
/** @typedef {import('./sheet_layout.js').Zoom} Zoom */

export class Sheets extends EventTarget {
    #scroll;
    #list;
    #about;
    #given;
    #layout;
    #store;
    /** @type {Map<number, SheetPage>} */ #pages = new Map();
    /** @type {Place} */ #place;
    #sheet = -1;
    /** @type {any} */ #timer = null;
    #isAwaitingFrame = false;
    #asked = 0;
    #isSketching = false;
    #settled = 0;
    #frames = 0; // of a movement that has not ended
    /** @type {number | null} the page it leads to: who turns again meanwhile goes on from there */ #goal = null;

    /**
     * @param {{ scroll: HTMLElement, list: HTMLElement }} parts
     * @param {{ book: number, count: number, place: Place, language: string }} about `count` of sections
     * @param {{ version: string, numbers: number[], labels: string[], starts: number[][], sizes: number[][], is_rtl: boolean }} given books/pages.py `sheets`
     * @param {Zoom} zoom
     */
    constructor({ scroll, list }, about, given, zoom) {
        super();
        this.#scroll = scroll;
        this.#list = list;
        this.#about = about;
        this.#given = given;
        this.#place = about.place;
        this.#layout = new SheetLayout(given);
        this.#layout.fit({ width: 800, height: 800 }, zoom);
        this.#store = new WordStore(about.book);
        scroll.addEventListener('scroll', () => this.#scrolled(), { passive: true });
        new ResizeObserver(() => this.#fit(this.zoom)).observe(scroll);
    }

    get place() {
        return this.#place;
    }

    get element() {
        return this.#scroll;
    }

    get list() {
        return this.#list;
    }

    get labels() {
        return this.#given.labels;
    }

    /** @returns {Zoom} */
    get zoom() {
        return this.#layout.zoom;
    }

    /** The page in view, from 0. */
    get sheet() {
        return Math.max(this.#sheet, 0);
    }

    /** The page that is seen beside the one in view, or that one. */
    get beside() {
        return this.#layout.lastWith(this.sheet);
    }

    /** Whether two pages stand side by side. */
    get isDouble() {
        return this.#layout.isDouble;
    }

    /** Whether pages are turned from the right. */
    get isRtl() {
        return this.#given.is_rtl;
    }

    /** Names the file in addresses. */
    get version() {
        return this.#given.version;
    }

    get percent() {
        return this.#layout.percent(this.sheet);
    }

    /** The zoom at which the page in view fits the width, in per cent. */
    get fitting() {
        return this.#layout.fitting(this.sheet);
    }

    /** The pages that are in the DOM, in their order. @returns {SheetPage[]} */
    get all() {
        return [...this.#pages.values()].sort((a, b) => a.index - b.index);
    }

    /** @param {number} index */
    numberOf(index) {
        return this.#given.numbers[index] ?? index;
    }

    /** The page with a number of the file; -1 when it is not shown. @param {number} number */
    indexOf(number) {
        if (!this.#given.numbers.length) return number < this.#layout.count ? number : -1;
        return this.#given.numbers.indexOf(number);
    }

    /** Where a page begins in the text. @param {number} index */
    startOf(index) {
        return this.#layout.start(index);
    }

    /** @param {number} number of the file */
    address(number) {
        return `/books/${this.#about.book}/pages/${number}`;
    }

    /** What a page is called: "Page 12", or "Page xii, 14 of 480". @param {number} index */
    nameOf(index) {
        const [label, number] = [this.labels[index], index + 1];
        if (label === String(number)) return fill(gettext('Page %(number)s'), { number });
        return fill(gettext('Page %(label)s, %(number)s of %(count)s'), { label, number, count: this.labels.length });
    }

    /** The address of a page's picture. @param {number} index @param {number} width */
    picture(index, width) {
        return `${this.address(this.numberOf(index))}?width=${width}&v=${this.#given.version}`;
    }

    /** @param {number} index @returns {number[]} tenths of a point */
    sizeOf(index) {
        return this.#given.sizes[index];
    }

    start() {
        this.#fit(this.zoom);
        void this.show(this.#place.section, this.#place.offset);
    }

    /** See view.js. @param {number} section @param {number} [offset] @param {{ at?: number, isGentle?: boolean }} [how] */
    async show(section, offset = 0, { at = 0, isGentle = false } = {}) {
        const near = this.#layout.pageOf(section, offset);
        if (!this.#pages.has(near)) this.go(near); // its picture is asked for at once
        const asked = ++this.#asked;
        this.#place = { section, offset };
        this.#sharpen();
        const found = await this.#find(section, offset, near);
        if (asked !== this.#asked) return null;
        if (!found) return null;
        const { index, line } = found;
        const box = this.#layout.box(index);
        const down = line ? line.top * this.#layout.scale(index) : 0;
        const isFirst = !line || at === 0 && line === (await this.#store.of(this.numberOf(index)))?.lines[0];
        const top = isFirst ? box.top - this.#layout.gap / 2 : box.top + down - Math.max(TOP - 8, at * this.#scroll.clientHeight);
        this.#scrollTo(top, this.#leftOf(index, line), isGentle && this.#pages.has(index));
        this.#mount(index);
        await this.#lay(index);
        await this.#lay(index + 1); // a quote may go on there
        this.#settle({ section, offset });
        return this.#pages.get(index)?.element ?? null;
    }

    /** Where a character stands; the nearest line when it is on no page, null when its page cannot be fetched.
     * @param {number} section @param {number} offset @param {number} near */
    async #find(section, offset, near) {
        for (const index of [near, near + 1, near - 1]) {
            if (index < 0 || index >= this.#layout.count) continue;
            const words = await this.#store.of(this.numberOf(index));
            if (!words && index === near) return null;
            const line = words?.find(section, offset);
            if (line) return { index, line };
            if (offset === 0) break; // the beginning of a section: its first line, or the top of the page
        }
        const words = await this.#store.of(this.numberOf(near));
        return { index: near, line: words?.near(section, offset) ?? null };
    }

    /**
     * How far to the side one sees a page: in the middle, or as much of it as there is room for, with a line if one is named.
     * @param {number} index
     * @param {import('./sheet_words.js').Line | null} line
     */
    #leftOf(index, line) {
        const { scrollLeft, clientWidth } = this.#scroll;
        const row = this.#layout.row(index);
        const { left, width } = row.width <= clientWidth ? row : this.#layout.box(index);
        const from = left - this.#layout.side;
        const room = width + 2 * this.#layout.side - clientWidth;
        const side = room > 0 ? Math.min(Math.max(scrollLeft, from), from + room) : from + room / 2;
        const scale = this.#layout.scale(index);
        const edge = this.#layout.box(index).left;
        const [begins, ends] = line ? [edge + line.left * scale, edge + line.right * scale] : [side, side];
        const isSeen = begins >= side && (ends <= side + clientWidth || begins <= side + clientWidth / 2);
        return isSeen ? side : begins - this.#layout.side;
    }

    /** Go to a page: its top, or so many tenths of a point down it. @param {number} index @param {{ isGentle?: boolean, down?: number }} [how] */
    go(index, { isGentle = false, down = 0 } = {}) {
        this.#asked++;
        const page = Math.min(Math.max(index, 0), this.#layout.count - 1);
        if (!isGentle) this.#place = this.#layout.start(page); // who goes on at once comes back to here
        this.#goal = isGentle ? page : null;
        const inside = down ? down * this.#layout.scale(page) - TOP : -this.#layout.gap / 2;
        this.#scrollTo(this.#layout.box(page).top + inside, this.#leftOf(page, null), isGentle && Math.abs(page - this.sheet) < 4);
    }

    /** Give a page that was gone to the focus, and show where on it one was led. @param {number} index @param {number} down */
    land(index, down) {
        this.#mount(index);
        const page = this.#pages.get(index);
        page?.element.focus({ preventScroll: true });
        if (down) page?.glow(down);
    }

    restore() {
        this.#fit(this.zoom);
    }

    /** @param {number} by */
    turn(by) {
        const section = this.#place.section + by;
        if (section >= 0 && section < this.#about.count) void this.show(section);
    }

    /** @param {number} by */
    step(by) {
        this.#asked++;
        if (this.zoom === 'page') return this.go(this.#layout.beside(this.#goal ?? this.sheet, by), { isGentle: true });
        const { clientHeight } = this.#scroll;
        this.#scroll.scrollBy({ top: by * Math.max(clientHeight / 2, clientHeight - 3 * TOP), behavior: gentle(true) });
    }

    /** Go to the pages that lie left (-1) or right (1), where they need not be moved sideways. @param {number} to @returns {boolean} */
    side(to) {
        const { scrollWidth, clientWidth } = this.#scroll;
        if (scrollWidth > clientWidth + 1) return false;
        this.go(this.#layout.beside(this.#goal ?? this.sheet, this.#given.is_rtl ? -to : to), { isGentle: true });
        return true;
    }

    get isAtEnd() {
        const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
        return scrollTop + clientHeight >= scrollHeight - 2 * TOP;
    }

    /** Show the pages larger or smaller. @param {Zoom} zoom @param {{ x: number, y: number }} [at] what stays where it is, in the window */
    setZoom(zoom, at) {
        this.#fit(zoom, at);
        this.#later();
        this.dispatchEvent(new Event('zoom'));
    }

    /**
     * Set the pages anew around a point that stays: by default where one reads.
     * @param {Zoom} zoom
     * @param {{ x: number, y: number }} [at]
     */
    #fit(zoom, at) {
        const { clientWidth, clientHeight, scrollTop, scrollLeft } = this.#scroll;
        if (!clientWidth || !clientHeight) return;
        const edge = this.#scroll.getBoundingClientRect();
        const [x, y] = at ? [at.x - edge.left, at.y - edge.top] : [clientWidth / 2, TOP];
        const index = this.#layout.at(scrollTop + y);
        const before = this.#layout.box(index);
        const share = [(scrollLeft + x - before.left) / before.width, (scrollTop + y - before.top) / before.height];
        this.#layout.side = clientWidth < 600 ? 8 : 20;
        this.#layout.gap = clientWidth < 600 ? 8 : 16;
        this.#layout.fit({ width: clientWidth, height: clientHeight }, zoom, wantsTwo());
        Object.assign(this.#list.style, { height: `${this.#layout.height}px`, width: `${this.#layout.width}px` });
        const after = this.#layout.box(index);
        for (const page of this.#pages.values()) this.#stand(page);
        this.#scroll.scrollTop = after.top + share[1] * after.height - y;
        this.#scroll.scrollLeft = after.left + share[0] * after.width - x;
        this.#populate();
        this.#later();
        this.dispatchEvent(new Event('layout'));
    }

    /** @param {number} top @param {number} left @param {boolean} isGentle */
    #scrollTo(top, left, isGentle) {
        this.#scroll.scrollTo({ top, left, behavior: gentle(isGentle) });
        if (!isGentle) this.#populate();
    }

    #scrolled() {
        this.#later();
        if (this.#isAwaitingFrame) return;
        this.#isAwaitingFrame = true;
        requestAnimationFrame(() => {
            this.#isAwaitingFrame = false;
            this.#populate();
            if (++this.#frames > MOVING) void this.#sketch();
        });
    }

    /** Let who passes by see small pages, one request at a time: the server draws those around it as well. */
    async #sketch() {
        if (this.#isSketching) return;
        this.#isSketching = true;
        for (const index of this.#inView(0)) await this.#pages.get(index)?.sketch();
        this.#isSketching = false;
    }

    #later() {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
            this.#frames = 0;
            this.#goal = null;
            this.#sharpen();
            this.#settle();
        }, SETTLED);
    }

    /** The pages within so many screens of the view. @param {number} screens */
    #inView(screens) {
        const { scrollTop, clientHeight } = this.#scroll;
        const first = this.#layout.at(Math.max(0, scrollTop - screens * clientHeight));
        const last = this.#layout.lastAt(scrollTop + (1 + screens) * clientHeight);
        return Array.from({ length: last - first + 1 }, (_, at) => first + at);
    }

    /** Have the pages near the view in the DOM and no others, but for what is selected or has the focus. */
    #populate() {
        const wanted = new Set([...this.#inView(NEAR), ...this.#held()]);
        for (const [index, page] of this.#pages) {
            if (wanted.has(index)) continue;
            page.remove();
            this.#pages.delete(index);
        }
        for (const index of wanted) this.#mount(index);
        const { scrollTop, clientHeight } = this.#scroll;
        const sheet = this.#layout.at(scrollTop + clientHeight / 3);
        if (sheet === this.#sheet) return;
        this.#sheet = sheet;
        this.dispatchEvent(new CustomEvent('sheet', { detail: sheet }));
    }

    /** @returns {number[]} */
    #held() {
        const selected = getSelection();
        const ends = [document.activeElement, ...(selected && !selected.isCollapsed ? [selected.anchorNode, selected.focusNode] : [])];
        const found = ends.map((node) => indexOf(node, this.#list)).filter((index) => index >= 0);
        if (!found.length) return [];
        const [first, last] = [Math.min(...found), Math.max(...found)];
        return last - first < MOST_HELD ? Array.from({ length: last - first + 1 }, (_, at) => first + at) : found;
    }

    /** @param {SheetPage} page */
    #stand(page) {
        page.stand(this.#layout.box(page.index), this.#layout.scale(page.index), this.#layout.sideOf(page.index));
    }

    /** @param {number} index */
    #mount(index) {
        if (this.#pages.has(index) || index < 0 || index >= this.#layout.count) return;
        const address = this.address(this.numberOf(index));
        const { version, sizes } = this.#given;
        const page = new SheetPage({ index, address, version, name: this.nameOf(index), size: sizes[index], language: this.#about.language });
        this.#stand(page);
        const next = this.all.find((other) => other.index > index);
        this.#pages.set(index, page);
        this.#list.insertBefore(page.element, next?.element ?? null);
        page.addEventListener('again', () => this.#later());
        page.addEventListener('words', () => {
            this.dispatchEvent(new CustomEvent('page', { detail: page }));
            this.dispatchEvent(new Event('layout'));
        });
    }

    /** Fetch a page's words and lay them over it, when it is in the page. @param {number} index */
    async #lay(index) {
        if (!this.#pages.has(index)) return;
        const words = await this.#store.of(this.numberOf(index));
        if (words) this.#pages.get(index)?.lay(words);
    }

    /** Draw what is in view sharply, then what comes next. */
    #sharpen() {
        const seen = this.#inView(0);
        const near = this.#inView(NEAR).filter((index) => !seen.includes(index));
        const settled = ++this.#settled;
        for (const index of [...seen, ...near]) void this.#lay(index);
        void Promise.allSettled(seen.map((index) => this.#sharpenOne(index))).then(async () => {
            for (const index of near.sort((a, b) => Number(a < seen[0]) - Number(b < seen[0]))) {
                if (settled !== this.#settled) return; // the reader went on: something else comes first now
                await this.#sharpenOne(index);
            }
        });
    }

    /** @param {number} index */
    #sharpenOne(index) {
        const box = this.#layout.box(index);
        const { scrollTop, scrollLeft, clientHeight, clientWidth } = this.#scroll;
        const [top, left] = [scrollTop - box.top, scrollLeft - box.left];
        return this.#pages.get(index)?.sharpen({ top, left, bottom: top + clientHeight, right: left + clientWidth });
    }

    /** Find out where the reader is. @param {Place} [told] a place that was just gone to */
    #settle(told) {
        this.#place = told ?? this.#read() ?? this.#place;
        this.dispatchEvent(new CustomEvent('place', { detail: this.#place }));
    }

    /** The first character in view. @returns {Place | null} */
    #read() {
        const y = this.#scroll.scrollTop + TOP;
        const index = this.#layout.at(y);
        const words = this.#pages.get(index)?.words;
        const line = words?.below((y - this.#layout.box(index).top) / this.#layout.scale(index));
        if (line) return { section: line.section, offset: line.start };
        const isBelow = words !== null && words !== undefined && words.lines.length > 0 && index + 1 < this.#layout.count;
        return this.#layout.start(isBelow ? index + 1 : index);
    }
}

/** Whether this reader likes two pages side by side (preferences.js). */
const wantsTwo = () => document.documentElement.dataset.spread === 'two';

/** @param {boolean} isGentle @returns {ScrollBehavior} */
const gentle = (isGentle) => (isGentle && !matchMedia('(prefers-reduced-motion: reduce)').matches ? 'smooth' : 'instant');

/** The page an element or text is on; -1 outside of all. @param {Node | null} node @param {HTMLElement} list */
function indexOf(node, list) {
    const element = node instanceof Element ? node : node?.parentElement;
    const page = element && list.contains(element) ? element.closest('[data-page]') : null;
    return page ? Number(page.getAttribute('data-page')) : -1;
}
