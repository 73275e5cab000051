// @ts-check
/**
 * What can be done with one thing that is remembered: pin, edit, its history, forget.
 * Events: `change` (detail: words to be said of it, if any), `again` (detail: its number): it stands elsewhere in the list now.
 */

import { call, fragment, Refusal } from '../lib/api.js';
import { icon, parsed, the } from '../lib/dom.js';
import { toast, undoable } from '../lib/toasts.js';
import { fill, gettext } from '../lib/words.js';
import { forgotten } from './asked.js';

/** @param {HTMLElement} item */
const numberOf = (item) => Number(item.dataset.memory);

/** Take it off the page; the focus goes to the one beside it. @param {HTMLElement} item */
function takeOut(item) {
    const near = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    /** @type {HTMLElement} */ (near?.querySelector('[data-do="forget"]') ?? the('h1')).focus();
}

export class Facts extends EventTarget {
    /** @param {HTMLElement} root the part of the page that holds them */
    constructor(root) {
        super();
        root.addEventListener('click', (event) => this.#click(event));
    }

    /** @param {'pin' | 'edit' | 'history' | 'forget'} deed @param {HTMLElement} item */
    act(deed, item) {
        const button = item.querySelector(`[data-do="${deed}"]`);
        if (button instanceof HTMLElement && !item.classList.contains('editing')) button.click();
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('button[data-do]'));
        const item = /** @type {HTMLElement | null} */ (button?.closest('.fact[data-memory]') ?? null);
        if (!button || !item || item.hasAttribute('aria-busy')) return;
        const deeds = {
            pin: () => this.#pin(item, button),
            edit: () => this.#edit(item),
            history: () => this.#history(item, button),
            back: () => this.#back(item, Number(button.dataset.event)),
            forget: () => this.#forget(item),
        };
        const deed = deeds[/** @type {keyof typeof deeds} */ (button.dataset.do)];
        if (deed) void this.#attempt(item, deed);
    }

