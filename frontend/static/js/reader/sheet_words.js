// @ts-check
/**
 * The words of a printed page: where they stand, and as text that can be selected over its picture.
 *
 * Every line is one box of text; each word in it, with the space that follows, is stretched to where it stands by its
 * letter spacing. So the browser selects, searches and reads it aloud as any other text. A line carries `data-start`:
 * reader/span.js finds the characters of the book in it as it does in a section.
 */

import { points, units } from './span.js';

const BASE = 0.2; // pixels for a tenth of a point in the layer; the page scales it as a whole
const FACE = 'sans-serif';
const MOST_GROWN = 400; // lines: a page of more is no page of text
const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * @typedef {{
 *     section: number, start: number, end: number, left: number, top: number, right: number, bottom: number,
 *     text: string, tail: string, words: { start: number, end: number, left: number, right: number }[],
 * }} Line places in tenths of a point, characters of the section; `tail` is the white space that follows
 */
/** @typedef {[number, number, number, number]} Box left, top, right, bottom */

/** @param {any[]} row see books/pages.py `layer` @returns {Line} */
function lineOf([section, start, left, top, right, bottom, shown, ...numbers]) {
    const words = [];
    for (let at = 0; at < numbers.length; at += 4) {
        const [from, long, one, other] = numbers.slice(at, at + 4);
        words.push({ start: start + from, end: start + from + long, left: one, right: other });
    }
    const end = words[words.length - 1].end;
    const cut = units(shown, end - start);
    return { section, start, end, left, top, right, bottom, text: shown.slice(0, cut), tail: shown.slice(cut), words };
}

export class SheetWords {
    /** @param {any[][]} rows */
    constructor(rows) {
        /** @type {Line[]} */
        this.lines = rows.map((row) => lineOf(row));
    }

    /** The line a character stands in. @param {number} section @param {number} offset */
    find(section, offset) {
        return this.lines.find((line) => line.section === section && line.start <= offset && offset < line.end + line.tail.length) ?? null;
    }

    /** The last line that begins before a character, else the first of its section. @param {number} section @param {number} offset */
    near(section, offset) {
        const own = this.lines.filter((line) => line.section === section);
        return own.filter((line) => line.start <= offset).at(-1) ?? own[0] ?? null;
    }

    /** The first line, as one reads, that is not above a height. @param {number} top */
    below(top) {
        return this.lines.find((line) => line.bottom > top) ?? null;
    }

    /** Where the characters [start, end) stand, line by line. @param {import('./view.js').Span} span @returns {Box[]} */
    boxes({ section, start, end }) {
        /** @type {Box[]} */
        const found = [];
        for (const line of this.lines) {
            if (line.section !== section || line.start >= end || line.end <= start) continue;
            const edges = line.words.filter((word) => word.start < end && word.end > start).flatMap((word) => partOf(word, line, start, end));
            if (edges.length) found.push([Math.min(...edges), line.top, Math.max(...edges), line.bottom]);
        }
        return found;
    }

    /** The words that stand in a box. @param {Box} box */
    inside([left, top, right, bottom]) {
        const lines = this.lines.filter((line) => within((line.top + line.bottom) / 2, top, bottom) && line.left < right && line.right > left);
        return lines.map((line) => {
            const words = line.words.filter((word) => within((word.left + word.right) / 2, left, right));
            if (!words.length) return '';
            const [from, to] = [words[0].start, words[words.length - 1].end].map((at) => units(line.text, at - line.start));
            return line.text.slice(from, to).trim();
        }).filter(Boolean).join(' ');
    }

    /** The characters [start, end), as far as they are on this page. @param {import('./view.js').Span} span */
    text({ section, start, end }) {
        let text = '';
        for (const line of this.lines) {
            if (line.section !== section || line.start >= end || line.end + line.tail.length <= start) continue;
            const whole = line.text + line.tail;
            text += whole.slice(units(whole, Math.max(0, start - line.start)), units(whole, Math.max(0, end - line.start)));
        }
        return text;
    }

    /** The layer, to lie over a page of this size. @param {number[]} size tenths of a point */
    element([wide, high]) {
        const layer = document.createElement('div');
        layer.className = 'words';
        layer.style.width = `${wide * BASE}px`;
        layer.style.height = `${high * BASE}px`;
        const reaches = this.lines.length <= MOST_GROWN ? grown(this.lines, wide, high) : null;
        const isDown = downs(this.lines);
        /** @type {HTMLElement | null} */
        let part = null;
        this.lines.forEach((line, number) => {
            if (!part || part.dataset.section !== String(line.section)) {
                part = document.createElement('div');
                part.dataset.section = String(line.section);
                layer.append(part);
            }
            part.append(drawn(line, reaches?.[number] ?? [line.left, line.top, line.right, line.bottom], isDown[number]));
        });
        return layer;
    }
}

/** @param {number} at @param {number} from @param {number} to */
const within = (at, from, to) => at >= from && at <= to;

/** How much the page scales its layer. @param {number} scale pixels for a tenth of a point */
export const layerScale = (scale) => scale / BASE;

