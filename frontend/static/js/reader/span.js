// @ts-check
/**
 * Spans of canonical text <-> places in the page. The only module that converts between code
 * points (how the server counts) and UTF-16 units (how the browser counts).
 *
 * Every block of a section carries `data-start` and `data-end`; the text nodes inside it hold
 * exactly the characters [start, end) of the section's text. Text outside blocks (line breaks of
 * the template) and inside `data-skip` (marks of ours) is not part of the book. A reading over a
 * word and the name of a missing picture are drawn by the style sheet: they are no text nodes.
 */

import { hold, isHeld, rangesOf, release, repaint } from './paint.js';

/** @typedef {{ node: Text, start: number, length: number }} Piece a text node, where it starts and how long it is, in code points */
/** @typedef {{ piece: Piece, from: number, to: number }} Cut UTF-16 units [from, to) of a piece's node */

/** Code points in `text`. @param {string} text */
export function points(text) {
    let count = text.length;
    for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        // A high surrogate with its low one is a single code point; a lone half counts as one, as in Python.
        if (unit >= 0xd800 && unit <= 0xdbff && isLow(text.charCodeAt(i + 1))) {
            count--;
            i++;
        }
    }
    return count;
}

/**
 * The UTF-16 offset of code point number `count` of `text`.
 * @param {string} text
 * @param {number} count
 */
export function units(text, count) {
    let at = 0;
    for (let seen = 0; seen < count && at < text.length; seen++) {
        const unit = text.charCodeAt(at);
        at += unit >= 0xd800 && unit <= 0xdbff && isLow(text.charCodeAt(at + 1)) ? 2 : 1;
    }
    return at;
}

/** @param {number} unit */
const isLow = (unit) => unit >= 0xdc00 && unit <= 0xdfff;

/**
 * The text nodes of a section in reading order.
 * @param {Element} root
 * @returns {Piece[]}
 */
export function pieces(root) {
    /** @type {Piece[]} */
    const found = [];
    collect(root, -1, found);
    return found;
}

/**
 * @param {Node} parent
 * @param {number} at the code point its text starts at; -1 outside of blocks
 * @param {Piece[]} found
 * @returns {number} the code point after its text
 */
function collect(parent, at, found) {
    for (const child of parent.childNodes) {
        if (child.nodeType === 3) {
            if (at < 0) continue;
            const length = points(child.nodeValue ?? '');
            if (length) found.push({ node: /** @type {Text} */ (child), start: at, length });
            at += length;
        } else if (child.nodeType === 1) {
            const element = /** @type {HTMLElement} */ (child);
            if (element.hasAttribute('data-skip')) continue;
            const start = element.getAttribute('data-start');
            if (start === null) at = collect(element, at, found);
            else {
                collect(element, Number(start), found);
                if (at >= 0) at = Number(element.getAttribute('data-end'));
            }
        }
    }
    return at;
}

/**
 * The parts of `all` that lie in code points [start, end).
 * @param {Piece[]} all
 * @param {number} start
 * @param {number} end
 * @returns {Cut[]}
 */
export function cuts(all, start, end) {
    /** @type {Cut[]} */
    const found = [];
    for (const piece of all) {
        const first = Math.max(start, piece.start) - piece.start;
        const last = Math.min(end, piece.start + piece.length) - piece.start;
        if (first >= last) continue;
        const text = piece.node.nodeValue ?? '';
        found.push({ piece, from: units(text, first), to: units(text, last) });
    }
    return found;
}

/**
 * Mark the code points [start, end): one mark around each part of a text node they touch, the text stays as it is.
 * Inside a formula no element of ours can stand, so its words are painted (paint.js) and an empty mark before
 * the formula holds them.
 * @param {Element} root
 * @param {number} start
 * @param {number} end
 * @param {{ q: string, on?: boolean }} name `q` ties the marks to their chip and slip
 * @returns {HTMLElement[]} the marks in reading order; the first can take the focus
 */
export function wrap(root, start, end, { q, on = false }) {
    /** @type {HTMLElement[]} */
    const marks = [];
    /** @type {Map<Node, Range[]>} */
    const painted = new Map();
    for (const { piece, from, to } of cuts(pieces(root), start, end)) {
        const { node } = piece;
        if (isBetweenCells(node)) continue;
        const formula = formulaOf(node, root);
        const ranges = formula && painted.get(formula);
        if (ranges) {
            ranges.push(rangeOf(node, from, to));
            continue;
        }
        const mark = root.ownerDocument.createElement('mark');
        mark.setAttribute('class', on ? 'cited on' : 'cited');
        mark.setAttribute('data-q', q);
        if (formula) {
            painted.set(formula, [rangeOf(node, from, to)]);
            mark.setAttribute('data-skip', '');
            formula.parentNode?.insertBefore(mark, formula);
            hold(mark, /** @type {Range[]} */ (painted.get(formula)));
        } else {
            const middle = from > 0 ? node.splitText(from) : node;
            if (to - from < (middle.nodeValue ?? '').length) middle.splitText(to - from);
            middle.parentNode?.replaceChild(mark, middle);
            mark.appendChild(middle);
        }
        marks.push(mark);
    }
    if (painted.size) repaint();
    marks[0]?.setAttribute('tabindex', '-1');
    return marks;
}

