// @ts-check
/** The list of conversations, in the menu of a panel or beside the thread: searched as one types, opened in place. */

import { fragment, Refusal } from '../lib/api.js';
import { make, the } from '../lib/dom.js';
import { showAt, wirePop } from './pop.js';

const PAUSE = 200; // milliseconds without a key until it is searched

export class TalkList {
    #root;
    #panel;
    #list;
    #search;
    #book;
    #asked = 0;
    /** @type {any} */ #pause = null;

    /**
     * @param {HTMLElement} root with the parts of chat/_talklist.html; a popover, or a part of the page
     * @param {import('./types.js').Panel} panel
     */
    constructor(root, panel) {
        this.#root = root;
        this.#panel = panel;
        this.#list = the('[data-part="talks"]', root);
        this.#search = /** @type {HTMLInputElement} */ (the('input[type="search"]', root));
        this.#book = root.dataset.book ?? '';
        this.#search.addEventListener('input', () => this.#soon());
        this.#search.addEventListener('keydown', (event) => event.key === 'Enter' && !event.isComposing && this.#first(event));
        root.addEventListener('click', (event) => this.#click(event));
        if (root.popover) this.#wire();
    }

    /** Fetch it anew, when it is seen. */
    refresh() {
        if (!this.#root.popover || this.#root.matches(':popover-open')) this.#soon();
    }

    #wire() {
        wirePop(this.#root);
        document.addEventListener('click', (event) => {
            const button = /** @type {Element} */ (event.target).closest('[data-menu="talks"]');
            if (!button) return;
            this.#search.value = '';
            void this.#fetch();
            showAt(this.#root, button);
            this.#search.focus();
        });
    }

    #soon() {
        clearTimeout(this.#pause);
        this.#pause = setTimeout(() => (this.#isHeld() ? this.#soon() : void this.#fetch()), PAUSE);
    }

    /** Whether the menu of a row or a dialog is open: the focus comes back to that row, so it must be there still. */
    #isHeld() {
        return document.querySelector('dialog:modal') !== null || this.#list.querySelector('[aria-expanded="true"]') !== null;
    }

    async #fetch() {
        const asked = ++this.#asked;
        const { conversation } = this.#panel.data;
        const wanted = new URLSearchParams({ q: this.#search.value.trim(), book: this.#book, conversation: String(conversation ?? '') });
        try {
            const html = await fragment(`/talks/list?${wanted}`);
            if (asked !== this.#asked) return;
            if (this.#isHeld()) return this.#soon();
            const read = document.createElement('template');
            read.innerHTML = html; // our own server's fragment
            const held = this.#held();
            this.#list.replaceChildren(read.content);
            if (held) /** @type {HTMLElement | null} */ (this.#list.querySelector(held))?.focus({ preventScroll: true });
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.#list.replaceChildren(make('p', { class: 'none small' }, error.message));
        }
    }

    /** Where in the list the focus is, so that it is there after the rows are drawn anew. */
    #held() {
        const held = this.#list.contains(document.activeElement) ? document.activeElement : null;
        const row = /** @type {HTMLElement | null} */ (held?.closest('[data-conversation]') ?? null);
        return row && `[data-conversation="${row.dataset.conversation}"] > ${held?.localName}`;
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const link = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('a[data-opens]'));
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
        event.preventDefault();
        this.#open(link);
    }

    /** @param {KeyboardEvent} event */
    #first(event) {
        event.preventDefault();
        const link = /** @type {HTMLElement | null} */ (this.#list.querySelector('a[data-opens]'));
        if (link) this.#open(link);
    }

    /** @param {HTMLElement} link */
    #open(link) {
        if (this.#root.popover) this.#root.hidePopover();
        void this.#panel.openConversation(link.dataset.opens ? Number(link.dataset.opens) : null);
    }
}
