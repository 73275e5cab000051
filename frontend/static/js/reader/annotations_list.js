// @ts-check
/**
 * All marks of a book in the drawer, in the order of the text. Event: `do` (detail: { deed, mark }): go, edit, delete.
 */

import { icon, make, the } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { rendered } from './annotations_card.js';
import { INKS, short } from './annotations_words.js';

const AT_ONCE = 100; // marks drawn at once; more come as one nears the end

/** @typedef {import('./annotations_store.js').Mark} Mark */

export class MarkList extends EventTarget {
    #notebook;
    #root;
    #list;
    #headings;
    #sieve = { kind: '', colour: '', words: '' };
    #most = AT_ONCE;
    #isDue = false;
    /** @type {Map<string, Mark>} */ #drawn = new Map();

    /**
     * @param {HTMLElement} root reader/_noted.html
     * @param {import('./annotations_store.js').Notebook} notebook
     * @param {(place: { section: number, start: number }) => string} headings what a place is called in the contents
     */
    constructor(root, notebook, headings) {
        super();
        this.#root = root;
        this.#notebook = notebook;
        this.#headings = headings;
        this.#list = the('[data-part="notes-list"]', root);
        notebook.addEventListener('change', () => this.#soon());
        this.#list.addEventListener('click', (event) => this.#clicked(event));
        this.#list.addEventListener('scroll', () => this.#more(), { passive: true });
        the('[data-part="notes-search"]', root).addEventListener('input', ({ target }) => this.#sift({ words: /** @type {HTMLInputElement} */ (target).value }));
        the('[data-part="notes-kind"]', root).addEventListener('change', ({ target }) => this.#sift({ kind: /** @type {HTMLSelectElement} */ (target).value }));
        the('[data-part="notes-inks"]', root).addEventListener('click', ({ target }) => {
            const ink = /** @type {Element} */ (target).closest('[data-ink]')?.getAttribute('data-ink') ?? '';
            if (ink) this.#sift({ colour: this.#sieve.colour === ink ? '' : ink });
        });
    }

    /** Draw it while it is seen. */
    show() {
        const { marks } = this.#notebook;
        if (this.#root.hidden) return;
        const found = sifted(marks, this.#sieve);
        const [placed, lost] = [found.filter((mark) => mark.is_placed), found.filter((mark) => !mark.is_placed)];
        for (const button of this.#root.querySelectorAll('[data-part="notes-inks"] [data-ink]')) {
            button.setAttribute('aria-pressed', String(button.getAttribute('data-ink') === this.#sieve.colour));
        }
        const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest('.noted [data-key]'))?.dataset.key;
        this.#drawn = new Map(found.map((mark) => [mark.key, mark]));
        this.#list.replaceChildren(...this.#groups(placed.slice(0, this.#most)), ...lostGroup(lost), ...this.#nothing(marks, found));
        if (focused) /** @type {HTMLElement | null} */ (this.#list.querySelector(`[data-key="${CSS.escape(focused)}"] .jump`))?.focus({ preventScroll: true });
    }

    #soon() {
        if (this.#isDue) return;
        this.#isDue = true;
        requestAnimationFrame(() => {
            this.#isDue = false;
            this.show();
        });
    }

    #more() {
        const { scrollTop, scrollHeight, clientHeight } = this.#list;
        if (this.#most >= this.#drawn.size || scrollHeight - scrollTop - clientHeight > clientHeight) return;
        this.#most += AT_ONCE;
        this.show();
    }

    /** @param {Partial<{ kind: string, colour: string, words: string }>} change */
    #sift(change) {
        this.#sieve = { ...this.#sieve, ...change };
        this.#most = AT_ONCE;
        this.show();
    }

    /** @param {Mark[]} marks @returns {HTMLElement[]} */
    #groups(marks) {
        /** @type {HTMLElement[]} */
        const groups = [];
        let heading = '';
        for (const mark of marks) {
            const next = this.#headings(mark);
            if (next !== heading || !groups.length) groups.push(group(next));
            heading = next;
            the('ul', groups[groups.length - 1]).append(entry(mark));
        }
        return groups;
    }

    /** @param {Mark[]} marks @param {Mark[]} found */
    #nothing(marks, found) {
        if (found.length) return [];
        const words = marks.length
            ? gettext('None of your notes is like that.')
            : gettext('Nothing here yet. Select some words and choose an ink, or press b to set a bookmark.');
        return [make('p', { class: 'none small faint' }, words)];
    }

    /** @param {MouseEvent} event */
    #clicked({ target }) {
        const button = /** @type {Element} */ (target).closest('[data-do]');
        const mark = this.#drawn.get(button?.closest('[data-key]')?.getAttribute('data-key') ?? '');
        if (button && mark) this.dispatchEvent(new CustomEvent('do', { detail: { deed: button.getAttribute('data-do'), mark } }));
    }
}

/**
 * @param {Mark[]} marks
 * @param {{ kind: string, colour: string, words: string }} sieve
 */
export function sifted(marks, { kind, colour, words }) {
    const wanted = words.trim().toLowerCase();
    return marks.filter(
        (mark) =>
            (!kind || mark.kind === kind) &&
            (!colour || (mark.colour === colour && mark.kind !== 'bookmark')) &&
            (!wanted || `${mark.quote}\n${mark.text}`.toLowerCase().includes(wanted)),
    );
}

/** @param {string} heading */
export function group(heading) {
    return make('section', {}, heading ? make('h3', { class: 'cap' }, heading) : null, make('ul'));
}

/** @param {Mark[]} lost */
function lostGroup(lost) {
    if (!lost.length) return [];
    const whole = group(gettext('No longer in the book'));
    whole.classList.add('lost');
    the('ul', whole).append(...lost.map(entry));
    return [whole];
}

/** @param {Mark} mark */
function entry(mark) {
    const words = make('span', { class: 'words', dir: 'auto' }, short(mark.quote, 160) || gettext('Bookmark'));
    const sign = mark.kind === 'bookmark' ? icon('bookmarked', 's') : null;
    const jump = mark.is_placed ? make('button', { class: 'jump', type: 'button', 'data-do': 'go' }, sign, words) : make('p', { class: 'jump' }, sign, words);
    const edit = mark.kind === 'bookmark' || !mark.is_placed ? null : tool('edit', 'note', gettext('Edit'));
    const tools = make('span', { class: 'tools' }, edit, tool('delete', 'trash', gettext('Delete')));
    const note = mark.text ? make('div', { class: 'prose notetext', dir: 'auto' }, ...rendered(mark)) : null;
    return make('li', { class: `entry ${mark.kind} ${INKS[mark.colour]?.look ?? ''}`, 'data-key': mark.key }, jump, note, tools);
}

/** @param {string} deed @param {string} drawing @param {string} label */
const tool = (deed, drawing, label) => make('button', { class: 'tool small', type: 'button', 'data-do': deed, 'aria-label': label, title: label }, icon(drawing, 's'));
