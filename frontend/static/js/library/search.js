// @ts-check
/** The field at the top: titles and authors at once, then the text of every book, by book. Event: `cleared`. */

import { call, fragment, Refusal } from '../lib/api.js';
import { make, parsed, the } from '../lib/dom.js';
import { wireHits } from '../lib/hits.js';
import { match, snippet } from '../lib/snippet.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { points } from '../reader/span.js';

const HITS = 40;
const SHOWN = 3; // passages of one book, until one asks for the others
const TITLES_AFTER = 90; // milliseconds after a letter
const TEXT_AFTER = 350;
const SHORTEST = 3; // letters; less says nothing, but in Chinese

/** The place of the searched words, or of the whole passage. @param {any} item @param {string} query */
export function placeOfHit({ book, section, start, end, text }, query) {
    const found = match(text, query);
    const from = found ? start + points(text.slice(0, found.from)) : start;
    const to = found ? from + points(text.slice(found.from, found.to)) : end;
    return `/books/${book}/?section=${section}&start=${from}&end=${to}`;
}

/** Passages by their books, the best book first. @template {{ book: number }} T @param {T[]} items @returns {T[][]} */
export function byBook(items) {
    /** @type {Map<number, T[]>} */
    const books = new Map();
    for (const item of items) books.set(item.book, [...(books.get(item.book) ?? []), item]);
    return [...books.values()];
}

/** Whether the text of books is worth searching for this. @param {string} query */
export const isTelling = (query) => query.length >= SHORTEST || /\p{Script=Han}|[\u3040-\u30ff\uac00-\ud7af]/u.test(query);

export class Search extends EventTarget {
    #root;
    #found;
    #field;
    #titles = make('div', { class: 'bytitle' });
    #texts = make('div', { class: 'bytext' });
    #said;
    #asked = 0;
    #timers = [0, 0];
    #query = '';

