// @ts-check
/**
 * What is laid over the printed pages of `Sheets`: quotes, highlights and the like under the words, as shapes that let
 * the print show through. See view.js for the promises. Besides them: `unplaced`, words to point at are on no page.
 */

import { SelectionWatch } from './selecting_watch.js';
import { spanOf } from './span.js';

const SPACE = 'http://www.w3.org/2000/svg';
const QUOTES = 'quotes';
const LINK = '.pagelinks a'; // sheet_links.js

/** @typedef {import('./view.js').Span} Span */
/** @typedef {import('./view.js').Painted} Painted */
/** @typedef {import('./view.js').Cited} Cited */
/** @typedef {import('./sheet_page.js').SheetPage} SheetPage */
/** @typedef {{ key: string, layer: string, id: string, span: Span, look: string, label: string, isPoint: boolean }} Shape */

export class SheetLayers extends EventTarget {
    #sheets;
    /** @type {Cited[]} */ #quotes = [];
    /** @type {Cited | null} */ #pointed = null;
    /** @type {Map<string, Painted[]>} */ #layers = new Map();

    /** @param {import('./sheets.js').Sheets} sheets */
    constructor(sheets) {
        super();
        this.#sheets = sheets;
        sheets.addEventListener('page', (event) => this.#dress(/** @type {CustomEvent} */ (event).detail));
        sheets.list.addEventListener('click', (event) => this.#clicked(event));
        sheets.list.addEventListener('keydown', (event) => this.#entered(event));
        sheets.list.addEventListener('copy', (event) => this.#copied(event));
        sheets.list.addEventListener('pointerdown', ({ target }) => {
            if (!/** @type {Element} */ (target).closest(LINK)) document.body.dataset.isChoosing = 'true';
        });
        for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => delete document.body.dataset.isChoosing);
        new SelectionWatch(sheets.list, () => this.selection()).addEventListener('selected', (event) => {
            this.dispatchEvent(new CustomEvent('selected', { detail: /** @type {CustomEvent} */ (event).detail }));
        });
    }

    /** @param {Cited[]} quotes */
    quotes(quotes) {
        this.#quotes = quotes;
        this.#dressAll();
    }

    /** @param {Cited} quote */
    point(quote) {
        this.#pointed = quote;
        this.#dressAll();
        const marks = /** @type {NodeListOf<SVGElement>} */ (this.#sheets.list.querySelectorAll('.paints .on'));
        if (marks.length) marks[0].focus({ preventScroll: true });
        else this.dispatchEvent(new CustomEvent('unplaced', { detail: quote }));
    }

    /** @param {string} layer @param {Painted[]} items */
    paint(layer, items) {
        this.#layers.set(layer, items);
        this.#dressAll();
    }

    /** @param {Span} span @returns {DOMRect[]} */
    rects(span) {
        return this.#sheets.all.flatMap((page) => {
            const boxes = page.words?.boxes(span) ?? [];
            if (!boxes.length) return [];
            const edge = page.element.getBoundingClientRect();
            const scale = edge.width / page.size[0];
            return boxes.map(([left, top, right, bottom]) => new DOMRect(edge.left + left * scale, edge.top + top * scale, (right - left) * scale, (bottom - top) * scale));
        });
    }

    /** The column of print that words stand in: what is in the margin stands beside it. @param {Span} span @returns {DOMRect | null} */
    column(span) {
        for (const page of this.#sheets.all) {
            const [first] = page.words?.boxes(span) ?? [];
            if (!first || !page.words) continue;
            const near = page.words.lines.filter(({ left, right }) => left < first[2] && right > first[0]);
            const [left, right] = [Math.min(...near.map((line) => line.left)), Math.max(...near.map((line) => line.right))];
            const edge = page.element.getBoundingClientRect();
            const scale = edge.width / page.size[0];
            return new DOMRect(edge.left + left * scale, edge.top, (right - left) * scale, edge.height);
        }
        return null;
    }

    /** @returns {import('./view.js').Selected | null} */
    selection() {
        const selected = getSelection();
        if (!selected || selected.isCollapsed || !selected.rangeCount) return null;
        const range = selected.getRangeAt(0);
        if (!range.intersectsNode(this.#sheets.list)) return null;
        const parts = this.#sheets.all.flatMap((page) => page.parts).filter((part) => range.intersectsNode(part));
        const found = parts.map((part) => ({ section: Number(part.dataset.section), span: spanOf(part, range) })).filter(({ span }) => span);
        if (!found.length) return null;
        const { section } = found[0];
        const spans = found.filter((one) => one.section === section).map(({ span }) => /** @type {{ start: number, end: number }} */ (span));
        const span = { section, start: Math.min(...spans.map(({ start }) => start)), end: Math.max(...spans.map(({ end }) => end)) };
        return { ...span, text: this.#text(span), rects: this.rects(span) };
    }

    /** @param {Span} span */
    #text(span) {
        return this.#sheets.all.map((page) => page.words?.text(span) ?? '').join('');
    }

    /** What there is to be drawn, the lowest first. @returns {Shape[]} */
    #shapes() {
        const painted = [...this.#layers].flatMap(([layer, items]) =>
            items.map(({ id, look, label = '', ...span }) => ({ key: `${layer}/${id}/${look}/${label}`, layer, id, span, look, label, isPoint: false })),
        );
        const quotes = this.#pointed && !this.#quotes.some(({ q }) => q === this.#pointed?.q) ? [...this.#quotes, this.#pointed] : this.#quotes;
        return [...painted, ...quotes.map(({ q, ...span }) => {
            const isPoint = this.#pointed?.q === q;
            return { key: `${QUOTES}/${q}/${isPoint}`, layer: QUOTES, id: q, span, look: isPoint ? 'cited on arrive' : 'cited', label: '', isPoint };
        })];
    }

    #dressAll() {
        for (const page of this.#sheets.all) this.#dress(page);
    }

    /** Draw a page's shapes; those that are there already stay, with the focus. @param {SheetPage} page */
    #dress(page) {
        const { words, paints } = page;
        if (!words) return;
        const old = new Map([...paints.children].map((shape) => [/** @type {SVGElement} */ (shape).dataset.key, shape]));
        const shapes = this.#shapes().flatMap((shape) => {
            const boxes = words.boxes(shape.span);
            if (!boxes.length) return [];
            const key = `${shape.key}/${boxes.join()}`;
            const there = old.get(key);
            old.delete(key);
            return [there ?? drawn({ ...shape, key }, boxes, shape.isPoint ? this.#text(shape.span) : '')];
        });
        for (const gone of old.values()) gone.remove();
        shapes.forEach((shape, at) => paints.children[at] !== shape && paints.insertBefore(shape, paints.children[at] ?? null));
    }

    /** What is painted where the reader clicked. @param {MouseEvent} event */
    #clicked(event) {
        const element = /** @type {Element} */ (event.target).closest('[data-page]');
        const page = element && this.#sheets.all.find((one) => one.element === element);
        const selected = getSelection();
        if (/** @type {Element} */ (event.target).closest(LINK)) return;
        if (!page || (selected && !selected.isCollapsed)) return;
        const edge = page.element.getBoundingClientRect();
        const scale = page.size[0] / edge.width;
        const [x, y] = [(event.clientX - edge.left) * scale, (event.clientY - edge.top) * scale];
        const shapes = [...page.paints.children].reverse();
        const isHit = (/** @type {Element} */ shape) => shape.getAttribute('data-id') && [...shape.children].some((box) => holds(box, x, y));
        const shape = shapes.find((one) => isHit(one) && /** @type {SVGElement} */ (one).dataset.layer !== QUOTES) ?? shapes.find(isHit);
        if (shape) this.#hit(/** @type {SVGElement} */ (shape));
    }

    /** @param {KeyboardEvent} event */
    #entered(event) {
        const shape = /** @type {SVGElement | null} */ (/** @type {Element} */ (event.target).closest('[data-id][role="button"]'));
        if (!shape || (event.key !== 'Enter' && event.key !== ' ')) return;
        event.preventDefault();
        this.#hit(shape);
    }

