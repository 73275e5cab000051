// @ts-check
/** The quotes below an answer: slips of paper with the exact words, where they stand, and that they were checked. */

import { icon, make } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { placeOf, quoteName } from './sentences.js';

/** @typedef {import('./thread.js').Turn} Turn */
/** @typedef {import('./thread.js').Citation} Citation */

export class Slips {
    element = make('ol', { class: 'quotes', 'aria-label': gettext('Quotes') });
    #world;
    /** @type {Citation[] | null} */ #shown = null;

    /** @param {import('./types.js').World} world */
    constructor(world) {
        this.#world = world;
    }

    /** @param {Turn} turn */
    show(turn) {
        if (turn.citations === this.#shown) return;
        const known = new Set([...this.element.children].map((slip) => slip.getAttribute('data-q')));
        this.#shown = turn.citations;
        const sorted = [...turn.citations].sort((one, other) => one.number - other.number);
        sorted.forEach((citation, i) => {
            if (known.has(quoteName(turn, citation.number))) return; // a checked quote does not change
            this.element.insertBefore(this.#slip(citation, turn), this.element.children[i] ?? null);
        });
    }

    /** @param {Citation} citation @param {Turn} turn */
    #slip(citation, turn) {
        const q = quoteName(turn, citation.number);
        const lang = citation.language || null;
        const isPlaced = citation.is_placed !== false;
        const href = this.#world.address(citation);
        const chip = isPlaced ? { href, 'data-q': q, tabindex: -1 } : {}; // Tab comes to the slip once
        const top = make(
            'div', { class: 'top' },
            make(isPlaced ? 'a' : 'span', { class: 'cite', ...chip }, String(citation.number)),
            make('span', { class: 'from', lang }, placeOf(citation, this.#world.book())),
            isPlaced ? sure(citation) : null,
        );
        // The marks around a quote are the page's, so that its text is the book's alone; one that has its own needs none.
        const quote = make('q', { class: /^[“"«„「『‘]/.test(citation.quote) ? 'bare' : null }, citation.quote);
        const link = isPlaced ? make('a', { href, 'data-q': q }, quote) : quote;
        return make('li', { class: 'quote', 'data-q': q }, top, make('p', { class: 'words', lang, dir: 'auto' }, link));
    }
}

/** The mark of a checked quote, and what was done to make it true. @param {Citation} citation */
function sure({ how }) {
    const why = how === 'shortened' ? gettext('Shortened to what is in the book') : null;
    return make('span', { class: 'sure', title: why }, icon('verified'), gettext('Verified'), why && make('span', { class: 'sr' }, ` (${why})`));
}
