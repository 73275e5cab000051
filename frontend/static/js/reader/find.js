// @ts-check
/**
 * Find in this book: the very words, all places of them, or passages by their meaning.
 * Events: `found` (detail: { span, isFirst }), the reader goes to a place; `all` (detail: the places, to be painted).
 */

import { call, Refusal } from '../lib/api.js';
import { make, the } from '../lib/dom.js';
import { match, snippet } from '../lib/snippet.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { points } from './span.js';

const MEANT = 12; // passages shown
const WAIT = 220; // milliseconds without a key
const HAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** @typedef {{ section: number, start: number, end: number, title: string, before: string, words: string, after: string }} Found */

/** Whether words are worth looking for while they are being typed. @param {string} query */
export const isEnough = (query) => query.length >= (HAN.test(query) ? 1 : 3);

/**
 * The place to begin with: the first after where the reader is, else the first of all.
 * @param {{ section: number, start: number }[]} found
 * @param {{ section: number, offset: number }} place
 */
export function nearest(found, { section, offset }) {
    const at = found.findIndex((one) => one.section > section || (one.section === section && one.start >= offset));
    return at < 0 ? 0 : at;
}

export class Finder extends EventTarget {
    #book;
    #place;
    #panel;
    #field;
    #hits;
    #asked = 0;
    #how = 'words';
    /** @type {Found[]} */ #found = [];
    #count = 0;
    #at = -1;
    /** @type {any} */ #timer = null;
    #shown = '';

