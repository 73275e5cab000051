// @ts-check
/**
 * What Mindory remembered for an answer: one quiet line below it, which opens into a list; and one line for what was
 * learned from the conversation. The words are fetched when they are to be seen, so what was forgotten meanwhile is gone.
 */

import { call, Refusal } from '../lib/api.js';
import { icon, make } from '../lib/dom.js';
import { toast, undoable } from '../lib/toasts.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { isOpen } from './thread.js';

/** @typedef {import('./thread.js').Turn} Turn */
/** @typedef {{ id: number, text: string, session: string | null, source: { kind: string, key: string, label: string, place: object | null } }} Memory */

const KEY = /^memory:(\d{1,18})$/;
const PUT_AWAY = 'mindory:remembered-put-away';
const MOST_LEARNED = 3; // lines at once

/** The ids among the keys of what an answer was told. @param {string[]} noted */
export const idsIn = (noted) => noted.map((key) => KEY.exec(key)?.[1]).filter((id) => id !== undefined).map(Number);

/** @param {number} count */
export const lineOf = (count) => fill(ngettext('Mindory remembered %(count)s thing', 'Mindory remembered %(count)s things', count), { count });

/** Where a memory comes from: an address, or null. Words in a book may have moved since, which the server knows. @param {Memory} memory */
export function sourceOf({ id, session, source }) {
    if (source.place) return `/memory/${id}/place`;
    const talk = /^conversation:(\d{1,18})$/.exec(session ?? '');
    return talk ? `/talks/${talk[1]}/` : null;
}

/** @param {{ id: number, text: string }} memory */
const pageOf = ({ id, text }) => `/memory/?id=${id}&q=${encodeURIComponent(text.slice(0, 80))}`; // found by its words

/** The line below one answer. */
export class NotedLine {
    element = make('div', { class: 'noted', hidden: true });
    /** @type {Turn | null} */ #turn = null;
    /** @type {number[]} */ #ids = [];
    #list = make('ul', { class: 'notedlist', hidden: true, 'aria-live': 'polite' });
    #button = make('button', { class: 'link', type: 'button', 'aria-expanded': 'false' });
    #isFilled = false;

