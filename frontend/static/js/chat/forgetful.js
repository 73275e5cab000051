// @ts-check
/** Whether a conversation is remembered: the dialog that asks before it is not, and the line of the one that is shown. */

import { call, Refusal } from '../lib/api.js';
import { the } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';
import { answered } from './menu.js';

/** @typedef {import('./types.js').TalkAbout} About */

export class Forgetful {
    #panel;
    #line;
    #dialog = /** @type {HTMLDialogElement} */ (the('[data-part="pausing"]'));

    /** @param {import('./types.js').Panel} panel */
    constructor(panel) {
        this.#panel = panel;
        this.#line = the('[data-part="forgetful"]', panel.root);
        the('button', this.#line).addEventListener('click', () => void this.#learn(panel.data, true));
        the('[data-close]', this.#dialog).addEventListener('click', () => this.#dialog.close(''));
    }

    /** Say in the page how it is. */
    show() {
        const isHeld = this.#line.contains(document.activeElement);
        this.#line.hidden = !this.#panel.data.is_forgetful;
        if (isHeld && this.#line.hidden) the('[data-part="more"]', this.#panel.root).focus({ preventScroll: true }); // its menu has the switch
    }

    /** Leave a conversation out, when the reader says so once more, or remember it again. @param {About} about */
    async turn(about) {
        if (about.is_forgetful) return this.#learn(about, true);
        const also = /** @type {HTMLInputElement} */ (the('input', this.#dialog));
        also.checked = false;
        the('[data-part="pausing-name"]', this.#dialog).textContent = about.title;
        return (await answered(this.#dialog)) === 'yes' ? this.#learn(about, false, { isForgotten: also.checked }) : undefined;
    }

    /** @param {About} about @param {boolean} isLearning @param {{ isForgotten?: boolean }} [how] whether what was learned goes too */
    async #learn({ conversation, title }, isLearning, { isForgotten = false } = {}) {
        const key = `conversation:${conversation}`;
        const isShown = () => conversation === this.#panel.data.conversation;
        try {
            await call('POST', 'memory/sessions', { body: { key, is_learning: isLearning } });
            if (isForgotten) {
                await call('DELETE', `memory/sessions/${encodeURIComponent(key)}?is_over=true`);
                if (isShown()) the('[data-part="learned"]', this.#panel.root).replaceChildren();
            }
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            return this.#panel.tell(error.message);
        }
        this.#panel.menu.changed(conversation, { is_forgetful: !isLearning });
        this.#panel.say(isShown() ? saidHere(isLearning) : saidOf(title, isLearning));
    }
}

/** @param {boolean} isLearning */
const saidHere = (isLearning) => (isLearning ? gettext('This conversation is remembered again.') : gettext('Nothing said here is remembered.'));

/** @param {string} title @param {boolean} isLearning */
const saidOf = (title, isLearning) =>
    fill(isLearning ? gettext('“%(title)s” is remembered again.') : gettext('“%(title)s” is not remembered from now on.'), { title });
