// @ts-check
/**
 * The way along which the text of a book goes on: down, or sideways. Positions count from where the text begins,
 * whichever way that is, so that whoever moves through a book need not know how it is set.
 */

/** @typedef {'down' | 'right' | 'left'} Way */

/**
 * @typedef {{ left: number, top: number, right: number, bottom: number }} Box
 * @typedef {object} Sides
 * @property {(box: Box) => number} near where a box begins
 * @property {(box: Box) => number} far where it ends; it grows as the text goes on, like `near`
 */

/** @type {Record<Way, Sides>} */
const SIDES = {
    down: { near: ({ top }) => top, far: ({ bottom }) => bottom },
    right: { near: ({ left }) => left, far: ({ right }) => right },
    left: { near: ({ right }) => -right, far: ({ left }) => -left },
};

/**
 * How the pages and lines of a book go on.
 * @param {{ isPaged: boolean, isUpright: boolean, isRtl: boolean }} how `isUpright`: the lines run from top to bottom
 * @returns {Way} columns of upright lines stand below each other; the lines themselves go to the left
 */
export function wayOf({ isPaged, isUpright, isRtl }) {
    if (isPaged) return isUpright ? 'down' : isRtl ? 'left' : 'right';
    return isUpright ? 'left' : 'down';
}

export class Axis {
    #scroll;
    /** @type {Way} */ way = 'down';

    /** @param {HTMLElement} scroll */
    constructor(scroll) {
        this.#scroll = scroll;
    }

    get isAcross() {
        return this.way !== 'down';
    }

    /** How far the text is moved. */
    get at() {
        const { scrollTop, scrollLeft } = this.#scroll;
        return this.way === 'down' ? scrollTop : this.way === 'right' ? scrollLeft : -scrollLeft;
    }

    /** The length of what is seen. */
    get size() {
        return this.isAcross ? this.#scroll.clientWidth : this.#scroll.clientHeight;
    }

    /** The length of all that is there. */
    get whole() {
        return this.isAcross ? this.#scroll.scrollWidth : this.#scroll.scrollHeight;
    }

    /** The furthest position. */
    get most() {
        return Math.max(0, this.whole - this.size);
    }

    /** Where what is seen begins, as `near` counts. */
    get edge() {
        return this.near(this.#scroll.getBoundingClientRect());
    }

    /** @param {Box} box */
    near(box) {
        return SIDES[this.way].near(box);
    }

    /** @param {Box} box */
    far(box) {
        return SIDES[this.way].far(box);
    }

    /** @param {number} position @param {ScrollBehavior} [behavior] */
    to(position, behavior = 'instant') {
        const isStill = behavior === 'smooth' && matchMedia('(prefers-reduced-motion: reduce)').matches;
        const place = this.way === 'down' ? { top: position } : { left: this.way === 'right' ? position : -position };
        this.#scroll.scrollTo({ ...place, behavior: isStill ? 'instant' : behavior });
    }
}
