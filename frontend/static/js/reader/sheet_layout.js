// @ts-check
/**
 * Where the pages of a printed book stand at a zoom, below each other or two side by side, and which of them holds a
 * place. No DOM. A row is one page or two; two are read from the right where the book is.
 */

import { firstIndex } from './span.js';

export const WHOLE = 96 / 720; // pixels for a tenth of a point, at 100 %
export const LEAST = 50; // per cent
export const MOST = 400;
const STEPS = [50, 67, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300, 350, 400];
export const NARROWEST = 700; // pixels of the room: less is no room for two pages
const SPREAD = 1.3; // times as wide as the others, and wider than high: a page that is two already
const WIDEST = 1.5; // to "fit the width" makes no page larger than this
const TALLEST = 30_000_000; // pixels: browsers draw no box that is higher than about 33 million

/** @typedef {'width' | 'page' | number} Zoom a number is per cent */
/** @typedef {{ width: number, height: number }} Size */

export class SheetLayout {
    #sizes;
    #starts;
    /** @type {number[]} pages in the order of the text */ #order;
    #usual;
    /** @type {Size} */ #room = { width: 800, height: 800 };
    /** @type {Zoom} */ #zoom = 'width';
    /** @type {number[]} the first page of each */ #rows = [];
    /** @type {Int32Array} of each page */ #rowOf;
    /** @type {Float64Array} of each row */ #tops;
    /** @type {Float64Array} */ #scales;
    #widest = 0; // pixels
    #isRtl;
    #isDouble = false;
    gap = 16;
    side = 16;

    /** @param {{ sizes: number[][], starts: number[][], is_rtl?: boolean }} pages sizes in tenths of a point; where in the text each begins */
    constructor({ sizes, starts, is_rtl: isRtl = false }) {
        this.#sizes = sizes;
        this.#starts = starts;
        this.#order = starts.map((_, index) => index).sort((a, b) => starts[a][0] - starts[b][0] || starts[a][1] - starts[b][1] || a - b);
        this.#usual = usualWidth(sizes);
        this.#isRtl = isRtl;
        this.#rowOf = new Int32Array(sizes.length);
        this.#tops = new Float64Array(sizes.length + 1);
        this.#scales = new Float64Array(sizes.length);
    }

    get count() {
        return this.#sizes.length;
    }

    get zoom() {
        return this.#zoom;
    }

    /** Whether two pages stand side by side. */
    get isDouble() {
        return this.#isDouble;
    }

    /** Of all pages together. @returns {number} */
    get height() {
        return this.#tops[this.#rows.length];
    }

    /** Of the widest row, at least of the room. @returns {number} */
    get width() {
        return Math.max(this.#room.width, this.#widest + 2 * this.side);
    }

    /** Set the pages in a room. @param {Size} room @param {Zoom} zoom @param {boolean} [isDouble] two side by side, where there is room */
    fit(room, zoom, isDouble = false) {
        this.#room = room;
        this.#zoom = zoom;
        this.#isDouble = isDouble && room.width >= NARROWEST;
        this.#rows = rowsOf(this.#sizes, this.#isDouble ? this.#usual : 0);
        this.#rows.forEach((_, row) => this.#pagesIn(row).forEach((index) => (this.#rowOf[index] = row)));
        this.#scales = Float64Array.from(this.#sizes, (_, index) => this.#scaleOf(this.#rowOf[index], zoom));
        const tall = this.#rows.reduce((sum, _, row) => sum + this.#high(row), 0);
        if (tall > TALLEST) this.#scales = this.#scales.map((scale) => (scale * TALLEST) / tall);
        this.#widest = this.#rows.reduce((most, _, row) => Math.max(most, this.#wide(row)), 0);
        let top = this.gap;
        this.#tops = new Float64Array(this.#rows.length + 1);
        for (let row = 0; row < this.#rows.length; row++) {
            this.#tops[row] = top;
            top += Math.round(this.#high(row)) + this.gap;
        }
        this.#tops[this.#rows.length] = top;
    }

    /** @param {number} row @returns {number[]} */
    #pagesIn(row) {
        const first = this.#rows[row];
        const after = this.#rows[row + 1] ?? this.count;
        return after - first === 2 ? [first, first + 1] : [first];
    }

    /** @param {number} row pixels */
    #wide(row) {
        return this.#pagesIn(row).reduce((sum, index) => sum + Math.round(this.#sizes[index][0] * this.#scales[index]), 0);
    }

    /** @param {number} row pixels */
    #high(row) {
        return Math.max(...this.#pagesIn(row).map((index) => this.#sizes[index][1] * this.#scales[index]));
    }