/**
 * The edges of the part of a word in [start, end): as far along as its characters are.
 * @param {{ start: number, end: number, left: number, right: number }} word
 * @param {Line} line
 * @param {number} start
 * @param {number} end
 */
function partOf(word, line, start, end) {
    const long = Math.max(word.end - word.start, 1);
    const [from, to] = [Math.max(start - word.start, 0) / long, Math.min(end - word.start, long) / long];
    const wide = word.right - word.left;
    return isRtl(line) ? [word.right - to * wide, word.right - from * wide] : [word.left + from * wide, word.left + to * wide];
}

/** @param {Line} line */
const isRtl = ({ words, text }) => (words.length > 1 ? words[1].left < words[0].left : RTL.test(text));

/** Whether a line runs down the page: short words do when those beside them do. @param {Line[]} lines @returns {boolean[]} */
export function downs(lines) {
    const isHigh = (/** @type {Line} */ { left, top, right, bottom }) => bottom - top > 2 * (right - left);
    const isSure = (/** @type {Line | undefined} */ line) => line !== undefined && points(line.text) > 3 && isHigh(line);
    /** @type {boolean[]} */
    const found = [];
    lines.forEach((line, at) => {
        const isShort = points(line.text) <= 3;
        found.push(isSure(line) || (isShort && (found[at - 1] === true || isSure(lines[at + 1]))));
    });
    return found;
}

/**
 * Let every line reach halfway to its neighbours, so that a selection drawn between lines goes on in the nearest one.
 * @param {Line[]} lines
 * @param {number} wide
 * @param {number} high
 * @returns {Box[]}
 */
function grown(lines, wide, high) {
    return lines.map((line) => {
        let [left, top, right, bottom] = [0, 0, wide, high];
        for (const other of lines) {
            if (other === line) continue;
            const isBeside = Math.min(line.bottom, other.bottom) - Math.max(line.top, other.top) > 0;
            if (isBeside && other.right <= line.left) left = Math.max(left, (other.right + line.left) / 2);
            else if (isBeside && other.left >= line.right) right = Math.min(right, (other.left + line.right) / 2);
        }
        for (const other of lines) {
            if (other === line || other.right <= left || other.left >= right) continue;
            if (other.top + other.bottom < line.top + line.bottom) top = Math.max(top, Math.min((other.bottom + line.top) / 2, line.top));
            else bottom = Math.min(bottom, Math.max((other.top + line.bottom) / 2, line.bottom));
        }
        return [Math.min(left, line.left), top, Math.max(right, line.right), bottom];
    });
}

/** @type {CanvasRenderingContext2D | null} */
let measuring = null;

/** How wide the browser sets a text. @param {string} text @param {number} size pixels */
function natural(text, size) {
    if (!measuring) {
        measuring = document.createElement('canvas').getContext('2d');
        if (measuring) /** @type {any} */ (measuring).textRendering = 'optimizeSpeed'; // as css/sheets.css has it
    }
    if (!measuring) return (text.length * size) / 2;
    measuring.font = `${size}px ${FACE}`;
    return measuring.measureText(text).width;
}

/** @param {Line} line @param {Box} reach @param {boolean} isDown */
function drawn(line, reach, isDown) {
    const element = document.createElement('div');
    const size = Math.max(1, Math.round((isDown ? line.right - line.left : line.bottom - line.top) * BASE * 0.86));
    const [left, top, right, bottom] = reach;
    element.className = isDown ? 'ln down' : 'ln';
    element.dataset.start = String(line.start);
    element.dataset.end = String(line.end);
    if (!isDown && isRtl(line)) element.dir = 'rtl';
    Object.assign(element.style, {
        left: px(left), top: px(top), width: px(right - left), height: px(bottom - top), fontSize: `${size}px`,
        lineHeight: isDown ? px(line.right - line.left) : px(line.bottom - line.top),
        paddingTop: px(line.top - top), paddingLeft: px(line.left - left), paddingRight: px(right - line.right),
    });
    const whole = isDown ? [{ ...line.words[0], end: line.end }] : line.words;
    whole.forEach((word, number) => element.append(stretched(line, word, whole[number + 1], { size, isDown })));
    return element;
}

/** @param {number} tenths */
const px = (tenths) => `${(tenths * BASE).toFixed(2)}px`;

/**
 * A word with the space behind it, as wide as from its beginning to that of the next.
 * @param {Line} line
 * @param {{ start: number, end: number, left: number, right: number }} word
 * @param {{ start: number, left: number, right: number } | undefined} next
 * @param {{ size: number, isDown: boolean }} how
 */
function stretched(line, word, next, { size, isDown }) {
    const from = units(line.text, word.start - line.start);
    const text = line.text.slice(from, units(line.text, (next?.start ?? word.end) - line.start));
    let wide = word.right - word.left;
    if (isDown) wide = line.bottom - line.top;
    else if (next) wide = isRtl(line) ? word.right - next.right : next.left - word.left;
    const span = document.createElement('span');
    span.textContent = text;
    span.style.letterSpacing = `${((wide * BASE - natural(text, size)) / Math.max(points(text), 1)).toFixed(3)}px`;
    return span;
}
