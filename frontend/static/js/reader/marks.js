// @ts-check
/** The quoted words in the text: those of the last answer softly, the one the reader went to clearly. */

import { light, unwrap, wrap } from './span.js';

/** @typedef {{ q: string, section: number, start: number, end: number }} Cited */

export class Marks {
    #leaves;
    /** @type {Map<string, Cited>} */ #cited = new Map();
    /** @type {Cited | null} */ #pointed = null;

    /** @param {import('./leaves.js').Leaves} leaves */
    constructor(leaves) {
        this.#leaves = leaves;
        leaves.addEventListener('leaf', (event) => this.#dress(/** @type {CustomEvent} */ (event).detail));
    }

    /** Mark these quotes and no others. @param {Cited[]} quotes */
    show(quotes) {
        const next = new Map(quotes.map((quote) => [quote.q, quote]));
        for (const q of this.#cited.keys()) if (!next.has(q)) unwrap(this.#marks(q));
        for (const quote of quotes) {
            const leaf = this.#cited.has(quote.q) ? null : this.#leaves.leaf(quote.section);
            if (leaf && quote.q !== this.#pointed?.q) this.#wrap(leaf, quote);
        }
        this.#cited = next;
    }

    /**
     * Mark the words the reader went to, alone in the clear colour, and put the focus on them.
     * @param {Cited} place
     */
    point(place) {
        this.#forgetPoint();
        this.#pointed = place;
        const leaf = this.#leaves.leaf(place.section);
        if (leaf && !this.#marks(place.q).length) this.#wrap(leaf, place);
        const marks = this.#marks(place.q);
        light(marks, true);
        marks[0]?.focus({ preventScroll: true });
    }

    /** @param {HTMLElement} leaf */
    #dress(leaf) {
        const wanted = [...this.#cited.values(), ...(this.#pointed && !this.#cited.has(this.#pointed.q) ? [this.#pointed] : [])];
        for (const quote of wanted) if (quote.section === Number(leaf.dataset.section)) this.#wrap(leaf, quote);
    }

    /** Mark a quote once: a leaf that was there before the quotes came is told of as well. @param {HTMLElement} leaf @param {Cited} quote */
    #wrap(leaf, { q, start, end }) {
        if (!leaf.querySelector(`mark[data-q="${q}"]`)) wrap(leaf, start, end, { q, on: q === this.#pointed?.q });
    }

    #forgetPoint() {
        if (!this.#pointed) return;
        const { q } = this.#pointed;
        const marks = this.#marks(q);
        if (this.#cited.has(q)) light(marks, false);
        else unwrap(marks);
        this.#pointed = null;
    }

    /** @param {string} q @returns {HTMLElement[]} */
    #marks(q) {
        return this.#leaves.all.flatMap((leaf) => [.../** @type {NodeListOf<HTMLElement>} */ (leaf.querySelectorAll(`mark[data-q="${q}"]`))]);
    }
}