    /** Do something with one thing at a time; a refusal is told at the foot of the page. @param {HTMLElement} item @param {() => unknown} deed */
    async #attempt(item, deed) {
        item.setAttribute('aria-busy', 'true');
        try {
            await deed();
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            if (error.status === 404 && item.isConnected) return this.#gone(item);
            toast(error.message);
        } finally {
            item.removeAttribute('aria-busy');
        }
        return undefined;
    }

    /** It was forgotten elsewhere. @param {HTMLElement} item */
    #gone(item) {
        takeOut(item);
        toast(gettext('This was forgotten.'));
        this.#changed();
    }

    /** @param {HTMLElement} item @param {HTMLElement} button */
    async #pin(item, button) {
        const isOn = button.getAttribute('aria-pressed') !== 'true';
        const done = await call(isOn ? 'POST' : 'DELETE', `memory/${numberOf(item)}/pin`);
        item.dataset.revision = done.revision;
        button.setAttribute('aria-pressed', String(isOn));
        button.replaceChildren(icon(isOn ? 'pinned' : 'pin', 's'));
        this.#changed();
    }

    /** @param {HTMLElement} item */
    #edit(item) {
        const form = /** @type {HTMLFormElement} */ (/** @type {HTMLTemplateElement} */ (the('#change')).content.cloneNode(true).firstChild);
        const field = /** @type {HTMLTextAreaElement} */ (the('textarea', form));
        const label = /** @type {HTMLLabelElement} */ (the('label', form));
        const words = the('.it', item);
        field.id = `change-${numberOf(item)}`;
        label.htmlFor = field.id;
        label.textContent = the('[data-do="edit"]', item).getAttribute('aria-label');
        field.value = words.textContent ?? '';
        field.lang = words.lang;
        const kind = /** @type {HTMLSelectElement} */ (the('select', form));
        kind.value = item.dataset.type ?? '';
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            if (field.value.trim()) void this.#save(item, form, field, kind.value);
        });
        the('[data-do="cancel"]', form).addEventListener('click', () => this.#close(item, form));
        form.addEventListener('keydown', (event) => {
            if (event.isComposing) return;
            if (event.key === 'Escape') this.#close(item, form);
            else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
            else return;
            event.preventDefault();
            event.stopPropagation();
        });
        item.classList.add('editing');
        item.append(form);
        field.focus();
        field.setSelectionRange(field.value.length, field.value.length);
    }

    /** @param {HTMLElement} item @param {HTMLElement} form */
    #close(item, form) {
        form.remove();
        item.classList.remove('editing');
        the('[data-do="edit"]', item).focus();
    }

    /** @param {HTMLElement} item @param {HTMLFormElement} form @param {HTMLTextAreaElement} field @param {string} type */
    async #save(item, form, field, type) {
        const text = field.value.trim();
        const isOther = type !== item.dataset.type; // then it stands elsewhere in the list
        const body = { ...(text !== (the('.it', item).textContent ?? '') && { text }), ...(isOther && { type }) };
        if (!Object.keys(body).length) return this.#close(item, form);
        const refused = the('.error', form);
        refused.hidden = true;
        try {
            await call('PATCH', `memory/${numberOf(item)}`, { body, match: item.dataset.revision });
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            refused.textContent = error.code === 'conflict' ? await this.#other(item, error) : error.message;
            refused.hidden = false;
            return field.focus();
        }
        if (isOther) return this.dispatchEvent(new CustomEvent('again', { detail: numberOf(item) }));
        const next = await this.#fresh(item);
        the('[data-do="edit"]', next).focus();
        return this.#changed();
    }

    /** Somebody else changed it: say how, and let the next try replace that. @param {HTMLElement} item @param {Refusal} refusal */
    async #other(item, refusal) {
        try {
            const { text, revision } = await call('GET', `memory/${numberOf(item)}`);
            item.dataset.revision = revision;
            return fill(gettext('It was changed meanwhile and now says “%(words)s”. Save again to replace that.'), { words: text });
        } catch {
            return refusal.message;
        }
    }

    /** @param {HTMLElement} item @param {HTMLElement} button */
    async #history(item, button) {
        const open = item.querySelector('.past');
        if (open) open.remove();
        else item.append(parsed(await fragment(`/memory/${numberOf(item)}/history`)));
        button.setAttribute('aria-expanded', String(!open));
    }

    /** @param {HTMLElement} item @param {number} event before which it said what it shall say again */
    async #back(item, event) {
        await call('POST', `memory/${numberOf(item)}/restore`, { body: { event } });
        const next = await this.#fresh(item);
        const button = the('[data-do="history"]', next);
        await this.#history(next, button);
        button.focus();
        this.#changed(fill(gettext('It says again: %(words)s'), { words: next.dataset.short ?? '' }));
    }

    /** @param {HTMLElement} item */
    async #forget(item) {
        const receipt = await call('DELETE', `memory/${numberOf(item)}`);
        const [list, after] = [item.parentElement, item.nextElementSibling];
        const sentence = forgotten(1, item.dataset.short ?? '');
        takeOut(item);
        if (receipt.undo) undoable(sentence, gettext('Undo'), () => void this.#undo(receipt.undo, item, list, after));
        else toast(sentence);
        this.#changed();
    }

    /** @param {string} token @param {HTMLElement} item @param {HTMLElement | null} list @param {Element | null} after */
    async #undo(token, item, list, after) {
        await this.#attempt(item, async () => {
            await call('POST', 'memory/forget/undo', { body: { token } });
            if (!list?.isConnected) return this.dispatchEvent(new CustomEvent('again', { detail: numberOf(item) }));
            list.insertBefore(item, after?.parentElement === list ? after : null);
            const next = await this.#fresh(item);
            the('.it', next).focus();
            this.#changed();
        });
    }

    /** Draw one thing anew, as it is now. @param {HTMLElement} item @returns {Promise<HTMLElement>} */
    async #fresh(item) {
        const next = parsed(await fragment(`/memory/${numberOf(item)}/`));
        item.replaceWith(next);
        return next;
    }

    /** @param {string} [words] that are said of it */
    #changed(words = '') {
        this.dispatchEvent(new CustomEvent('change', { detail: words }));
    }
}
