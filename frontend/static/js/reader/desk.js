// @ts-check
/**
 * One open book: its text, what is laid over it, the chat beside it, and the way back. The parts of the reader are
 * given a desk and nothing else. Event: `back` (detail: how many places one can go back).
 */

import { placeAddress } from '../chat/sentences.js';
import { the } from '../lib/dom.js';

const QUOTE_AT = 0.22; // how far down what is seen of the text quoted words are shown

/** @typedef {import('./view.js').Place} Place */
/** @typedef {import('./view.js').Span} Span */

export class Desk extends EventTarget {
    /** @type {Place[]} where the reader was before going to a quote, a link or a note */
    #trail = [];

    /**
     * @param {any} reading what books/views/reader.py tells the page
     * @param {{
     *     view: import('./view.js').View, layers: import('./view.js').Layers, track: import('./track.js').Track,
     *     chat: import('../chat/panel.js').ChatPanel, line: import('../lib/socket.js').Line,
     * }} parts
     */
    constructor(reading, { view, layers, track, chat, line }) {
        super();
        this.reading = reading;
        this.view = view;
        this.layers = layers;
        this.track = track;
        this.chat = chat;
        this.line = line;
    }

    /** @returns {number} the id of the book */
    get book() {
        return this.reading.book;
    }

    /**
     * Go to words of this book and mark exactly them.
     * @param {Span} span
     * @param {string} q
     */
    async open({ section, start, end }, q) {
        this.leave();
        if ((await this.view.show(section, start, { at: this.#quoteAt, isGentle: true })) === null) return;
        this.layers.point({ section, start, end, q });
        this.chat.light(q);
    }

    /** Mark words without leaving a way back: the page was opened at them. @param {Span} span */
    async arrive({ section, start, end }) {
        if ((await this.view.show(section, start, { at: this.#quoteAt })) !== null) this.layers.point({ section, start, end, q: 'place' });
    }

    /**
     * Go to a place: a link of the book, an entry of the contents, a note.
     * @param {{ section: number, start: number }} place
     * @param {{ at?: number, isGentle?: boolean }} [how] as View.show takes it
     */
    go({ section, start }, { at = start ? this.#quoteAt : 0, isGentle = true } = {}) {
        this.leave();
        void this.view.show(section, start, { at, isGentle });
        this.view.element.focus({ preventScroll: true });
    }

    /** Follow a citation, into another book where it must be. @param {any} citation @param {string} q */
    cite(citation, q) {
        if (citation.book === this.book) void this.open(citation, q);
        else location.assign(placeAddress(citation));
    }

    /** Remember this place, to come back to it. */
    leave() {
        this.#trail.push(this.view.place);
        this.track.jump();
        this.#told();
    }

    back() {
        const place = this.#trail.pop();
        this.track.jump();
        this.#told();
        if (place) void this.view.show(place.section, place.offset, { isGentle: true });
    }

    /** Say something to those who hear the page. @param {string} words */
    say(words) {
        the('[data-part="said"]').textContent = words;
    }

    /** The chat of a phone lies over the foot of the text; the way back stands over what is left of it. */
    get #quoteAt() {
        const { top, bottom, height } = this.view.element.getBoundingClientRect();
        const sheet = the('#chat').getBoundingClientRect().top;
        return QUOTE_AT * (sheet > top && sheet < bottom ? (sheet - top) / height : 1);
    }

    #told() {
        this.dispatchEvent(new CustomEvent('back', { detail: this.#trail.length }));
    }
}