    /** @param {HTMLElement} panel @param {number} book @param {() => { section: number, offset: number }} place where the reader is */
    constructor(panel, book, place) {
        super();
        this.#book = book;
        this.#place = place;
        this.#panel = panel;
        this.#hits = the('[data-part="hits"]', panel);
        this.#field = /** @type {HTMLInputElement} */ (the('input[type="search"]', panel));
        the('form', panel).addEventListener('submit', (event) => {
            event.preventDefault();
            if (this.#shown === this.#query && this.#found.length) this.step(1);
            else void this.find();
        });
        this.#field.addEventListener('keydown', (event) => {
            if (event.key !== 'Enter' || !event.shiftKey || event.isComposing) return;
            event.preventDefault();
            this.step(-1);
        });
        this.#field.addEventListener('input', (event) => {
            clearTimeout(this.#timer);
            const isWhole = !(/** @type {InputEvent} */ (event).isComposing) && this.#how === 'words';
            if (!this.#query) void this.find();
            else if (isWhole && isEnough(this.#query)) this.#timer = setTimeout(() => void this.find(), WAIT);
        });
        panel.addEventListener('click', (event) => this.#click(/** @type {Element} */ (event.target)));
        new MutationObserver(() => this.#paint()).observe(panel, { attributes: true, attributeFilter: ['hidden'] });
    }

    get #query() {
        return this.#field.value.trim();
    }

    /** Look for what the field says. */
    async find() {
        clearTimeout(this.#timer);
        const [query, asked] = [this.#query, ++this.#asked];
        if (!query) return this.#show([], 0, query);
        this.#panel.setAttribute('aria-busy', 'true');
        try {
            const { count, items } = await (this.#how === 'words' ? this.#words(query) : this.#meaning(query));
            if (asked === this.#asked) this.#show(items, count, query);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            if (asked === this.#asked) this.#hits.replaceChildren(make('p', { class: 'small error', role: 'alert' }, error.message));
        } finally {
            if (asked === this.#asked) this.#panel.removeAttribute('aria-busy');
        }
    }

    /** Go to the next place, or the one before. @param {number} by */
    step(by) {
        const { length } = this.#found;
        if (!length) return;
        const first = nearest(this.#found, this.#place());
        this.#go(this.#at < 0 ? (by > 0 ? first : (first - 1 + length) % length) : (this.#at + by + length) % length);
    }

    /** @param {Element} target */
    #click(target) {
        const how = target.closest('[data-how]')?.getAttribute('data-how');
        const by = target.closest('[data-step]')?.getAttribute('data-step');
        const hit = target.closest('.hit');
        if (how && how !== this.#how) {
            this.#how = how;
            for (const button of this.#panel.querySelectorAll('[data-how]')) button.setAttribute('aria-pressed', String(button.getAttribute('data-how') === how));
            void this.find();
        }
        if (by) this.step(Number(by));
        if (hit) this.#go(Number(hit.getAttribute('data-n')));
    }

    /** @param {string} query @returns {Promise<{ count: number, items: Found[] }>} */
    #words(query) {
        return call('GET', `books/${this.#book}/words?${new URLSearchParams({ q: query })}`);
    }

    /** @param {string} query @returns {Promise<{ count: number, items: Found[] }>} */
    async #meaning(query) {
        const { items } = await call('GET', `search?${new URLSearchParams({ q: query, book: String(this.#book), k: String(MEANT) })}`);
        return { count: items.length, items: items.map((/** @type {any} */ item) => meant(item, query)) };
    }

    /** @param {Found[]} found @param {number} count @param {string} query */
    #show(found, count, query) {
        this.#found = found;
        this.#count = count;
        this.#at = -1;
        this.#shown = query;
        this.#panel.classList.remove('stepping');
        const none = fill(gettext('Nothing in this book fits “%(query)s”.'), { query });
        this.#hits.replaceChildren(...(found.length || !query ? this.#lines() : [make('p', { class: 'small quiet' }, none)]));
        this.#tell();
        this.#paint();
    }

    /** The places by chapter. */
    #lines() {
        /** @type {HTMLElement[]} */
        const lines = [];
        for (const [n, { title, before, words, after }] of this.#found.entries()) {
            if (title && (n === 0 || title !== this.#found[n - 1].title)) lines.push(make('p', { class: 'tiny faint chaptername' }, title));
            const quoted = make('span', { class: 'words' }, before, make('b', {}, words), after);
            lines.push(make('button', { class: 'hit', type: 'button', 'data-n': n }, quoted));
        }
        const rest = this.#count - this.#found.length;
        if (rest > 0) lines.push(make('p', { class: 'small faint' }, fill(ngettext('and %(count)s more', 'and %(count)s more', rest), { count: rest })));
        return lines;
    }

    /** @param {number} n */
    #go(n) {
        const isFirst = this.#at < 0;
        this.#at = n;
        this.#panel.classList.add('stepping');
        for (const hit of this.#hits.querySelectorAll('.hit')) {
            const isNow = hit.getAttribute('data-n') === String(n);
            hit.toggleAttribute('aria-current', isNow);
            if (isNow) hit.scrollIntoView({ block: 'nearest' });
        }
        this.#tell();
        const { section, start, end } = this.#found[n];
        this.dispatchEvent(new CustomEvent('found', { detail: { span: { section, start, end }, isFirst } }));
    }

    #tell() {
        const [count, isThere] = [this.#count, this.#found.length > 0];
        const words =
            this.#at >= 0 ? fill(gettext('%(number)s of %(count)s'), { number: this.#at + 1, count }) : fill(ngettext('%(count)s place', '%(count)s places', count), { count });
        the('[data-part="count"]', this.#panel).textContent = isThere ? words : '';
        for (const button of this.#panel.querySelectorAll('[data-step]')) button.toggleAttribute('disabled', !isThere);
    }

    /** All places are painted while the panel is open. */
    #paint() {
        const found = this.#panel.hidden || this.#how !== 'words' ? [] : this.#found;
        const painted = found.map(({ section, start, end }, n) => ({ id: `found-${n}`, look: 'found', section, start, end }));
        this.dispatchEvent(new CustomEvent('all', { detail: painted }));
    }
}

/** A passage as a place: the searched words in it where they are, else all of it. @param {any} item @param {string} query @returns {Found} */
function meant(item, query) {
    const { before, match: words, after } = snippet(item.text, query);
    const found = match(item.text, query);
    const start = item.start + (found ? points(item.text.slice(0, found.from)) : 0);
    const end = found ? start + points(item.text.slice(found.from, found.to)) : item.end;
    return { section: item.section, start, end, title: item.heading, before, words, after };
}
