// @ts-check
/** Find words in this book, through the same search as everything else. Event: `found` (detail: a place with its words). */

import { call, Refusal } from '../lib/api.js';
import { make, the } from '../lib/dom.js';
import { match, snippet } from '../lib/snippet.js';
import { fill, gettext } from '../lib/words.js';
import { points } from './span.js';

const HITS = 12;

export class Finder extends EventTarget {
    #book;
    #hits;
    #asked = 0;

    /** @param {HTMLElement} panel @param {number} book */
    constructor(panel, book) {
        super();
        this.#book = book;
        this.#hits = the('[data-part="hits"]', panel);
        const form = /** @type {HTMLFormElement} */ (the('form', panel));
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            void this.#find(String(new FormData(form).get('q') ?? '').trim());
        });
    }

    /** @param {string} query */
    async #find(query) {
        if (!query) return this.#hits.replaceChildren();
        const asked = ++this.#asked;
        this.#hits.replaceChildren(make('p', { class: 'small faint' }, gettext('Looking…')));
        let items;
        try {
            ({ items } = await call('GET', `search?${new URLSearchParams({ q: query, book: String(this.#book), k: String(HITS) })}`));
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            return this.#hits.replaceChildren(make('p', { class: 'small error' }, error.message));
        }
        if (asked !== this.#asked) return;
        if (!items.length) {
            const none = fill(gettext('Nothing in this book fits “%(query)s”.'), { query });
            return this.#hits.replaceChildren(make('p', { class: 'small quiet' }, none));
        }
        this.#hits.replaceChildren(...items.map((/** @type {any} */ item) => this.#hit(item, query)));
    }

    /** @param {any} item @param {string} query */
    #hit(item, query) {
        const { before, match: words, after } = snippet(item.text, query);
        const quoted = make('span', { class: 'words', lang: item.language || null }, before, make('b', {}, words), after);
        const hit = make('button', { class: 'hit', type: 'button' }, make('span', { class: 'tiny faint' }, item.heading), quoted);
        const found = match(item.text, query);
        const start = item.start + (found ? points(item.text.slice(0, found.from)) : 0);
        const end = found ? start + points(item.text.slice(found.from, found.to)) : item.end;
        hit.addEventListener('click', () => this.dispatchEvent(new CustomEvent('found', { detail: { section: item.section, start, end } })));
        return hit;
    }
}
