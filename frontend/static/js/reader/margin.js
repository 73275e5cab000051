// @ts-check
/**
 * Pencil strokes beside the text: right of the lines that conversations quoted, left of those the reader wrote notes on.
 * Events: `talk` (detail: Quoted[], one for each conversation), `note` (detail: the key of a mark).
 */

import { icon, make } from '../lib/dom.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { short } from './annotations_words.js';
import { Overlay } from './margin_overlay.js';
import { conversations, strokes } from './margin_strokes.js';

/** @typedef {import('./margin_quotes.js').Quoted} Quoted */
/** @typedef {import('./annotations_store.js').Mark} Mark */

const BESIDE = 14; // pixels between the text and a stroke
const MOST_NUMBERS = 2; // of quotes on one stroke
const WIDE = 28; // of a stroke with its sign
const AROUND = 4; // sections before and after the one being read whose strokes are drawn

export class Margin extends EventTarget {
    #desk;
    #quotes;
    #notebook;
    #overlay;
    #isDue = false;
    /** @type {Map<string, HTMLElement>} */ #drawn = new Map();

    /**
     * @param {import('./desk.js').Desk} desk
     * @param {import('./margin_quotes.js').Quotes} quotes
     * @param {import('./annotations_store.js').Notebook} notebook
     */
    constructor(desk, quotes, notebook) {
        super();
        this.#desk = desk;
        this.#quotes = quotes;
        this.#notebook = notebook;
        this.#overlay = new Overlay(desk.view.element, 'margins');
        for (const name of ['place', 'layout']) desk.view.addEventListener(name, () => this.look());
        notebook.addEventListener('change', () => this.#soon());
        let talk = desk.chat.thread.conversation;
        desk.chat.addEventListener('change', () => {
            if (desk.chat.thread.conversation === talk) return;
            talk = desk.chat.thread.conversation; // its strokes stand out
            this.#soon();
        });
    }

    /** Fetch what belongs to the sections near the place, and draw it. */
    look() {
        this.#soon();
        void this.#quotes.fetch(this.#near()).then((isMore) => isMore && this.#soon());
    }

    #near() {
        const { section } = this.#desk.view.place;
        const last = this.#desk.reading.starts.length - 1;
        const [from, to] = [Math.max(0, section - AROUND), Math.min(last, section + AROUND)];
        return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    }

    #soon() {
        if (this.#isDue) return;
        this.#isDue = true;
        requestAnimationFrame(() => {
            this.#isDue = false;
            this.#draw();
        });
    }

    #draw() {
        const near = this.#near();
        const notes = this.#notebook.marks.filter((mark) => mark.text && mark.is_placed && mark.kind !== 'bookmark' && near.includes(mark.section));
        const quoted = near.flatMap((section) => this.#quotes.of(section));
        const all = [...this.#side(quoted, (quotes) => this.#talked(quotes), 'end'), ...this.#side(notes, (marks) => this.#noted(marks), 'start')];
        const keys = new Set(all.map(({ key }) => key));
        for (const [key, element] of this.#drawn) if (!keys.has(key)) (element.remove(), this.#drawn.delete(key));
        for (const { key, element } of all) this.#drawn.set(key, element);
        this.#overlay.element.append(...all.map(({ element }) => element).filter((element) => !element.isConnected));
        this.#overlay.put(all);
    }

    /**
     * @template {import('./view.js').Span} T
     * @param {T[]} items
     * @param {(items: T[]) => { key: string, element: HTMLElement }} made
     * @param {'start' | 'end'} side
     */
    #side(items, made, side) {
        const { layers, view } = this.#desk;
        const isUpright = getComputedStyle(view.element.querySelector('.leaf') ?? view.element).writingMode.startsWith('vertical');
        const [near, far] = /** @type {['top' | 'left', 'bottom' | 'right']} */ (isUpright ? ['left', 'right'] : ['top', 'bottom']);
        const lines = items.flatMap((item) => {
            const rects = layers.rects(item);
            if (!rects.length) return [];
            const column = this.#column(item, rects);
            return [{ top: Math.min(...rects.map((rect) => rect[near])), bottom: Math.max(...rects.map((rect) => rect[far])), item, column }];
        });
        /** @type {Map<number, typeof lines>} columns of a page are apart from each other */
        const columns = new Map();
        for (const line of lines) {
            const at = isUpright ? line.column.top : line.column.left;
            columns.set(at, [...(columns.get(at) ?? []), line]);
        }
        return [...columns.values()].flatMap((some) => {
            const rectOf = isUpright ? this.#above(some[0].column, side) : this.#beside(some[0].column, side);
            return strokes(some).map(({ top, bottom, items: here }) => ({ ...made(here), rect: rectOf(top, bottom) }));
        });
    }

    /** @param {DOMRect} column @param {'start' | 'end'} side @returns {(top: number, bottom: number) => { left: number, top: number, width?: number, height: number }} */
    #beside({ left, right }, side) {
        const room = this.#overlay.room;
        const x = side === 'end' ? Math.min(right + BESIDE, room.right - WIDE) : Math.max(left - BESIDE - WIDE, room.left);
        return (top, bottom) => ({ left: x, top, height: bottom - top });
    }