    /** @param {HTMLElement} root */
    constructor(root) {
        super();
        this.#root = root;
        this.#said = the('[data-part="said"]', root);
        this.#found = the('[data-part="found"]', root);
        const form = the('[data-part="find"]', root);
        this.#field = /** @type {HTMLInputElement} */ (the('input', form));
        this.#field.addEventListener('input', () => this.#typed());
        this.#field.addEventListener('keydown', (event) => {
            if (event.key !== 'Escape' || !this.#field.value) return;
            event.stopPropagation();
            this.clear();
        });
        this.#found.addEventListener('keydown', (event) => {
            if (event.key !== 'Escape') return;
            this.#field.focus();
            this.clear();
        });
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.#ask(this.#field.value.trim(), 0, 0);
        });
        wireHits(this.#field, this.#found);
        if (this.#field.value) this.#ask(this.#field.value.trim(), 0, 0);
    }

    clear() {
        const had = this.#query;
        this.end();
        if (had) this.dispatchEvent(new CustomEvent('cleared'));
    }

    /** Show the shelf again. */
    end() {
        if (!this.#query) return;
        this.#field.value = '';
        this.#asked++;
        this.#timers.forEach(clearTimeout);
        this.#query = '';
        this.#found.hidden = true;
        this.#found.replaceChildren();
        this.#root.classList.remove('searching');
    }

    #typed() {
        const query = this.#field.value.trim();
        if (!query) return this.clear();
        if (query !== this.#query) this.#ask(query, TITLES_AFTER, TEXT_AFTER);
    }

    /** @param {string} query @param {number} soon @param {number} later milliseconds */
    #ask(query, soon, later) {
        if (!query) return this.clear();
        const mine = ++this.#asked;
        this.#timers.forEach(clearTimeout);
        if (!this.#query) this.#titles.replaceChildren();
        this.#query = query;
        history.replaceState(null, '', `/?${new URLSearchParams({ q: query })}`);
        this.#root.classList.add('searching');
        this.#found.hidden = false;
        this.#found.replaceChildren(this.#titles, this.#texts);
        this.#timers = [Number(setTimeout(() => void this.#lookAtTitles(mine, query), soon))];
        if (!isTelling(query)) return this.#texts.replaceChildren();
        this.#timers.push(Number(setTimeout(() => void this.#lookInTexts(mine, query), later)));
        if (!this.#texts.children.length) this.#texts.replaceChildren(make('p', { class: 'small faint' }, gettext('Looking…')));
    }

    /** @param {number} mine @param {string} query */
    async #lookAtTitles(mine, query) {
        try {
            const list = parsed(await fragment(`/shelf/found?${new URLSearchParams({ q: query })}`));
            if (mine !== this.#asked) return;
            const count = Number(list.dataset.count);
            const head = make('h2', {}, gettext('Titles and authors'), ' ', make('span', { class: 'faint num' }, String(count)));
            const most = count > list.children.length ? make('p', { class: 'small faint' }, fill(gettext('These are the best %(count)s.'), { count: list.children.length })) : null;
            this.#said.textContent = fill(ngettext('%(count)s book', '%(count)s books', count), { count });
            this.#titles.replaceChildren(.../** @type {Node[]} */ (count ? [head, list, most].filter(Boolean) : []));
        } catch (error) {
            this.#fail(mine, error);
        }
    }

    /** @param {number} mine @param {string} query */
    async #lookInTexts(mine, query) {
        try {
            const { items } = await call('GET', `search?${new URLSearchParams({ q: query, k: String(HITS) })}`);
            if (mine === this.#asked) this.#answer(items, query);
        } catch (error) {
            this.#fail(mine, error);
        }
    }

    /** @param {number} mine @param {unknown} error */
    #fail(mine, error) {
        if (!(error instanceof Refusal)) throw error;
        if (mine === this.#asked) this.#texts.replaceChildren(make('p', { class: 'notice bad', role: 'alert' }, error.message));
    }

    /** @param {any[]} items @param {string} query */
    #answer(items, query) {
        if (!items.length) {
            const sentence = this.#titles.children.length ? gettext('No text has “%(query)s”') : gettext('No book has “%(query)s”');
            const none = make('p', { class: 'big serif' }, fill(sentence, { query }));
            const hint = make('p', { class: 'small quiet' }, gettext('Try other words, or fewer of them.'));
            return this.#texts.replaceChildren(make('div', { class: 'none' }, none, hint));
        }
        const count = fill(ngettext('%(count)s passage', '%(count)s passages', items.length), { count: items.length });
        this.#said.textContent = count;
        const head = make('h2', {}, fill(gettext('In your books: “%(query)s”'), { query }), ' ', make('span', { class: 'faint small' }, count));
        this.#texts.replaceChildren(head, ...byBook(items).map((hits) => book(hits, query)));
    }
}

/** The passages of one book. @param {any[]} items @param {string} query */
function book(items, query) {
    const [{ book: id, title, language }] = items;
    const name = make('h3', { lang: language || null }, make('a', { href: `/books/${id}/` }, title));
    const list = make('ol', { class: 'quotes' }, ...items.map((item, at) => hit(item, query, at >= SHOWN)));
    const left = items.length - SHOWN;
    if (left <= 0) return make('article', { class: 'ofbook' }, name, list);
    const more = make('button', { class: 'btn plain small', type: 'button' }, fill(ngettext('%(count)s more', '%(count)s more', left), { count: left }));
    more.addEventListener('click', () => {
        for (const row of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('[hidden]'))) row.hidden = false;
        /** @type {HTMLElement} */ (list.children[SHOWN].querySelector('a'))?.focus();
        more.remove();
    });
    return make('article', { class: 'ofbook' }, name, list, more);
}

/** @param {any} item @param {string} query @param {boolean} isHidden */
function hit(item, query, isHidden) {
    const { before, match: words, after } = snippet(item.text, query);
    const lang = item.language || null;
    const link = make('a', { href: placeOfHit(item, query), 'data-hit': true }, before, make('b', {}, words), after);
    return make('li', { class: 'quote', hidden: isHidden }, make('div', { class: 'top' }, make('span', { class: 'from', lang }, item.heading)), make('p', { class: 'words', lang }, link));
}
