// @ts-check
/**
 * What is asked, and whether only up to where the reader has read: shown and changed in the input bar.
 * Event: `change` (detail: the fields that changed, named as the server names them).
 */

import { the } from '../lib/dom.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { BookPicker } from './picker.js';
import { showAt, wirePop } from './pop.js';

/** @typedef {{ id: number, title: string }} Titled */
/** @typedef {{ id: number, name: string }} Named */
/** @typedef {{ scope: string, books: Titled[], collection: Named | null, is_limited: boolean }} Scope */

/** Which fields of a scope the server is told. @param {Scope} scope @param {number | null} book */
export function fields({ scope, books, collection, is_limited }, book) {
    return {
        scope,
        is_limited,
        ...(scope === 'book' && { book }),
        ...(scope === 'books' && { books: books.map(({ id }) => id) }),
        ...(scope === 'collection' && { collection: collection?.id ?? null }),
    };
}

/** The scope in words. @param {Scope} scope */
export function scopeName({ scope, books, collection }) {
    if (scope === 'book') return gettext('This book');
    if (scope === 'collection') return collection?.name ?? gettext('A collection');
    if (scope !== 'books') return gettext('Whole library');
    if (books.length === 1) return books[0].title;
    return fill(ngettext('%(count)s book', '%(count)s books', books.length), { count: books.length });
}

export class ScopeBar extends EventTarget {
    #button;
    #menu;
    #limit;
    #reach;
    #picker = new BookPicker();
    /** @type {Scope} */ #scope = { scope: 'library', books: [], collection: null, is_limited: false };

    /** @param {HTMLElement} root holds the parts of chat/_talk.html */
    constructor(root) {
        super();
        this.#button = the('[data-part="scope"]', root);
        this.#menu = the('[data-part="scopes"]', root);
        this.#limit = /** @type {HTMLInputElement} */ (the('[data-part="limit"]', root));
        this.#reach = the('[data-part="reach"]', root);
        wirePop(this.#menu);
        this.#button.addEventListener('click', () => showAt(this.#menu, this.#button));
        this.#menu.addEventListener('click', (event) => void this.#chosen(/** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-scope]'))));
        this.#limit.addEventListener('change', () => this.#set({ is_limited: this.#limit.checked }, { is_limited: this.#limit.checked }));
    }

    get scope() {
        return this.#scope;
    }

    /** Show another conversation's scope, or go back to what the server has. @param {Scope} scope */
    set scope(scope) {
        this.#scope = scope;
        this.#show();
    }

    /** Where the reader has come to. @param {string} heading */
    set reach(heading) {
        this.#reach.textContent = heading;
    }

    toggleLimit() {
        this.#limit.checked = !this.#limit.checked;
        this.#limit.dispatchEvent(new Event('change'));
    }

    /** @param {HTMLElement | null} item */
    async #chosen(item) {
        if (!item) return;
        this.#menu.hidePopover();
        const { scope = '', collection, name = '' } = item.dataset;
        if (scope === 'books') {
            const books = await this.#picker.pick(this.#scope.books);
            if (books?.length) this.#set({ scope, books }, { scope, books: books.map(({ id }) => id) });
        } else if (scope === 'collection') {
            this.#set({ scope, collection: { id: Number(collection), name } }, { scope, collection: Number(collection) });
        } else this.#set({ scope }, { scope });
        this.#button.focus({ preventScroll: true });
    }

    /** @param {Partial<Scope>} some @param {Record<string, any>} told */
    #set(some, told) {
        this.#scope = { ...this.#scope, ...some };
        this.#show();
        this.dispatchEvent(new CustomEvent('change', { detail: told }));
    }

    #show() {
        const { scope, collection, is_limited } = this.#scope;
        the('[data-part="scopename"]', this.#button).textContent = scopeName(this.#scope);
        this.#button.setAttribute('aria-label', fill(gettext('What is asked: %(scope)s'), { scope: scopeName(this.#scope) }));
        this.#button.dataset.scope = scope;
        this.#limit.checked = is_limited;
        this.#reach.hidden = !is_limited || scope !== 'book';
        for (const item of this.#menu.querySelectorAll('[data-scope]')) {
            const isIt = item.getAttribute('data-scope') === scope && (scope !== 'collection' || Number(item.getAttribute('data-collection')) === collection?.id);
            item.setAttribute('aria-checked', String(isIt));
        }
    }
}
