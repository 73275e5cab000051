// @ts-check
/** Keeps a shelf in groups true while books come, change and go: one book may stand in several, and in others than before. */

import { isRunning } from './progress.js';

const PAUSE = 500; // milliseconds: many books at once are one look
const OPEN = 'details.drops[open], .floating, dialog[open]'; // what would be shut under the reader's hand

export class Groups {
    #shelf;
    #browse;
    #isHeld;
    #due = 0;
    /** @type {Map<number, string>} the states of books on their way */ #states = new Map();

    /**
     * @param {import('./shelf.js').Shelf} shelf
     * @param {{ fresh: () => Promise<void> }} browse
     * @param {() => boolean} isHeld whether the shelf must stay as it is for now: books are being chosen
     */
    constructor(shelf, browse, isHeld) {
        this.#shelf = shelf;
        this.#browse = browse;
        this.#isHeld = isHeld;
    }

    /** A frame came: show the groups anew when it can have changed them. @param {any} frame `book` or `book.gone` */
    take(frame) {
        const before = this.#states.get(frame.book);
        if (frame.state === undefined || !isRunning(frame.state)) this.#states.delete(frame.book);
        else this.#states.set(frame.book, frame.state);
        if (frame.state !== before || before === undefined) this.stir();
    }

    /** Show the groups anew in a moment. */
    stir() {
        if (this.#shelf.isGrouped) this.#due ||= Number(setTimeout(() => this.#look(), PAUSE));
    }

    #look() {
        this.#due = 0;
        if (this.#isHeld() || document.querySelector(OPEN)) return this.stir();
        if (this.#shelf.isGrouped) void this.#browse.fresh();
    }
}
