// @ts-check
/** Whether a conversation is remembered: the switch in its menu, and the line that says it is not. */

import { call, Refusal } from '../lib/api.js';
import { the } from '../lib/dom.js';
import { gettext } from '../lib/words.js';

export class Forgetful {
    #panel;
    #line;
    #dialog = /** @type {HTMLDialogElement} */ (the('[data-part="pausing"]'));

    /** @param {import('./types.js').Panel} panel */
    constructor(panel) {
        this.#panel = panel;
        this.#line = the('[data-part="forgetful"]', panel.root);
        the('button', this.#line).addEventListener('click', () => void this.#learn(true));
        the('[data-close]', this.#dialog).addEventListener('click', () => this.#dialog.close(''));
    }

    /** Say in the page how it is. */
    show() {
        this.#line.hidden = !this.#panel.data.is_forgetful;
    }

    /** Name the item of the menu. @param {HTMLElement} item @param {number} conversation whose menu it is */
    name(item, conversation) {
        item.hidden = conversation !== this.#panel.data.conversation;
        the('span', item).textContent = this.#panel.data.is_forgetful ? gettext('Remember this conversation') : gettext('Don’t remember this conversation…');
    }

    /** Do what the item says. */
    async turn() {
        if (this.#panel.data.is_forgetful) return void (await this.#learn(true));
        const also = /** @type {HTMLInputElement} */ (the('input', this.#dialog));
        also.checked = false;
        this.#dialog.returnValue = '';
        this.#dialog.showModal();
        const answer = await new Promise((resolve) => this.#dialog.addEventListener('close', () => resolve(this.#dialog.returnValue), { once: true }));
        if (answer === 'yes') await this.#learn(false, { isForgotten: also.checked });
    }

    /** @param {boolean} isLearning @param {{ isForgotten?: boolean }} [how] whether what was learned goes too */
    async #learn(isLearning, { isForgotten = false } = {}) {
        const { data } = this.#panel;
        const key = `conversation:${data.conversation}`;
        try {
            await call('POST', 'memory/sessions', { body: { key, is_learning: isLearning } });
            if (isForgotten) {
                await call('DELETE', `memory/sessions/${encodeURIComponent(key)}?is_over=true`);
                the('[data-part="learned"]', this.#panel.root).replaceChildren();
            }
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            return this.#panel.tell(error.message);
        }
        data.is_forgetful = !isLearning;
        const isHeld = this.#line.contains(document.activeElement);
        this.show();
        if (isHeld) the('[data-part="more"]', this.#panel.root).focus({ preventScroll: true }); // its menu has the switch
        this.#panel.say(isLearning ? gettext('This conversation is remembered again.') : gettext('Nothing said here is remembered.'));
        return undefined;
    }
}
