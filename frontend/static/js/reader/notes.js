// @ts-check
/** A note opens over the page where it is referred to. Without this module its mark is a link to the note's place. */

import { fragment, Refusal } from '../lib/api.js';
import { icon, make, parsed } from '../lib/dom.js';
import { gettext } from '../lib/words.js';

const GAP = 8; // pixels between the mark and the note
const EDGE = 16; // pixels to the sides of the page

/** Events: `go` (detail: { section, start }), when the reader wants to see the note in its place. */
export class Notes extends EventTarget {
    #scroll;
    #book;
    /** @type {HTMLElement | null} */ #box = null;
    /** @type {HTMLElement | null} */ #mark = null;

    /** @param {HTMLElement} scroll what holds the text @param {number} book */
    constructor(scroll, book) {
        super();
        this.#scroll = scroll;
        this.#book = book;
        scroll.addEventListener('scroll', () => this.#follow(), { passive: true });
        document.addEventListener('click', (event) => {
            const target = /** @type {Element} */ (event.target);
            const mark = /** @type {HTMLElement | null} */ (target.closest('a[data-note]'));
            if (mark && scroll.contains(mark) && isPlain(event)) {
                event.preventDefault();
                if (mark === this.#mark) this.close();
                else void this.open(mark);
            } else if (!target.closest('.notebox')) this.close({ isGentle: true });
        });
    }

    /** @param {HTMLElement} mark */
    async open(mark) {
        this.close({ isGentle: true });
        this.#mark = mark;
        mark.setAttribute('aria-busy', 'true');
        const [section, start, end] = (mark.dataset.note ?? '').split(':').map(Number);
        let words;
        try {
            words = parsed(await fragment(`/books/${this.#book}/sections/${section}/note?start=${start}&end=${end}`));
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            words = make('p', { class: 'error' }, error.message);
        } finally {
            mark.removeAttribute('aria-busy');
        }
        if (this.#mark === mark) this.#show(mark, words, { section, start });
    }

    /**
     * @param {HTMLElement} mark
     * @param {HTMLElement} words
     * @param {{ section: number, start: number }} place
     */
    #show(mark, words, place) {
        const go = make('button', { class: 'btn plain small', type: 'button' }, gettext('Show in the book'));
        const shut = make('button', { class: 'tool small', type: 'button', 'aria-label': gettext('Close the note') }, icon('close', 's'));
        const box = make('div', { class: 'notebox pop', role: 'dialog', 'aria-label': gettext('Note'), tabindex: -1 }, words, make('div', { class: 'acts' }, go, shut));
        go.addEventListener('click', () => {
            this.close({ isGentle: true });
            this.dispatchEvent(new CustomEvent('go', { detail: place }));
        });
        shut.addEventListener('click', () => this.close());
        mark.setAttribute('aria-expanded', 'true');
        this.#box = box;
        this.#sheet.append(box);
        this.#stand(box, mark);
        box.focus({ preventScroll: true });
    }

    /** What the note lies in: not the text, which may run upright. */
    get #sheet() {
        return /** @type {HTMLElement} */ (this.#scroll.parentElement);
    }

    /** The text moved: the note goes with its mark, and when the mark is gone so is the note. */
    #follow() {
        const [box, mark] = [this.#box, this.#mark];
        if (!box || !mark) return;
        const [page, at] = [this.#scroll.getBoundingClientRect(), mark.getBoundingClientRect()];
        const isSeen = at.bottom > page.top && at.top < page.bottom && at.right > page.left && at.left < page.right;
        if (isSeen) this.#stand(box, mark);
        else this.close({ isGentle: true });
    }

    /** Below its mark, or above it where there is more room. @param {HTMLElement} box @param {HTMLElement} mark */
    #stand(box, mark) {
        const [page, at] = [this.#scroll.getBoundingClientRect(), mark.getBoundingClientRect()];
        const isAbove = at.bottom + GAP + box.offsetHeight > page.bottom && at.top - page.top > page.bottom - at.bottom;
        const top = isAbove ? at.top - GAP - box.offsetHeight : at.bottom + GAP;
        const left = Math.min(at.left + at.width / 2 - box.offsetWidth / 2, page.right - box.offsetWidth - EDGE);
        const sheet = this.#sheet.getBoundingClientRect();
        box.style.top = `${Math.max(top, page.top + GAP) - sheet.top}px`;
        box.style.left = `${Math.max(left, page.left + EDGE) - sheet.left}px`;
    }

    /**
     * @param {{ isGentle?: boolean }} [how] gentle: the focus stays where the reader put it
     * @returns {boolean} whether there was a note
     */
    close({ isGentle = false } = {}) {
        const [box, mark] = [this.#box, this.#mark];
        this.#box = this.#mark = null;
        mark?.removeAttribute('aria-expanded');
        box?.remove();
        if (box && !isGentle) mark?.focus({ preventScroll: true });
        return box !== null;
    }
}

/** Whether a click means "here", not "in another tab". @param {MouseEvent} event */
export const isPlain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
