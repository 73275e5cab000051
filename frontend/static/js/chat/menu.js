// @ts-check
/**
 * What can be done with a conversation: rename, pin, archive, export, delete. One menu for all buttons that open it.
 * Event: `changed` (detail: { conversation, some, isBack }; `some` null: it was deleted; `isBack`: it came back and is
 * to be shown again).
 */

import { call, Refusal } from '../lib/api.js';
import { the } from '../lib/dom.js';
import { undoable } from '../lib/toasts.js';
import { fill, gettext } from '../lib/words.js';
import { showAt, wirePop } from './pop.js';

/** @typedef {import('./types.js').TalkAbout} About */

export class ConversationMenu extends EventTarget {
    #panel;
    #menu = the('[data-part="deeds"]');
    #renaming = /** @type {HTMLDialogElement} */ (the('[data-part="renaming"]'));
    /** @type {About | null} */ #about = null;
    /** @type {number | null} the conversation that this page has deleted last */ deleted = null;

    /** @param {import('./types.js').Panel} panel */
    constructor(panel) {
        super();
        this.#panel = panel;
        wirePop(this.#menu);
        the('[data-close]', this.#renaming).addEventListener('click', () => this.#renaming.close(''));
        document.addEventListener('click', (event) => {
            const button = /** @type {Element} */ (event.target).closest('[data-menu="deeds"]');
            if (button) this.#open(button);
        });
        this.#menu.addEventListener('click', (event) => {
            const deed = /** @type {Element} */ (event.target).closest('[data-deed]')?.getAttribute('data-deed');
            if (!deed) return;
            this.#menu.hidePopover();
            if (this.#about) void this.#act(deed, this.#about);
        });
    }

    /** Change a conversation. @param {number} conversation @param {Record<string, any>} some @returns {Promise<boolean>} false: it was refused, and the reader told */
    async patch(conversation, some) {
        return this.#tried(() => call('PATCH', `conversations/${conversation}`, { body: some }), { conversation, some });
    }

    /** Tell that a conversation is another. @param {number} conversation @param {Record<string, any> | null} some null: it was deleted @param {{ isBack?: boolean }} [how] */
    changed(conversation, some, { isBack } = {}) {
        this.dispatchEvent(new CustomEvent('changed', { detail: { conversation, some, isBack } }));
    }

    /** @param {Element} button */
    #open(button) {
        const row = /** @type {HTMLElement | null} */ (button.closest('[data-conversation]'));
        const about = (this.#about = row ? aboutRow(row) : { ...this.#panel.data });
        if (about.conversation === null) return;
        const item = (/** @type {string} */ deed) => the(`[data-deed="${deed}"] span`, this.#menu);
        item('remember').textContent = about.is_forgetful ? gettext('Remember this conversation') : gettext('Don’t remember this conversation…');
        item('pin').textContent = about.is_pinned ? gettext('Unpin') : gettext('Pin');
        item('archive').textContent = about.is_archived ? gettext('Take out of the archive') : gettext('Archive');
        for (const link of this.#menu.querySelectorAll('[data-format]')) {
            link.setAttribute('href', `/api/v1/conversations/${about.conversation}/export?format=${link.getAttribute('data-format')}`);
        }
        showAt(this.#menu, button);
    }

    /** @param {string} deed @param {About} about */
    async #act(deed, about) {
        const { conversation, title, is_pinned: isPinned, is_archived: isArchived } = about;
        if (deed === 'pin') await this.patch(conversation, { is_pinned: !isPinned });
        if (deed === 'archive') await this.patch(conversation, { is_archived: !isArchived });
        if (deed === 'remember') await this.#panel.forgetful.turn(about);
        if (deed === 'rename') await this.#rename(conversation, title);
        if (deed === 'delete') await this.#delete(conversation, title);
    }

    /** Delete one; for a while it can be taken back. @param {number} conversation @param {string} title */
    async #delete(conversation, title) {
        const isShown = conversation === this.#panel.data.conversation;
        this.deleted = conversation;
        if (!(await this.#tried(() => call('DELETE', `conversations/${conversation}?undo=1`), { conversation, some: null }))) return;
        const told = title ? fill(gettext('“%(title)s” deleted.'), { title }) : gettext('Conversation deleted.');
        undoable(told, gettext('Undo'), () => void this.#restore(conversation, isShown));
    }

    /** @param {number} conversation @param {boolean} isShown */
    async #restore(conversation, isShown) {
        const isBack = isShown && this.#panel.data.conversation === null;
        await this.#tried(() => call('POST', `conversations/${conversation}/restore`), { conversation, some: {}, isBack });
    }

    /** @param {number} conversation @param {string} title */
    async #rename(conversation, title) {
        const field = /** @type {HTMLInputElement} */ (the('input', this.#renaming));
        field.value = title;
        const answer = answered(this.#renaming);
        field.select();
        const name = (await answer) === 'yes' ? field.value.trim() : '';
        if (name && name !== title) await this.patch(conversation, { title: name });
    }

    /** @param {() => Promise<any>} work @param {{ conversation: number, some: Record<string, any> | null, isBack?: boolean }} change */
    async #tried(work, { conversation, some, isBack }) {
        try {
            await work();
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.#panel.tell(error.message);
            return false;
        }
        this.changed(conversation, some, { isBack });
        return true;
    }
}

/** What a row of the list says of its conversation. @param {HTMLElement} row @returns {About} */
function aboutRow({ dataset }) {
    const is = (/** @type {string} */ name) => name in dataset;
    return { conversation: Number(dataset.conversation), title: dataset.title ?? '', is_pinned: is('pinned'), is_archived: is('archived'), is_forgetful: is('forgetful') };
}

/** Show a dialog and wait for its answer. @param {HTMLDialogElement} dialog @returns {Promise<string>} */
export function answered(dialog) {
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue), { once: true }));
}
