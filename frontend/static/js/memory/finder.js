// @ts-check
/** What is looked for on the memory page: words, a kind, a book, a day. Event: `shown`, when other things stand there. */

import { fragment, Refusal } from '../lib/api.js';
import { make, the } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';
import { addressOf, askedOf, dayAfter, daysBetween, pastDay, queryOf } from './asked.js';

const PAUSE = 250; // milliseconds without a key until it is searched

/** On a phone the kinds are one line to scroll: show the one that is chosen. @param {HTMLElement} root */
export function showKind(root) {
    const chosen = root.querySelector('.kinds [aria-current]');
    const line = chosen?.parentElement;
    if (!chosen || !line || line.scrollWidth <= line.clientWidth) return;
    const [one, all] = [chosen.getBoundingClientRect(), line.getBoundingClientRect()];
    line.scrollLeft += one.left + one.width / 2 - (all.left + all.width / 2);
}

export class Finder extends EventTarget {
    #root;
    #body;
    #said;
    #number = 0;
    #today;
    /** @type {any} */ #pause = null;
    /** @type {import('./asked.js').Asked} */ asked;

    /** @param {HTMLElement} root */
    constructor(root) {
        super();
        this.#root = root;
        this.#body = the('[data-part="body"]', root);
        this.#said = the('[data-part="said"]', root);
        this.#today = root.dataset.today ?? '';
        this.asked = askedOf(location.search);
        this.#wireForm();
        this.#body.addEventListener('click', (event) => this.#click(event));
        this.#body.addEventListener('change', (event) => {
            const choice = /** @type {HTMLElement} */ (event.target);
            if (choice.id === 'ofbook') void this.go({ ...this.asked, q: '', kind: this.asked.kind === 'forgotten' ? '' : this.asked.kind, book: /** @type {HTMLSelectElement} */ (choice).value });
        });
        addEventListener('popstate', () => void this.go(askedOf(location.search), { isNew: false }));
    }

    /** @returns {HTMLInputElement | null} */
    get field() {
        return this.#root.querySelector('[data-part="finder"] input[type="search"]');
    }

    get query() {
        return queryOf(this.asked);
    }

    /** Say something to who does not see the page. @param {string} words */
    say(words) {
        this.#said.textContent = words;
    }

    /**
     * @param {import('./asked.js').Asked} asked
     * @param {{ isNew?: boolean, focus?: boolean }} [how] isNew: the browser's way back leads to what is here now
     */
    async go(asked, { isNew = true, focus = false } = {}) {
        clearTimeout(this.#pause);
        const number = ++this.#number;
        const query = queryOf(asked);
        const isTyped = isNew && asked.q && this.asked.q; // one entry of the history for all letters of a search
        this.asked = asked;
        this.#show();
        this.#body.setAttribute('aria-busy', 'true');
        let html;
        try {
            html = await fragment(`/memory/list?${query}`);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            if (number === this.#number) this.#failed(error.message, asked);
            return;
        }
        if (number !== this.#number) return;
        if (isNew) history[isTyped ? 'replaceState' : 'pushState'](null, '', addressOf(query));
        const read = document.createElement('template');
        read.innerHTML = html; // our own server's fragment
        const kept = document.activeElement?.id === 'ofbook';
        this.#body.replaceChildren(read.content);
        this.#body.removeAttribute('aria-busy');
        showKind(this.#body);
        if (kept) the('#ofbook', this.#body).focus();
        if (focus) /** @type {HTMLElement | null} */ (this.#body.querySelector('.kinds [aria-current]'))?.focus();
        this.say(this.#told());
        this.dispatchEvent(new CustomEvent('shown'));
    }

    /** The same again. */
    again() {
        return this.go(this.asked, { isNew: false });
    }

    /** Fetch what comes next and put it below. @param {HTMLAnchorElement} link */
    async #more(link) {
        const from = this.#body.querySelectorAll('.fact[data-memory]').length;
        link.setAttribute('aria-busy', 'true');
        const read = document.createElement('template');
        try {
            read.innerHTML = await fragment(`/memory/list?${new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(this.query)), from: String(from) })}`);
        } catch (error) {
            link.removeAttribute('aria-busy');
            if (!(error instanceof Refusal)) throw error;
            link.after(make('span', { class: 'small', role: 'alert' }, error.message));
            return;
        }
        const first = /** @type {HTMLElement | null} */ (read.content.querySelector('.fact'));
        for (const section of [...read.content.querySelectorAll('section[data-group]')]) {
            const there = this.#body.querySelector(`section[data-group="${/** @type {HTMLElement} */ (section).dataset.group}"] > ul`);
            if (!there) continue;
            there.append(...the('ul', section).children);
            section.remove();
        }
        const place = /** @type {Element} */ (link.closest('.more'));
        place.replaceWith(read.content);
        /** @type {HTMLElement | null} */ (first?.querySelector('.it') ?? null)?.focus();
    }

    #wireForm() {
        const form = /** @type {HTMLFormElement | null} */ (this.#root.querySelector('[data-part="finder"]'));
        if (!form) return;
        const [rail, date] = /** @type {HTMLInputElement[]} */ ([form.querySelector('input[type="range"]'), form.querySelector('input[type="date"]')]);
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.#search();
        });
        this.field?.addEventListener('input', (event) => {
            clearTimeout(this.#pause);
            if (!(/** @type {InputEvent} */ (event).isComposing)) this.#pause = setTimeout(() => this.#search(), PAUSE);
        });
        this.field?.addEventListener('compositionend', () => this.#search());
        this.field?.addEventListener('keydown', (event) => {
            if (event.key !== 'Escape' || !this.field?.value) return;
            event.preventDefault();
            this.field.value = '';
            this.#search();
        });
        rail?.addEventListener('input', () => {
            date.value = dayAfter(String(rail.dataset.first), Number(rail.value));
            this.#name(rail);
        });
        rail?.addEventListener('change', () => this.#asOf(date.value));
        date?.addEventListener('change', () => this.#asOf(date.value));
        this.#show();
    }

    #search() {
        const q = (this.field?.value ?? '').trim();
        if (q === this.asked.q) return;
        void this.go({ ...this.asked, q, kind: this.asked.kind === 'forgotten' ? '' : this.asked.kind });
    }

    /** @param {string} value of the date field */
    #asOf(value) {
        const on = pastDay(value, this.#today);
        if (on !== this.asked.on) void this.go({ ...this.asked, on, kind: this.asked.kind === 'forgotten' ? '' : this.asked.kind });
        else this.#show();
    }

    /** Let the fields show what is asked for. */
    #show() {
        const day = this.asked.on || this.#today;
        if (this.field && document.activeElement !== this.field) this.field.value = this.asked.q;
        const date = /** @type {HTMLInputElement | null} */ (this.#root.querySelector('[data-part="finder"] input[type="date"]'));
        const rail = /** @type {HTMLInputElement | null} */ (this.#root.querySelector('[data-part="finder"] input[type="range"]'));
        if (date) date.value = day;
        if (!rail) return;
        rail.value = String(daysBetween(String(rail.dataset.first), day));
        this.#name(rail);
    }

    /** Say which day the rail stands at. @param {HTMLInputElement} rail */
    #name(rail) {
        const day = dayAfter(String(rail.dataset.first), Number(rail.value));
        const written = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
        rail.setAttribute('aria-valuetext', day === this.#today ? fill(gettext('Today, %(day)s'), { day: written }) : written);
    }

    /** What now stands on the page, in a sentence. */
    #told() {
        const told = this.#body.querySelector('[data-told]')?.textContent?.trim();
        const then = this.#body.querySelector('.then b')?.textContent?.trim();
        const title = this.#body.querySelector('.kinds [aria-current] > span')?.textContent ?? '';
        return [then, told || title].filter(Boolean).join(' ');
    }

    /** @param {string} sentence @param {import('./asked.js').Asked} asked */
    #failed(sentence, asked) {
        this.#body.removeAttribute('aria-busy');
        const again = make('button', { class: 'btn small do', type: 'button' }, gettext('Try again'));
        again.addEventListener('click', () => void this.go(asked));
        this.#body.querySelector('.notice.bad.failed')?.remove();
        this.#body.prepend(make('div', { class: 'notice bad failed', role: 'alert' }, make('div', {}, sentence), again));
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest('a[data-shows], a[data-more]'));
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
        event.preventDefault();
        if ('more' in link.dataset) return void (link.hasAttribute('aria-busy') || this.#more(link));
        void this.go(askedOf(link.dataset.shows ?? ''), { focus: true });
    }
}
