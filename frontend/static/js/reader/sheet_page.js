// @ts-check
/**
 * One printed page on the screen: its picture as sharp as the screen shows it, and its words over it.
 * Events: `words`, when its words have come into the page; `again`, when a part of its picture should be asked for again.
 */

import { fragment, Refusal } from '../lib/api.js';
import { make } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { layerScale, SheetWords } from './sheet_words.js';

const WIDTHS = [240, 400, 800, 1200, 1600, 2400]; // books/drawing.py draws whole pages in these only,
const DEEP = [4800, 9600]; // and parts of pages so wide
const TILE = 2400;
const SLACK = 1.02; // a picture that is 2 % too small is as sharp
const AGAIN = [2000, 6000, 20_000, 60_000]; // milliseconds: the server draws one page at a time, and so many a minute

/** @typedef {{ left: number, top: number, width: number, height: number }} Box */

/** The width to ask for, to show so many pixels of the screen sharply. @param {number} pixels */
export const widthFor = (pixels) => [...WIDTHS, ...DEEP].find((width) => width * SLACK >= pixels) ?? DEEP[DEEP.length - 1];

export class SheetPage extends EventTarget {
    #sheet;
    #pictures;
    /** @type {HTMLElement | null} */ #layer = null;
    /** @type {SheetWords | null} */ #words = null;
    /** @type {Map<string, HTMLImageElement>} */ #tiles = new Map();
    /** @type {HTMLImageElement | null} */ #coming = null;
    #asked = 0;
    #wanted = 0;
    #shown = 0;
    #failed = 0;
    #scale = 1;
    /** @type {any} */ #timer = null;
    /** @type {SVGSVGElement} */ paints;

