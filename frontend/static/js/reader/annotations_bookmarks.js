// @ts-check
/** Bookmarks: a ribbon hangs into the page while one of them is on the screen. */

import { the } from '../lib/dom.js';
import { undoable } from '../lib/toasts.js';
import { gettext } from '../lib/words.js';
import { points, units } from './span.js';
import { textOf } from './selecting_text.js';

const WORDS = 90; // characters a bookmark is known by

export class Bookmarks {
    #desk;
    #notebook;
    #ribbon = the('[data-part="ribbon"]');

    /** @param {import('./desk.js').Desk} desk @param {import('./annotations_store.js').Notebook} notebook */
    constructor(desk, notebook) {
        this.#desk = desk;
        this.#notebook = notebook;
        the('.sheet').append(this.#ribbon);
        this.#ribbon.addEventListener('click', () => void this.toggle());
        for (const name of ['place', 'layout']) desk.view.addEventListener(name, () => this.show());
        notebook.addEventListener('change', () => this.show());
    }

    /** Set a bookmark here, or take away the one that is on the screen. */
    async toggle() {
        const [here] = this.#here();
        if (here) return this.remove(here);
        const { section, offset } = this.#desk.view.place;
        const words = firstWords(await textOf(this.#desk.book, section), offset);
        this.#notebook.add({ kind: 'bookmark', section, start: offset, end: offset + points(words), quote: words });
        this.#desk.say(gettext('Bookmarked'));
    }

    /** @param {import('./annotations_store.js').Mark} mark */
    remove(mark) {
        undoable(gettext('Bookmark removed'), gettext('Undo'), this.#notebook.remove(mark.key));
    }

    show() {
        const isHere = this.#here().length > 0;
        this.#ribbon.hidden = !isHere;
        for (const button of document.querySelectorAll('.bar [data-do="bookmark"]')) {
            button.setAttribute('aria-pressed', String(isHere));
            button.querySelector('use')?.setAttribute('href', `${document.documentElement.dataset.icons}#${isHere ? 'bookmarked' : 'bookmark'}`);
        }
    }

    /** The bookmarks on the screen. */
    #here() {
        const { view, layers } = this.#desk;
        const room = view.element.getBoundingClientRect();
        return this.#notebook.marks.filter((mark) => {
            if (mark.kind !== 'bookmark' || !mark.is_placed || Math.abs(mark.section - view.place.section) > 1) return false;
            const [rect] = layers.rects({ section: mark.section, start: mark.start, end: Math.max(mark.end, mark.start + 1) });
            if (!rect) return mark.section === view.place.section && mark.start === view.place.offset;
            return rect.bottom > room.top && rect.top < room.bottom && rect.right > room.left && rect.left < room.right;
        });
    }
}

/** The words at an offset, cut at a word. @param {string} text @param {number} offset code points */
export function firstWords(text, offset) {
    const rest = text.slice(units(text, offset));
    const line = rest.split('\n')[0];
    const cut = [...line].slice(0, WORDS).join('');
    if (cut === line || !cut.includes(' ', WORDS / 2)) return cut.trimEnd();
    return cut.slice(0, cut.lastIndexOf(' '));
}
