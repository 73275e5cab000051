// @ts-check
/** All that conversations quoted of this book, in the drawer. Events: `go`, `talk` (detail: Quoted). */

import { Refusal } from '../lib/api.js';
import { icon, make, the } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';
import { group } from './annotations_list.js';
import { short } from './annotations_words.js';

const AT_ONCE = 100;

/** @typedef {import('./margin_quotes.js').Quoted} Quoted */

export class QuoteList extends EventTarget {
    #list;
    #quotes;
    #headings;
    /** @type {Quoted[]} */ #there = [];
    #count = 0;
    #isComing = false;

    /**
     * @param {HTMLElement} list
     * @param {import('./margin_quotes.js').Quotes} quotes
     * @param {(place: { section: number, start: number }) => string} headings
     */
    constructor(list, quotes, headings) {
        super();
        this.#list = list;
        this.#quotes = quotes;
        this.#headings = headings;
        list.addEventListener('scroll', () => this.#more(), { passive: true });
        list.addEventListener('click', ({ target }) => {
            const button = /** @type {Element} */ (target).closest('[data-do]');
            const quote = this.#there.find(({ id }) => String(id) === button?.closest('[data-id]')?.getAttribute('data-id'));
            if (button && quote) this.dispatchEvent(new CustomEvent(/** @type {string} */ (button.getAttribute('data-do')), { detail: quote }));
        });
    }

    /** Fetch the first of them and show them. */
    async show() {
        this.#there = [];
        await this.#fetch();
    }

    #more() {
        const { scrollTop, scrollHeight, clientHeight } = this.#list;
        if (this.#there.length < this.#count && scrollHeight - scrollTop - clientHeight < clientHeight) void this.#fetch();
    }

    async #fetch() {
        if (this.#isComing) return;
        this.#isComing = true;
        try {
            const { items, count } = await this.#quotes.all(this.#there.length, AT_ONCE);
            this.#there.push(...items);
            this.#count = count;
            this.#draw();
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.#list.replaceChildren(make('p', { class: 'none small error' }, error.message));
        } finally {
            this.#isComing = false;
        }
    }

    #draw() {
        /** @type {HTMLElement[]} */
        const groups = [];
        let heading = '';
        for (const quote of this.#there) {
            const next = quote.is_placed ? this.#headings(quote) || quote.heading : gettext('No longer in the book');
            if (next !== heading || !groups.length) groups.push(group(next));
            heading = next;
            the('ul', groups[groups.length - 1]).append(entry(quote));
        }
        const none = make('p', { class: 'none small faint' }, gettext('No conversation has quoted this book yet.'));
        this.#list.replaceChildren(...(groups.length ? groups : [none]));
    }
}

/** @param {Quoted} quote */
function entry(quote) {
    const words = make('span', { class: 'words', dir: 'auto' }, short(quote.quote, 160));
    const jump = quote.is_placed ? make('button', { class: 'jump', type: 'button', 'data-do': 'go' }, words) : make('p', { class: 'jump' }, words);
    const name = short(quote.conversation_title || quote.question, 60);
    const talk = make('button', { class: 'from', type: 'button', 'data-do': 'talk', 'aria-label': fill(gettext('Open the conversation “%(name)s”'), { name }) }, icon('chat', 's'), make('span', { dir: 'auto' }, name));
    return make('li', { class: 'entry quoted', 'data-id': quote.id }, jump, talk);
}
