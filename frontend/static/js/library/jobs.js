// @ts-check
/** The books being added: a row each, moved on by the frames of the socket. Events: `change`, `remove` (detail: ids). */

import { call, fragment, Refusal } from '../lib/api.js';
import { icon, make, parsed, the } from '../lib/dom.js';
import { toast } from '../lib/toasts.js';
import { gettext } from '../lib/words.js';
import { counts, isRunning, Pace, percent, standing, stepName } from './progress.js';

const SHOWN_WHEN_READY = 4000; // milliseconds

export class Jobs extends EventTarget {
    #list;
    #shelf;
    /** @type {Map<number, Pace>} */ #paces = new Map();
    /** @type {Map<number, number>} the newest fetch of each book's row */ #fetches = new Map();
    #unseen; // books that wait and have no row yet

    /** @param {HTMLElement} list @param {import('./shelf.js').Shelf} shelf */
    constructor(list, shelf) {
        super();
        this.#list = list;
        this.#shelf = shelf;
        this.#unseen = Math.max(0, Number(list.dataset.count ?? 0) - list.children.length);
        list.addEventListener('click', (event) => void this.#click(event));
    }

    get count() {
        return this.#list.querySelectorAll('.job:not(.failed):not(.added)').length + this.#unseen;
    }

    get isEmpty() {
        return !this.#list.querySelector('.job');
    }

    /** @param {number | string} book @returns {HTMLElement | null} */
    row(book) {
        return this.#list.querySelector(`.job[data-book="${book}"]`);
    }

    /** @param {HTMLElement} row */
    put(row) {
        this.#list.prepend(row);
        this.#changed();
    }

    /** @param {number} book */
    drop(book) {
        this.row(book)?.remove();
        this.#paces.delete(book);
        this.#changed();
    }

    /** A book moved on. @param {any} frame */
    async take(frame) {
        if (frame.type === 'book.gone') {
            this.#shelf.drop(frame.book);
            return this.drop(frame.book);
        }
        const row = this.row(frame.book);
        if (!row && frame.state === 'ready' && this.#shelf.has(frame.book)) return;
        if (!row && this.#unseen) this.#unseen--;
        const isSame = row && isRunning(frame.state) && isRunning(row.dataset.state ?? '') && 'readable' in row.dataset === frame.is_readable;
        if (isSame && row.querySelector('b')?.textContent === frame.title) this.#move(row, frame);
        else await this.refresh(frame.book);
    }

    /** Fetch how a book stands and show that. @param {number} book */
    async refresh(book) {
        const fetch = (this.#fetches.get(book) ?? 0) + 1;
        this.#fetches.set(book, fetch);
        let fresh;
        try {
            fresh = parsed(await fragment(`/books/${book}/card`));
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            if (error.status === 404) this.row(book)?.remove();
            return this.#changed();
        }
        if (this.#fetches.get(book) !== fetch) return; // a newer one is on its way
        const row = this.row(book);
        if (!fresh.classList.contains('job')) this.#ready(book, row, fresh);
        else if (row) row.replaceWith(fresh);
        else {
            this.#shelf.drop(book);
            this.#list.prepend(fresh);
        }
        this.#changed();
    }

    /** @param {HTMLElement} row @param {any} frame */
    #move(row, frame) {
        row.dataset.state = frame.state;
        for (const item of /** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll('.stages li'))) {
            const how = standing((item.dataset.steps ?? '').split(' '), frame);
            const share = percent(frame);
            if (how === 'current') item.setAttribute('aria-current', 'step');
            else item.removeAttribute('aria-current');
            if (how !== 'kept') {
                item.classList.toggle('done', how === 'done');
                /** @type {HTMLProgressElement} */ (the('progress', item)).value = { done: 100, current: share, ahead: 0 }[how];
            }
            const name = stepName(how === 'current' ? frame.state : (item.dataset.steps ?? '').split(' ')[0]);
            the('[data-part="stage"]', item).textContent = how === 'current' && frame.total ? `${name} ${share}%` : name;
        }
        const pace = this.#paces.get(frame.book) ?? new Pace();
        this.#paces.set(frame.book, pace);
        the('[data-part="count"]', row).textContent = counts(frame, pace.left(frame, Date.now()));
    }

    /**
     * The cover goes onto the shelf; the row says so for a moment.
     * @param {number} book
     * @param {HTMLElement | null} row
     * @param {HTMLElement} cover
     */
    #ready(book, row, cover) {
        this.#paces.delete(book);
        this.#shelf.put(cover);
        if (!row || row.classList.contains('added')) return;
        row.classList.add('added');
        row.dataset.state = 'ready';
        const words = make('p', { class: 'small ready' }, gettext('Ready. Ask it something.'));
        the('.body', row).append(words);
        the('.cover', row).replaceChildren(icon('check'));
        setTimeout(() => row.classList.add('leaving'), SHOWN_WHEN_READY - 400);
        setTimeout(() => {
            row.remove();
            this.#changed();
        }, SHOWN_WHEN_READY);
    }

    /** @param {MouseEvent} event */
    async #click(event) {
        const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-do]'));
        const row = /** @type {HTMLElement | null} */ (button?.closest('.job[data-book]') ?? null);
        if (!button || !row) return;
        const book = Number(row.dataset.book);
        if (button.dataset.do === 'remove') return void this.dispatchEvent(new CustomEvent('remove', { detail: [book] }));
        try {
            await call('POST', `books/${book}/${button.dataset.do}`);
            await this.refresh(book);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            toast(error.message);
        }
    }

    #changed() {
        this.dispatchEvent(new CustomEvent('change'));
    }
}