    /** Upright lines have their margins above and below. @param {DOMRect} column @param {'start' | 'end'} side */
    #above({ top, bottom }, side) {
        const room = this.#overlay.room;
        const y = side === 'end' ? Math.max(top - BESIDE / 2 - WIDE, room.top) : Math.min(bottom + BESIDE / 2, room.bottom - WIDE);
        return (/** @type {number} */ left, /** @type {number} */ right) => ({ left, top: y, width: right - left, height: WIDE });
    }

    /** Where the column of some words is: of a printed page, what lies between its own margins. @param {import('./view.js').Span} span @param {DOMRect[]} rects */
    #column(span, [first]) {
        const column = /** @type {any} */ (this.#desk.layers).column?.(span);
        if (column) return column;
        const pages = [...this.#desk.view.element.querySelectorAll('[data-page]')].map((page) => page.getBoundingClientRect());
        const page = pages.find(({ left, right, top, bottom }) => left <= first.left && first.left <= right && top <= first.top && first.top <= bottom) ?? this.#overlay.room;
        return { left: page.left + BESIDE + WIDE, right: page.right - BESIDE - WIDE };
    }

    /** @param {Quoted[]} quotes */
    #talked(quotes) {
        const talks = conversations(quotes);
        const now = quotes.filter(({ conversation }) => conversation === this.#desk.chat.thread.conversation);
        const key = `talk:${quotes.map(({ id }) => id).join(',')}:${now.map(({ id }) => id).join(',')}`;
        const known = this.#drawn.get(key);
        if (known) return { key, element: known };
        const label = now.length
            ? fill(gettext('Quoted in this conversation: “%(words)s”'), { words: short(now[0].quote, 60) })
            : fill(ngettext('Quoted in %(count)s conversation: “%(words)s”', 'Quoted in %(count)s conversations: “%(words)s”', talks.length), { count: talks.length, words: short(quotes[0].quote, 60) });
        const numbers = [...new Set(now.map(({ number }) => number))].sort((one, other) => one - other).slice(0, MOST_NUMBERS);
        const sign = make('span', {}, now.length ? numbers.join(' ') : String(talks.length));
        const element = make('button', { class: now.length ? 'margin talk now' : 'margin talk', type: 'button', 'aria-label': label, title: tip(talks) }, now.length ? null : icon('chat'), sign);
        element.addEventListener('click', () => this.dispatchEvent(new CustomEvent('talk', { detail: { quotes: talks, element } })));
        return { key, element };
    }

    /** @param {Mark[]} marks */
    #noted(marks) {
        const key = `note:${marks.map((mark) => `${mark.key}.${mark.colour}.${mark.text.length}`).join(',')}`;
        const known = this.#drawn.get(key);
        if (known) return { key, element: known };
        const label = fill(gettext('Your note: %(note)s'), { note: short(marks[0].text, 80) });
        const element = make('button', { class: `margin mine ${marks[0].colour}`, type: 'button', 'aria-label': label, title: short(marks[0].text, 200) }, icon('note'));
        element.addEventListener('click', () => this.dispatchEvent(new CustomEvent('note', { detail: marks[0].key })));
        return { key, element };
    }
}

/** @param {Quoted[]} talks */
const tip = (talks) => talks.slice(0, 5).map(({ question }) => short(question, 80)).join('\n');
