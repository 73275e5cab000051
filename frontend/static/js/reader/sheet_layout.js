// @ts-check
/** Where the pages of a printed book stand below each other at a zoom, and which of them holds a place. No DOM. */

import { firstIndex } from './span.js';

export const WHOLE = 96 / 720; // pixels for a tenth of a point, at 100 %
export const LEAST = 50; // per cent
export const MOST = 400;
const STEPS = [50, 67, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300, 350, 400];
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
    /** @type {Float64Array} */ #tops;
    /** @type {Float64Array} */ #scales;
    gap = 16;
    side = 16;

    /** @param {{ sizes: number[][], starts: number[][] }} pages sizes in tenths of a point; where in the text each begins */
    constructor({ sizes, starts }) {
        this.#sizes = sizes;
        this.#starts = starts;
        this.#order = starts.map((_, index) => index).sort((a, b) => starts[a][0] - starts[b][0] || starts[a][1] - starts[b][1] || a - b);
        this.#usual = usualWidth(sizes);
        this.#tops = new Float64Array(sizes.length + 1);
        this.#scales = new Float64Array(sizes.length);
    }

    get count() {
        return this.#sizes.length;
    }

    get zoom() {
        return this.#zoom;
    }

    /** Of all pages together. @returns {number} */
    get height() {
        return this.#tops[this.count];
    }

    /** Of the widest page, at least of the room. @returns {number} */
    get width() {
        const widest = this.#sizes.reduce((most, [wide], index) => Math.max(most, wide * this.#scales[index]), 0);
        return Math.max(this.#room.width, Math.ceil(widest) + 2 * this.side);
    }

    /** Set the pages in a room. @param {Size} room @param {Zoom} zoom */
    fit(room, zoom) {
        this.#room = room;
        this.#zoom = zoom;
        this.#scales = Float64Array.from(this.#sizes, ([wide, high]) => this.#scaleOf(wide, high));
        const tall = this.#sizes.reduce((sum, [, high], index) => sum + high * this.#scales[index], 0);
        if (tall > TALLEST) this.#scales = this.#scales.map((scale) => (scale * TALLEST) / tall);
        let top = this.gap;
        this.#tops = new Float64Array(this.count + 1);
        for (let index = 0; index < this.count; index++) {
            this.#tops[index] = top;
            top += Math.round(this.#sizes[index][1] * this.#scales[index]) + this.gap;
        }
        this.#tops[this.count] = top;
    }

    /** @param {number} wide @param {number} high */
    #scaleOf(wide, high) {
        if (typeof this.#zoom === 'number') return (WHOLE * this.#zoom) / 100;
        const across = Math.max(this.#room.width - 2 * this.side, 50);
        if (this.#zoom === 'page') return Math.min(across / wide, Math.max(this.#room.height - 2 * this.gap, 50) / high);
        return Math.min(across / this.#usual, across / wide, WHOLE * WIDEST);
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
        const [wide, high] = this.#sizes[index];
        const width = Math.round(wide * this.#scales[index]);
        return {
            left: Math.max(this.side, Math.round((this.width - width) / 2)), top: this.#tops[index], width,
            height: Math.round(high * this.#scales[index]),
        };
    }

    /** The page that stands at a height, or the next one below. @param {number} y */
    at(y) {
        return Math.min(firstIndex(this.count, (index) => this.#tops[index + 1] > y), this.count - 1);
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