    /** @param {SVGElement} shape */
    #hit(shape) {
        const { layer = '', id = '' } = shape.dataset;
        this.dispatchEvent(new CustomEvent('hit', { detail: { layer, id, rect: shape.getBoundingClientRect() } }));
    }

    /** The words as the book has them: whole words and paragraphs, not the lines of the page. @param {ClipboardEvent} event */
    #copied(event) {
        const selected = this.selection();
        if (!selected || !event.clipboardData) return;
        event.clipboardData.setData('text/plain', selected.text);
        event.preventDefault();
    }
}

/**
 * @param {Shape} shape
 * @param {import('./sheet_words.js').Box[]} boxes
 * @param {string} words of the quote one goes to
 */
function drawn({ key, layer, id, look, label, isPoint }, boxes, words) {
    const name = isPoint ? words : label;
    const role = label ? 'button' : isPoint ? 'group' : null;
    const group = made('g', {
        class: look, 'data-key': key, 'data-layer': layer, 'data-id': id, role,
        'aria-label': name || null, 'aria-hidden': name ? null : 'true', tabindex: label ? 0 : isPoint ? -1 : null,
    });
    if (layer === QUOTES) group.dataset.q = id;
    for (const [left, top, right, bottom] of boxes) {
        const [beyond, rise] = [5, Math.round((bottom - top) * 0.08)];
        group.append(made('rect', { x: left - beyond, y: top - rise, width: right - left + 2 * beyond, height: bottom - top + 2 * rise, rx: 12 }));
    }
    return group;
}

/** @param {string} tag @param {Record<string, string | number | null>} attributes */
function made(tag, attributes) {
    const element = document.createElementNS(SPACE, tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, String(value));
    return /** @type {SVGElement} */ (element);
}

/** @param {Element} box @param {number} x @param {number} y */
function holds(box, x, y) {
    const [left, top, wide, high] = ['x', 'y', 'width', 'height'].map((name) => Number(box.getAttribute(name)));
    return x >= left && x <= left + wide && y >= top && y <= top + high;
}
