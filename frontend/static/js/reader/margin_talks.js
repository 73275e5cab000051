// @ts-check
/** From a stroke in the margin to the conversation that quoted there: at once, or chosen from a small list. */

import { make } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { short } from './annotations_words.js';
import { setDrawer } from './drawers.js';
import { desktop, following, stand } from './margin_overlay.js';

/** @typedef {import('./margin_quotes.js').Quoted} Quoted */

export class TalkMenu {
    #desk;
    /** @type {HTMLElement | null} */ #menu = null;
    /** @type {HTMLElement | null} */ #from = null;

    /** @param {import('./desk.js').Desk} desk */
    constructor(desk) {
        this.#desk = desk;
        following(desk.view, () => this.#stand());
        addEventListener('keydown', (event) => this.#key(event), { capture: true });
        document.addEventListener('pointerdown', ({ target }) => {
            if (!(/** @type {Element} */ (target).closest('.talksat'))) this.close({ isGentle: true });
        });
    }

    /** @param {{ quotes: Quoted[], element: HTMLElement }} stroke one quote for each conversation */
    choose({ quotes, element }) {
        if (quotes.length === 1) return this.open(quotes[0]);
        this.close({ isGentle: true });
        this.#from = element;
        const items = quotes.map((quote) => {
            const item = make('button', { class: 'item', type: 'button', role: 'menuitem' }, make('span', { dir: 'auto' }, short(quote.conversation_title || quote.question, 70)));
            item.addEventListener('click', () => this.open(quote));
            return item;
        });
        this.#menu = make('div', { class: 'menu pop talksat', role: 'menu', 'aria-label': gettext('Conversations that quoted this') }, ...items);
        desktop().append(this.#menu);
        this.#stand();
        items[0].focus({ preventScroll: true });
    }

    #stand() {
        if (this.#menu && this.#from) stand(this.#menu, { scroll: this.#desk.view.element, rects: [this.#from.getBoundingClientRect()] });
    }

    /** @param {{ isGentle?: boolean }} [how] gentle: the focus stays where it is */
    close({ isGentle = false } = {}) {
        if (!this.#menu) return;
        this.#menu.remove();
        this.#menu = null;
        if (!isGentle) this.#from?.focus({ preventScroll: true });
    }

    /** Show the answer that quoted these words, with its quote lit. @param {Quoted} quote */
    open(quote) {
        this.close({ isGentle: true });
        const { chat } = this.#desk;
        setDrawer('chat', 'open', { hasFocus: false });
        void chat.openConversation(quote.conversation, { reply: quote.reply }).then(() => {
            const q = `${quote.reply}.${quote.number}`;
            chat.light(q);
            /** @type {HTMLElement | null} */ (document.querySelector(`#chat .quote[data-q="${q}"] a`))?.focus({ preventScroll: true });
        });
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const menu = this.#menu;
        if (!menu || !['Escape', 'ArrowDown', 'ArrowUp', 'Tab'].includes(event.key)) return;
        if (event.key === 'Tab') return this.close({ isGentle: true });
        event.preventDefault();
        event.stopImmediatePropagation();
        if (event.key === 'Escape') return this.close();
        const items = /** @type {HTMLElement[]} */ ([...menu.children]);
        const now = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
        items[(now + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length].focus();
    }
}