    /** @param {{ index: number, address: string, version: string, name: string, size: number[], language: string }} sheet */
    constructor(sheet) {
        super();
        this.#sheet = sheet;
        this.#pictures = make('div', { class: 'pic', 'data-skip': true });
        this.paints = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
        this.paints.setAttribute('class', 'paints');
        this.paints.setAttribute('role', 'none'); // its shapes have names of their own
        this.paints.setAttribute('viewBox', `0 0 ${sheet.size[0]} ${sheet.size[1]}`);
        this.paints.setAttribute('preserveAspectRatio', 'none');
        this.element = make('section', { class: 'printed', 'aria-label': sheet.name, 'data-page': sheet.index, tabindex: -1, lang: sheet.language || null }, this.#pictures, this.paints);
    }

    get index() {
        return this.#sheet.index;
    }

    get size() {
        return this.#sheet.size;
    }

    /** Its words, once they are here. @returns {SheetWords | null} */
    get words() {
        return this.#words;
    }

    /** Where its words are elements, section by section. @returns {HTMLElement[]} */
    get parts() {
        return /** @type {HTMLElement[]} */ ([...(this.#layer?.children ?? [])]);
    }

    /** @param {Box} box @param {number} scale pixels for a tenth of a point @param {'left' | 'right' | ''} [side] of another page */
    stand({ left, top, width, height }, scale, side = '') {
        if (side) this.element.dataset.side = side;
        else delete this.element.dataset.side;
        Object.assign(this.element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
        this.#scale = scale;
        this.#fitLayer();
    }

    /** @param {SheetWords} words */
    lay(words) {
        if (this.#words) return;
        this.#words = words;
        this.#layer = words.element(this.#sheet.size);
        this.#fitLayer();
        this.element.append(this.#layer);
        this.dispatchEvent(new Event('words'));
    }

    #fitLayer() {
        if (this.#layer) this.#layer.style.transform = `scale(${layerScale(this.#scale)})`;
    }

    /** Show for a moment how far down the page one was led. @param {number} down tenths of a point */
    glow(down) {
        const light = make('div', { class: 'landing', 'aria-hidden': 'true' });
        light.style.top = share(Math.min(down / this.size[1], 0.98));
        light.addEventListener('animationend', () => light.remove());
        this.element.append(light);
    }

    /** A small picture for who passes by, when there is none yet. */
    async sketch() {
        if (!this.#shown && !this.#wanted) await this.#show(WIDTHS[0]);
    }

    /**
     * Show it sharply.
     * @param {{ top: number, bottom: number, left: number, right: number }} view what of it is to be seen, in pixels
     * @returns {Promise<unknown>} when its picture is there
     */
    async sharpen(view) {
        const asked = ++this.#asked;
        const [wide, high] = this.#sheet.size;
        const width = wide * this.#scale;
        const needed = widthFor(width * devicePixelRatio);
        const whole = Math.min(needed, WIDTHS[WIDTHS.length - 1]);
        if (this.#shown < whole && this.#wanted < whole) await this.#show(whole);
        if (asked !== this.#asked) return; // the page is shown at another size by now
        if (needed > whole) this.#tile(needed, view, { width, height: high * this.#scale });
        else this.#untile();
    }

    /** @param {number} width */
    async #show(width) {
        this.#wanted = width;
        const picture = this.#picture({ width: String(width) });
        this.#coming = picture;
        try {
            await picture.decode();
        } catch {
            if (this.#wanted === width && this.element.isConnected) this.#retry(width);
            return;
        }
        if (width < this.#shown || !this.element.isConnected) return;
        this.#shown = width;
        this.#coming = null;
        this.#failed = 0;
        for (const old of this.#pictures.querySelectorAll('.whole, .undrawn')) old.remove();
        picture.className = 'whole';
        this.#pictures.prepend(picture);
        this.element.dataset.drawn = String(width);
    }

    /** @param {Record<string, string>} query */
    #picture(query) {
        const picture = /** @type {HTMLImageElement} */ (make('img', { alt: '', draggable: 'false', decoding: 'async' }));
        picture.src = `${this.#sheet.address}?${new URLSearchParams({ ...query, v: this.#sheet.version })}`;
        return picture;
    }

    /** @param {number} width */
    #retry(width) {
        this.#wanted = 0;
        const wait = AGAIN[this.#failed++];
        clearTimeout(this.#timer);
        if (wait) this.#timer = setTimeout(() => this.element.isConnected && !this.#wanted && void this.#show(width), wait);
        if (this.#failed > 1 && !this.#shown && !this.#pictures.querySelector('.undrawn')) {
            const again = make('button', { class: 'btn small', type: 'button' }, gettext('Try again'));
            again.addEventListener('click', () => void this.#show(width));
            this.#pictures.append(make('div', { class: 'undrawn', role: 'alert' }, make('p', {}, gettext('The picture of this page has not come yet.')), again));
        }
    }

    /**
     * Lay the parts of a larger picture over it, where it is to be seen.
     * @param {number} deep
     * @param {{ top: number, bottom: number, left: number, right: number }} view
     * @param {{ width: number, height: number }} shown
     */
    #tile(deep, view, shown) {
        const edge = (TILE * shown.width) / deep; // pixels on the page
        const [columns, rows] = [Math.ceil(shown.width / edge - 0.001), Math.ceil(shown.height / edge - 0.001)];
        /** @type {Set<string>} */
        const wanted = new Set();
        for (let column = Math.max(0, Math.floor(view.left / edge)); column < columns && column * edge < view.right; column++) {
            for (let row = Math.max(0, Math.floor(view.top / edge)); row < rows && row * edge < view.bottom; row++) wanted.add(`${deep}:${column}:${row}`);
        }
        for (const [name, tile] of this.#tiles) if (!wanted.has(name) && (wanted.size + this.#tiles.size > 12 || !name.startsWith(`${deep}:`))) this.#drop(name, tile);
        for (const name of wanted) if (!this.#tiles.has(name)) this.#addTile(name, { deep, edge, shown });
    }

    /** @param {string} name @param {{ deep: number, edge: number, shown: { width: number, height: number } }} how */
    #addTile(name, { deep, edge, shown }) {
        const [column, row] = name.split(':').slice(1).map(Number);
        const tile = this.#picture({ width: String(deep), part: `${column}:${row}` });
        tile.className = 'tile';
        const [left, top] = [(column * edge) / shown.width, (row * edge) / shown.height];
        const [right, bottom] = [Math.min(1, ((column + 1) * edge) / shown.width), Math.min(1, ((row + 1) * edge) / shown.height)];
        Object.assign(tile.style, { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) });
        this.#tiles.set(name, tile);
        tile.decode().then(() => this.#tiles.get(name) === tile && this.#pictures.append(tile), () => {
            if (this.#tiles.get(name) !== tile) return; // it was not wanted any more
            this.#tiles.delete(name);
            setTimeout(() => this.element.isConnected && this.dispatchEvent(new Event('again')), AGAIN[1]);
        });
    }

    #untile() {
        for (const [name, tile] of this.#tiles) this.#drop(name, tile);
    }

    /** @param {string} name @param {HTMLImageElement} tile */
    #drop(name, tile) {
        this.#tiles.delete(name);
        tile.src = '';
        tile.remove();
    }

    /** It leaves the page: whatever is on its way is not wanted any more. */
    remove() {
        clearTimeout(this.#timer);
        this.#untile();
        if (this.#coming) this.#coming.src = '';
        this.element.remove();
    }
}

/** @param {number} part */
const share = (part) => `${(100 * part).toFixed(4)}%`;

/**
 * The words of pages, fetched once; those asked for last stay.
 */
export class WordStore {
    #book;
    /** @type {Map<number, Promise<SheetWords>>} */ #kept = new Map();

    /** @param {number} book */
    constructor(book) {
        this.#book = book;
    }

    /** @param {number} number @returns {Promise<SheetWords | null>} null when they could not be fetched */
    async of(number) {
        const known = this.#kept.get(number);
        const coming = known ?? fragment(`/books/${this.#book}/pages/${number}/words`).then((answer) => new SheetWords(JSON.parse(answer).lines));
        this.#kept.delete(number);
        this.#kept.set(number, coming);
        if (this.#kept.size > 40) this.#kept.delete([...this.#kept.keys()][0]);
        try {
            return await coming;
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.#kept.delete(number);
            return null;
        }
    }
}
