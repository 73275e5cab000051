// @ts-check
/** Going from one conversation to another without leaving the page, with the address and Back as they should be. */

import { fragment, Refusal } from '../lib/api.js';
import { gettext } from '../lib/words.js';
import { TalkList } from './talk_list.js';

/** What a page knows of a conversation that has not begun. @param {any} data of the one that is shown */
const blank = ({ book, reach, fresh }) => ({ conversation: null, book, reach, fresh, title: '', tip: null, is_pinned: false, is_archived: false, replies: [], ...fresh });

export class TalkShelf {
    #panel;
    #address;
    /** @type {TalkList[]} */ #lists;

    /**
     * @param {import('./types.js').Panel} panel
     * @param {(conversation: number | null) => string} address
     */
    constructor(panel, address) {
        this.#panel = panel;
        this.#address = address;
        this.#lists = [...document.querySelectorAll('[data-part="talklist"]')].map((part) => new TalkList(/** @type {HTMLElement} */ (part), panel));
        history.replaceState({ ...history.state, conversation: panel.data.conversation }, '');
        addEventListener('popstate', ({ state }) => {
            if (state && 'conversation' in state && state.conversation !== panel.data.conversation) void this.#show(state.conversation);
        });
        panel.exchange.addEventListener('elsewhere', () => this.#refresh());
        panel.exchange.addEventListener('named', (event) => this.#named(/** @type {CustomEvent} */ (event).detail));
        panel.menu.addEventListener('changed', (event) => this.#changed(/** @type {CustomEvent} */ (event).detail));
    }

    /** @param {number | null} conversation null: a new one */
    async open(conversation) {
        if (!(await this.#show(conversation))) return;
        history.pushState({ ...history.state, conversation }, '', this.#address(conversation));
    }

    /** The conversation that was shown got its number. */
    begun() {
        const { conversation } = this.#panel.data;
        history.replaceState({ ...history.state, conversation }, '', this.#address(conversation));
        this.#told();
    }

    /** Fetch what was said while nobody listened. */
    async catchUp() {
        const { conversation } = this.#panel.data;
        const data = await this.#fetch(conversation);
        if (!data || conversation !== this.#panel.data.conversation) return;
        this.#panel.exchange.merge(data);
        this.#panel.retitle(data.title);
    }

    /** The conversation was deleted; the page that did so says it in its own way. */
    async lost() {
        const { conversation } = this.#panel.data;
        await this.open(null);
        if (conversation !== this.#panel.menu.deleted) this.#panel.tell(gettext('This conversation was deleted.'));
    }

    /** A conversation has another name: the reader gave it on some page, or the model did. @param {{ conversation: number, title: string }} named */
    #named({ conversation, title }) {
        if (conversation !== this.#panel.data.conversation) return this.#refresh();
        this.#panel.retitle(title);
        this.#told();
    }

    /** A new conversation is there at once; another is fetched, and nothing can be asked meanwhile. @param {number | null} conversation */
    async #show(conversation) {
        this.#panel.isHeld = true;
        const data = conversation === null ? blank(this.#panel.data) : await this.#fetch(conversation);
        this.#panel.isHeld = false;
        if (!data) return false;
        this.#panel.adopt(data);
        this.#told();
        return true;
    }

    /** @param {number | null} conversation @returns {Promise<any>} null: it could not be had, and the reader was told */
    async #fetch(conversation) {
        const { book } = this.#panel.data;
        const asked = new URLSearchParams({ ...(conversation !== null && { conversation: String(conversation) }), ...(book !== null && { book: String(book) }) });
        try {
            return JSON.parse(await fragment(`/talks/thread?${asked}`));
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.#panel.tell(error.message);
            return null;
        }
    }

    /** @param {{ conversation: number, some: Record<string, any> | null, isBack?: boolean }} change */
    #changed({ conversation, some, isBack }) {
        if (isBack) return void this.open(conversation);
        if (conversation === this.#panel.data.conversation) {
            if (some === null) return void this.lost();
            if (some.title) this.#panel.retitle(some.title);
            for (const name of ['is_pinned', 'is_archived', 'is_forgetful']) if (name in some) this.#panel.data[name] = some[name];
            this.#panel.forgetful.show();
        }
        this.#told();
    }

    #told() {
        const { conversation } = this.#panel.data;
        this.#panel.dispatchEvent(new CustomEvent('named', { detail: { conversation } }));
        this.#refresh();
    }

    #refresh() {
        for (const list of this.#lists) list.refresh();
    }
}
