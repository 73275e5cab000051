// @ts-check
/** What is laid over the text of `Leaves`: quotes, selections, and where words stand. See view.js for the promises. */

import { Marks } from './marks.js';
import { cuts, pieces, spanOf } from './span.js';

/** @typedef {import('./view.js').Span} Span */

export class LeafLayers extends EventTarget {
    #leaves;
    #marks;

    /** @param {import('./leaves.js').Leaves} leaves */
    constructor(leaves) {
        super();
        this.#leaves = leaves;
        this.#marks = new Marks(leaves);
    }

    /** @param {import('./view.js').Cited[]} quotes */
    quotes(quotes) {
        this.#marks.show(quotes);
    }

    /** @param {import('./view.js').Cited} quote */
    point(quote) {
        this.#marks.point(quote);
    }

    /** @param {Span} span @returns {DOMRect[]} */
    rects({ section, start, end }) {
        const leaf = this.#leaves.leaf(section);
        if (!leaf) return [];
        return cuts(pieces(leaf), start, end).flatMap(({ piece, from, to }) => {
            const range = document.createRange();
            range.setStart(piece.node, from);
            range.setEnd(piece.node, to);
            return [...range.getClientRects()];
        });
    }

    /** @returns {import('./view.js').Selected | null} */
    selection() {
        const selected = getSelection();
        if (!selected || selected.isCollapsed || !selected.rangeCount) return null;
        const range = selected.getRangeAt(0);
        const leaf = this.#leaves.all.find((one) => range.intersectsNode(one));
        const span = leaf && spanOf(leaf, range);
        if (!leaf || !span) return null;
        return { section: Number(leaf.dataset.section), ...span, text: selected.toString(), rects: [...range.getClientRects()] };
    }
}