/** Whether a text node is the tab between two cells: no mark can stand there. @param {Text} node */
const isBetweenCells = (node) => node.parentNode?.nodeName === 'TR';

/** The formula a text node stands in. @param {Node} node @param {Element} root @returns {Node | null} */
function formulaOf(node, root) {
    for (let above = node.parentNode; above && above !== root; above = above.parentNode) {
        if (above.nodeName.toLowerCase() === 'math') return above;
    }
    return null;
}

/**
 * Show marks clearly or softly.
 * @param {Iterable<Element>} marks
 * @param {boolean} isOn
 */
export function light(marks, isOn) {
    for (const mark of marks) for (const name of ['on', 'arrive']) mark.classList.toggle(name, isOn);
    repaint();
}

/** The words that marks stand on. @param {Iterable<Element>} marks */
export const wordsOf = (marks) =>
    [...marks].map((mark) => (isHeld(mark) ? rangesOf(mark).map(String).join('') : mark.textContent)).join('');

/**
 * Take marks away again; the text nodes are joined as they were.
 * @param {Iterable<Element>} marks
 */
export function unwrap(marks) {
    for (const mark of [...marks]) {
        release(mark);
        const parent = mark.parentNode;
        if (!parent) continue;
        while (mark.firstChild) parent.insertBefore(mark.firstChild, mark);
        parent.removeChild(mark);
        parent.normalize();
    }
}

/**
 * The code points of a section that a selection covers.
 * @param {Element} root
 * @param {Range} range
 * @returns {{ start: number, end: number } | null} null when it covers none
 */
export function spanOf(root, range) {
    const all = pieces(root);
    if (!all.length) return null;
    const start = edgeAt(all, range.startContainer, range.startOffset, false);
    const end = edgeAt(all, range.endContainer, range.endOffset, true);
    return start < end ? { start, end } : null;
}

/**
 * The code point at one edge of a selection; half of a character is all of it.
 * @param {Piece[]} all
 * @param {Node} node
 * @param {number} unit
 * @param {boolean} isEnd
 */
function edgeAt(all, node, unit, isEnd) {
    const own = all.find((piece) => piece.node === node);
    if (own) {
        const text = own.node.data;
        const isInside = isLow(text.charCodeAt(unit)) && /[\ud800-\udbff]$/.test(text.slice(0, unit));
        return own.start + points(text.slice(0, isInside && !isEnd ? unit - 1 : unit));
    }
    const edge = /** @type {Document} */ (node.ownerDocument).createRange();
    edge.setStart(node, unit);
    edge.collapse(true);
    const next = firstIndex(all.length, (i) => edge.comparePoint(all[i].node, 0) >= 0);
    const last = all[next - 1];
    if (isEnd) return last ? last.start + last.length : all[0].start;
    return next < all.length ? all[next].start : last.start + last.length;
}

/**
 * The first code point of a section that is not above `top`, and -1 when all of it is.
 * @param {Element} root
 * @param {number} top in pixels of the window
 * @param {(box: DOMRect) => number} [far] where a box ends, in the direction in which the text goes on
 */
export function offsetAt(root, top, far = (box) => box.bottom) {
    const all = pieces(root);
    const isPast = (/** @type {Piece} */ { node }, /** @type {number} */ from, /** @type {number} */ to) =>
        far(rangeOf(node, from, to).getBoundingClientRect()) > top;
    const at = firstIndex(all.length, (i) => isPast(all[i], 0, all[i].node.length));
    if (at === all.length) return -1;
    const { node, start } = all[at];
    const unit = firstIndex(node.length, (i) => isPast(all[at], i, i + 1));
    return start + points((node.nodeValue ?? '').slice(0, unit));
}

/**
 * Where a code point of a section is on the screen, or null when it is not in it.
 * @param {Element} root
 * @param {number} offset
 * @returns {DOMRect | null}
 */
export function boxAt(root, offset) {
    const [cut] = cuts(pieces(root), offset, offset + 1);
    return cut ? rangeOf(cut.piece.node, cut.from, cut.to).getBoundingClientRect() : null;
}

/**
 * @param {Text} node
 * @param {number} from
 * @param {number} to
 */
function rangeOf(node, from, to) {
    const range = node.ownerDocument.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    return range;
}

/**
 * The first of 0 … count - 1 for which `is` holds (it must not stop holding after that), else count.
 * @param {number} count
 * @param {(i: number) => boolean} is
 */
export function firstIndex(count, is) {
    let low = 0;
    let high = count;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (is(middle)) high = middle;
        else low = middle + 1;
    }
    return low;
}
