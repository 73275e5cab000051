// @ts-check
/**
 * What is laid over the text of `Leaves`: quotes, painted words, selections, and where words stand. See view.js for the
 * promises. Painted words are ranges with a colour (paint.js); their text is left as it is.
 */

import { Reaches } from './leaf_layers_reach.js';
import { Marks } from './marks.js';
import { isPlain } from './notes.js';
import { colour } from './paint.js';
import { cuts, pieces, points, spanOf } from './span.js';
import { SelectionWatch } from './selecting_watch.js';

/** @typedef {import('./view.js').Span} Span */
/** @typedef {import('./view.js').Painted} Painted */

const NEAR = 3; // pixels beside painted words that still count as on them
const PIECE = ':is(p, h2, h3, h4, h5, h6, li, td, th, pre)';

export class LeafLayers extends EventTarget {
    #leaves;
    #marks;
    #reaches;
    /** @type {Map<string, Painted[]>} */ #layers = new Map();
    /** @type {Map<string, Map<string, Range[]>>} what each layer shows, by its looks */ #shown = new Map();
    #isDue = false;

    /** @param {import('./leaves.js').Leaves} leaves */
    constructor(leaves) {
        super();
        this.#leaves = leaves;
        this.#marks = new Marks(leaves);
        this.#reaches = new Reaches(leaves.element, (item) => this.rects(item));
        this.#reaches.addEventListener('enter', (event) => this.#hit(/** @type {CustomEvent} */ (event).detail));
        leaves.addEventListener('leaf', () => this.#soon());
        leaves.addEventListener('layout', () => this.#reaches.settle());
        leaves.element.addEventListener('click', (event) => this.#click(event));
        new SelectionWatch(leaves.element, () => this.selection()).addEventListener('selected', (event) => {
            this.dispatchEvent(new CustomEvent('selected', { detail: /** @type {CustomEvent} */ (event).detail }));
        });
    }

    /** @param {import('./view.js').Cited[]} quotes */
    quotes(quotes) {
        this.#marks.show(quotes);
        this.#dressAll();
    }

    /** @param {import('./view.js').Cited} quote */
    point(quote) {
        this.#marks.point(quote);
        this.#dressAll();
    }

    /** @param {string} layer @param {Painted[]} items */
    paint(layer, items) {
        this.#layers.set(layer, items);
        this.#dress(layer);
        this.#reaches.show(layer, items.filter((item) => item.label && this.#leaves.leaf(item.section)));
    }

    /** @param {Span} span @returns {DOMRect[]} */
    rects(span) {
        return this.#ranges(span).flatMap((range) => [...range.getClientRects()]).filter(({ width, height }) => width && height);
    }

    /** The column the words of a span stand in. @param {Span} span @returns {DOMRect | null} */
    column({ section, start }) {
        const leaf = this.#leaves.leaf(section);
        const [cut] = leaf ? cuts(pieces(leaf), start, start + 1) : [];
        const block = cut?.piece.node.parentElement?.closest('[data-start]');
        if (!leaf || !block) return null;
        const style = getComputedStyle(leaf);
        if (style.columnWidth === 'auto' && style.columnCount === 'auto') {
            const box = leaf.getBoundingClientRect();
            const [top, right, bottom, left] = [style.paddingTop, style.paddingRight, style.paddingBottom, style.paddingLeft].map(Number.parseFloat);
            return new DOMRect(box.left + left, box.top + top, box.width - left - right, box.height - top - bottom);
        }
        // Pages are columns: of a paragraph that goes over two of them, the part with the words.
        const [line] = this.rects({ section, start, end: start + 1 });
        return [...block.getClientRects()].find(({ left, right }) => line && left <= line.left + 2 && line.left < right) ?? null;
    }

    /** @returns {import('./view.js').Selected | null} */
    selection() {
        const selected = getSelection();
        if (!selected || selected.isCollapsed || !selected.rangeCount) return null;
        const range = selected.getRangeAt(0);
        const leaf = this.#leaves.all.find((one) => range.intersectsNode(one));
        const span = leaf && spanOf(leaf, range);
        if (!leaf || !span) return null;
        const section = Number(leaf.dataset.section);
        const rects = this.rects({ section, ...span });
        return rects.length ? { section, ...span, text: selected.toString(), rects } : null;
    }

    /** New text came into the page: paint it with the next frame. */
    #soon() {
        if (this.#isDue) return;
        this.#isDue = true;
        requestAnimationFrame(() => {
            this.#isDue = false;
            this.#dressAll();
        });
    }

    #dressAll() {
        for (const [layer, items] of this.#layers) {
            this.#dress(layer);
            this.#reaches.show(layer, items.filter((item) => item.label && this.#leaves.leaf(item.section)));
        }
    }

    /** @param {string} layer */
    #dress(layer) {
        /** @type {Map<string, Range[]>} */
        const looks = new Map([...(this.#shown.get(layer)?.keys() ?? [])].map((look) => [look, []]));
        /** @type {Map<number, import('./span.js').Piece[]>} */
        const known = new Map();
        for (const item of uncovered(this.#layers.get(layer) ?? [])) {
            const leaf = this.#leaves.leaf(item.section);
            if (!leaf) continue;
            const all = known.get(item.section) ?? pieces(leaf);
            known.set(item.section, all);
            const ranges = looks.get(item.look) ?? [];
            looks.set(item.look, ranges);
            ranges.push(...rangesIn(all, item, { isUnder: item.look.startsWith('hl') }));
        }
        this.#shown.set(layer, looks);
        for (const look of looks.keys()) colour(look, [...this.#shown.values()].flatMap((one) => one.get(look) ?? []));
    }

    /** @param {Span} span @returns {Range[]} */
    #ranges(span) {
        const leaf = this.#leaves.leaf(span.section);
        return leaf ? rangesIn(pieces(leaf), span, { isUnder: false }) : [];
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const target = /** @type {Element} */ (event.target);
        if (!isPlain(event) || !getSelection()?.isCollapsed || target.closest('a, button, .pop')) return;
        const found = this.#at(event.clientX, event.clientY);
        if (!found) return;
        event.preventDefault(); // no page is turned by it
        this.#hit(found);
    }

    /** The painted item under a point: of several the shortest. @param {number} x @param {number} y */
    #at(x, y) {
        const place = placeAt(x, y);
        const leaf = place && /** @type {HTMLElement | null} */ (place.node.parentElement?.closest('.leaf'));
        const piece = leaf && pieces(leaf).find(({ node }) => node === place.node);
        if (!leaf || !piece) return null;
        const offset = piece.start + points(piece.node.data.slice(0, place.unit));
        const section = Number(leaf.dataset.section);
        const hits = [...this.#layers].flatMap(([layer, items]) =>
            items.filter((item) => item.section === section && item.start <= offset && offset <= item.end && item.id).map((item) => ({ layer, item })),
        );
        hits.sort((one, other) => one.item.end - one.item.start - (other.item.end - other.item.start));
        return hits.find(({ item }) => this.rects(item).some((rect) => isIn(rect, x, y))) ?? null;
    }

    /** @param {{ layer: string, item: Painted }} found */
    #hit({ layer, item }) {
        const [rect] = this.rects(item);
        if (rect) this.dispatchEvent(new CustomEvent('hit', { detail: { layer, id: item.id, rect } }));
    }
}

/**
 * Inks that lie over each other: what begins later lies on top, and cuts what is under it.
 * @param {Painted[]} items in the order of the text
 * @returns {Painted[]}
 */
export function uncovered(items) {
    return items.flatMap((item, i) => {
        let parts = [item];
        for (let j = i + 1; j < items.length && items[j].section === item.section && items[j].start < item.end; j++) {
            const { start, end } = items[j];
            parts = parts.flatMap((part) => [{ ...part, end: Math.min(part.end, start) }, { ...part, start: Math.max(part.start, end) }]).filter((part) => part.start < part.end);
        }
        return parts;
    });
}

/**
 * The ranges of a span. Ink lies under the words one went to: there it is left out.
 * @param {import('./span.js').Piece[]} all
 * @param {Span} span
 * @param {{ isUnder: boolean }} how
 */
function rangesIn(all, { start, end }, { isUnder }) {
    const found = [];
    for (const { piece, from, to } of cuts(all, start, end)) {
        const above = piece.node.parentElement;
        if (!above?.closest(PIECE) || (isUnder && above.closest('mark.cited.on'))) continue;
        const range = document.createRange();
        range.setStart(piece.node, from);
        range.setEnd(piece.node, to);
        found.push(range);
    }
    return found;
}

/** The text node and the unit under a point of the window. @param {number} x @param {number} y @returns {{ node: Text, unit: number } | null} */
function placeAt(x, y) {
    const page = /** @type {any} */ (document);
    const caret = page.caretPositionFromPoint?.(x, y);
    const range = caret ? null : page.caretRangeFromPoint?.(x, y);
    const [node, unit] = caret ? [caret.offsetNode, caret.offset] : [range?.startContainer, range?.startOffset];
    return node?.nodeType === 3 ? { node, unit } : null;
}

/** @param {DOMRect} rect @param {number} x @param {number} y */
const isIn = ({ left, right, top, bottom }, x, y) => x >= left - NEAR && x <= right + NEAR && y >= top - NEAR && y <= bottom + NEAR;