    constructor() {
        const away = make('button', { class: 'tool small', type: 'button', 'aria-label': gettext('Dismiss') }, icon('close', 's'));
        this.element.append(make('div', { class: 'remember' }, icon('memory', 's'), make('p', {}, this.#button), away), this.#list);
        this.#button.addEventListener('click', () => void this.#toggle());
        away.addEventListener('click', () => this.#putAway());
    }

    /** @param {Turn} turn */
    show(turn) {
        const ids = isOpen(turn) || !turn.text ? [] : idsIn(turn.noted);
        if (String(ids) !== String(this.#ids)) this.#reset();
        this.#turn = turn;
        this.#ids = ids;
        this.#button.textContent = lineOf(ids.length);
        this.element.hidden = ids.length === 0 || (turn.reply !== null && putAway().has(turn.reply));
    }

    #reset() {
        this.#isFilled = false;
        this.#list.replaceChildren();
        this.#list.removeAttribute('aria-busy');
        this.#open(false);
    }

    async #toggle() {
        const isOpening = this.#list.hidden === true;
        this.#open(isOpening);
        if (!isOpening || this.#isFilled) return;
        const ids = String(this.#ids);
        this.#isFilled = true;
        this.#list.setAttribute('aria-busy', 'true');
        const rows = await Promise.all(this.#ids.map(row));
        if (ids !== String(this.#ids)) return; // another answer stands here now
        this.#isFilled = rows.every(({ dataset }) => !('failed' in dataset)); // or it is tried again when it is opened again
        this.#list.replaceChildren(...rows);
        this.#list.removeAttribute('aria-busy');
    }

    /** @param {boolean} isOpen */
    #open(isOpen) {
        this.#list.hidden = !isOpen;
        this.#button.setAttribute('aria-expanded', String(isOpen));
    }

    #putAway() {
        if (this.#turn?.reply) putAway(this.#turn.reply);
        const next = /** @type {HTMLElement | null} */ (this.element.closest('.turn')?.querySelector('.after button'));
        this.element.hidden = true;
        next?.focus({ preventScroll: true });
    }
}

/** The answers whose line was put away in this tab; one more, when it is given. @param {number} [reply] @returns {Set<number>} */
function putAway(reply) {
    try {
        const known = new Set(/** @type {number[]} */ (JSON.parse(sessionStorage.getItem(PUT_AWAY) ?? '[]')));
        if (reply !== undefined) sessionStorage.setItem(PUT_AWAY, JSON.stringify([...known.add(reply)].slice(-200)));
        return known;
    } catch {
        return new Set(); // no storage here: it comes back with the next page
    }
}

/** One memory in the list. @param {number} id */
async function row(id) {
    const item = make('li', {});
    try {
        fillRow(item, await call('GET', `memory/${id}`));
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const isGone = error.status === 404;
        if (!isGone) item.dataset.failed = '';
        item.append(make('p', { class: 'faint' }, isGone ? gettext('This was forgotten.') : error.message));
    }
    return item;
}

/** @param {HTMLElement} item @param {Memory} memory */
function fillRow(item, memory) {
    const source = sourceOf(memory);
    const forget = make('button', { class: 'link', type: 'button' }, gettext('Forget'));
    forget.addEventListener('click', () => void forgotten(item, memory), { once: true });
    item.replaceChildren(
        make('p', { dir: 'auto' }, memory.text),
        make(
            'div', { class: 'acts' },
            source && make('a', { class: 'link from', href: source, dir: 'auto' }, memory.source.label || gettext('Where it comes from')),
            make('a', { class: 'link', href: pageOf(memory) }, gettext('Edit')),
            forget,
        ),
    );
}

/** Forget one; for a while it can be taken back. @param {HTMLElement} item @param {Memory} memory */
async function forgotten(item, memory) {
    try {
        const { undo } = await call('DELETE', `memory/${memory.id}`);
        const gone = make('p', { class: 'faint', tabindex: -1 }, gettext('This was forgotten.'));
        item.replaceChildren(gone);
        gone.focus({ preventScroll: true });
        undoable(gettext('Forgotten.'), gettext('Undo'), () => void brought(item, memory, undo));
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        fillRow(item, memory);
        item.append(make('p', { class: 'faint', role: 'alert' }, error.message));
    }
}

/** Bring one back. @param {HTMLElement} item @param {Memory} memory @param {string} token */
async function brought(item, memory, token) {
    try {
        await call('POST', 'memory/forget/undo', { body: { token } });
        fillRow(item, memory);
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        toast(error.message);
    }
}

/**
 * Say what was learned from the conversation that is shown.
 * @param {HTMLElement} place a live region
 * @param {number[]} ids
 * @param {() => boolean} isStill whether the conversation is still the one that is shown
 */
export async function showLearned(place, ids, isStill) {
    const some = await Promise.all(ids.slice(0, MOST_LEARNED).map((id) => call('GET', `memory/${id}`).catch(() => null))); // forgotten meanwhile: nothing to say
    if (!isStill()) return;
    place.append(...some.filter(Boolean).map(learned));
    const more = ids.length - MOST_LEARNED;
    if (more > 0) {
        const words = fill(ngettext('and %(count)s other thing', 'and %(count)s other things', more), { count: more });
        place.append(make('div', { class: 'remember' }, icon('memory', 's'), make('p', {}, make('a', { class: 'link', href: '/memory/' }, words)), closer()));
    }
}

/** @param {Memory} memory */
function learned(memory) {
    const said = make('p', { dir: 'auto' }, fill(gettext('Remembered: %(text)s'), { text: memory.text }));
    return make('div', { class: 'remember' }, icon('memory', 's'), said, make('a', { class: 'link', href: pageOf(memory) }, gettext('Edit')), closer());
}

function closer() {
    const button = make('button', { class: 'tool small', type: 'button', 'aria-label': gettext('Dismiss') }, icon('close', 's'));
    button.addEventListener('click', () => {
        const flow = /** @type {HTMLElement | null} */ (button.closest('.flow'));
        button.closest('.remember')?.remove();
        flow?.focus({ preventScroll: true });
    });
    return button;
}