    /** The zoom at which a page fits the width, in per cent. @param {number} index */
    fitting(index) {
        return Math.round((100 * this.#scaleOf(this.#rowOf[index], 'width')) / WHOLE);
    }

    /** The pages of a row have one scale; one that stands alone is no larger than if it stood beside another. @param {number} row @param {Zoom} zoom */
    #scaleOf(row, zoom) {
        if (typeof zoom === 'number') return (WHOLE * zoom) / 100;
        const sizes = this.#pagesIn(row).map((index) => this.#sizes[index]);
        const across = Math.max(this.#room.width - 2 * this.side, 50);
        const slots = this.#isDouble ? 2 : 1;
        const own = sizes.reduce((sum, [wide]) => sum + wide, 0);
        const isShort = sizes.length < slots && own < SPREAD * this.#usual;
        const wide = isShort ? own * slots : own;
        if (zoom === 'page') return Math.min(across / wide, Math.max(this.#room.height - 2 * this.gap, 50) / Math.max(...sizes.map(([, high]) => high)));
        return Math.min(across / (slots * this.#usual), across / wide, WHOLE * WIDEST);
    }

    /** Pixels for a tenth of a point of a page. @param {number} index */
    scale(index) {
        return this.#scales[index];
    }

    /** @param {number} index */
    percent(index) {
        return Math.round((100 * this.#scales[index]) / WHOLE);
    }

    /** @param {number} index @returns {{ left: number, top: number, width: number, height: number }} */
    box(index) {
        const row = this.#rowOf[index];
        const [wide, high] = this.#sizes[index];
        const [width, height] = [Math.round(wide * this.#scales[index]), Math.round(high * this.#scales[index])];
        const all = this.#wide(row);
        const begins = Math.max(this.side, Math.round((this.width - all) / 2));
        return {
            left: this.sideOf(index) === 'right' ? begins + all - width : begins,
            top: this.#tops[row] + Math.round((this.#high(row) - height) / 2), width, height,
        };
    }

    /** Where the row of a page stands. @param {number} index @returns {{ left: number, width: number }} */
    row(index) {
        const pages = this.#pagesIn(this.#rowOf[index]).map((page) => this.box(page));
        return { left: Math.min(...pages.map(({ left }) => left)), width: pages.reduce((sum, { width }) => sum + width, 0) };
    }

    /** On which side of another one a page stands; '' when it is alone. @param {number} index @returns {'left' | 'right' | ''} */
    sideOf(index) {
        const pages = this.#pagesIn(this.#rowOf[index]);
        if (pages.length < 2) return '';
        return (pages[0] === index) !== this.#isRtl ? 'left' : 'right';
    }

    /** The first page that stands at a height, or the next one below. @param {number} y */
    at(y) {
        return this.#rows[this.#rowAt(y)];
    }

    /** The last page that stands there. @param {number} y */
    lastAt(y) {
        return /** @type {number} */ (this.#pagesIn(this.#rowAt(y)).at(-1));
    }

    /** @param {number} y */
    #rowAt(y) {
        return Math.min(firstIndex(this.#rows.length, (row) => this.#tops[row + 1] > y), this.#rows.length - 1);
    }

    /** The page that is seen last with another one: itself, or the one beside it. @param {number} index */
    lastWith(index) {
        return /** @type {number} */ (this.#pagesIn(this.#rowOf[index]).at(-1));
    }

    /** The first page of the row so many further. @param {number} index @param {number} by */
    beside(index, by) {
        return this.#rows[Math.min(Math.max(this.#rowOf[index] + by, 0), this.#rows.length - 1)];
    }

    /** The page on which a place should stand: the last one that begins at it or before. @param {number} section @param {number} offset */
    pageOf(section, offset) {
        const after = firstIndex(this.count, (at) => {
            const [its, start] = this.#starts[this.#order[at]];
            return its > section || (its === section && start > offset);
        });
        return this.#order[Math.max(0, after - 1)];
    }

    /** Where a page begins in the text. @param {number} index */
    start(index) {
        const [section, offset] = this.#starts[index];
        return { section, offset };
    }
}

/**
 * The first page of each row: one by one, or two by two after the first, which is a cover. A page as wide as two is alone.
 * @param {number[][]} sizes
 * @param {number} usual the width most pages have, when there are to be two in a row; else 0
 * @returns {number[]}
 */
export function rowsOf(sizes, usual) {
    const rows = [];
    const isAlone = (/** @type {number} */ index) => {
        const [wide, high] = sizes[index];
        return index === 0 || (wide > high && wide >= SPREAD * usual);
    };
    for (let index = 0; index < sizes.length; ) {
        rows.push(index);
        const isPair = usual > 0 && index + 1 < sizes.length && !isAlone(index) && !isAlone(index + 1);
        index += isPair ? 2 : 1;
    }
    return rows;
}

/** The width most pages have. @param {number[][]} sizes */
function usualWidth(sizes) {
    /** @type {Map<number, number>} */
    const counted = new Map();
    for (const [wide] of sizes) counted.set(wide, (counted.get(wide) ?? 0) + 1);
    let [usual, most] = [1, 0];
    for (const [wide, count] of counted) if (count > most) [usual, most] = [wide, count];
    return usual;
}

/** The next step of the zoom in a direction. @param {number} percent @param {number} by */
export function nextZoom(percent, by) {
    const further = STEPS.filter((step) => (by > 0 ? step > percent + 1 : step < percent - 1));
    return (by > 0 ? further[0] : further.at(-1)) ?? (by > 0 ? MOST : LEAST);
}

/** A zoom from what was kept or typed; null when it is none. @param {unknown} value @returns {Zoom | null} */
export function zoomFrom(value) {
    if (value === 'width' || value === 'page') return value;
    const percent = Math.round(Number(value));
    return Number.isFinite(percent) && percent > 0 ? Math.min(MOST, Math.max(LEAST, percent)) : null;
}

/**
 * The page that a reader means: by its printed label first, else by its number from 1. -1 when there is none.
 * @param {string[]} labels
 * @param {string} asked
 */
export function pageNamed(labels, asked) {
    const wanted = asked.trim().toLowerCase();
    const found = labels.findIndex((label) => label.toLowerCase() === wanted);
    if (found >= 0) return found;
    const number = /^\d+$/.test(wanted) ? Number(wanted) : 0;
    return number >= 1 && number <= labels.length ? number - 1 : -1;
}
