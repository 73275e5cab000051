// @ts-check
/** The field at the top: typing filters titles, Enter searches the text of every book. */

import { call, Refusal } from '../lib/api.js';
import { make, the } from '../lib/dom.js';
import { match, snippet } from '../lib/snippet.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { points } from '../reader/span.js';

const HITS = 24;

/** The place of the searched words, or of the whole passage. @param {any} item @param {string} query */
export function placeOfHit({ book, section, start, end, text }, query) {
    const found = match(text, query);
    const from = found ? start + points(text.slice(0, found.from)) : start;
    const to = found ? from + points(text.slice(found.from, found.to)) : end;
    return `/books/${book}/?section=${section}&start=${from}&end=${to}`;
}

export class Search {
    #found;
    #shelf;
    #asked = 0;

    /** @param {HTMLElement} root @param {import('./shelf.js').Shelf} shelf */
    constructor(root, shelf) {
        this.#found = the('[data-part="found"]', root);
        this.#shelf = shelf;
        const form = the('[data-part="find"]', root);
        const field = /** @type {HTMLInputElement} */ (the('input', form));
        field.addEventListener('input', () => {
            shelf.filter(field.value.trim());
            if (!field.value.trim()) this.clear();
        });
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            void this.#ask(field.value.trim());
        });
        if (field.value) void this.#ask(field.value.trim());
    }

    clear() {
        this.#asked++;
        this.#found.hidden = true;
        this.#found.replaceChildren();
        history.replaceState(null, '', '/');
    }

    /** @param {string} query */
    async #ask(query) {
        if (!query) return this.clear();
        const asked = ++this.#asked;
        history.replaceState(null, '', `/?${new URLSearchParams({ q: query })}`);
        this.#show(make('p', { class: 'small faint' }, gettext('Looking…')));
        try {
            const { items } = await call('GET', `search?${new URLSearchParams({ q: query, k: String(HITS) })}`);
            if (asked === this.#asked) this.#answer(items, query);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            if (asked === this.#asked) this.#show(make('p', { class: 'notice bad' }, error.message));
        }
    }

    /** @param {any[]} items @param {string} query */
    #answer(items, query) {
        if (!items.length) {
            const none = make('p', { class: 'big serif' }, fill(gettext('No book has “%(query)s”'), { query }));
            const hint = make('p', { class: 'small quiet' }, gettext('Try other words, or fewer of them.'));
            return this.#show(make('div', { class: 'none' }, none, hint));
        }
        const count = fill(ngettext('%(count)s passage', '%(count)s passages', items.length), { count: items.length });
        const head = make('h2', {}, fill(gettext('In your books: “%(query)s”'), { query }), ' ', make('span', { class: 'faint small' }, count));
        this.#show(head, make('ol', { class: 'quotes' }, ...items.map((item) => hit(item, query))));
    }

    /** @param {...Node} nodes */
    #show(...nodes) {
        this.#found.hidden = false;
        this.#found.replaceChildren(...nodes);
    }
}

/** @param {any} item @param {string} query */
function hit(item, query) {
    const { before, match: words, after } = snippet(item.text, query);
    const lang = item.language || null;
    const from = item.heading ? fill(gettext('%(title)s, %(place)s'), { title: item.title, place: item.heading }) : item.title;
    const link = make('a', { href: placeOfHit(item, query) }, before, make('b', {}, words), after);
    return make('li', { class: 'quote' }, make('div', { class: 'top' }, make('span', { class: 'from', lang }, from)), make('p', { class: 'words', lang }, link));
}
