// @ts-check
/**
 * Words chosen by the keyboard alone: Enter in the text takes the sentence one reads, the arrows go by sentences, with
 * Shift they take more or less. Event: `chosen` (detail: Selected).
 */

import { sentenceAt, sentences } from './aloud_sentences.js';
import { textOf } from './selecting_text.js';

const SHOWN_AT = 0.3; // how far down the screen a chosen sentence is shown that was out of sight

export class Chooser extends EventTarget {
    #desk;
    /** @type {import('./aloud_sentences.js').Sentence[]} */ #all = [];
    #section = -1;
    #first = 0;
    #last = 0;

    /** @param {import('./desk.js').Desk} desk */
    constructor(desk) {
        super();
        this.#desk = desk;
    }

    get isChoosing() {
        return this.#section >= 0;
    }

    /** Choose the sentence at the place one reads. */
    async begin() {
        const { section, offset } = this.#desk.view.place;
        this.#all = sentences(await textOf(this.#desk.book, section), this.#desk.reading.language);
        if (!this.#all.length) return;
        this.#section = section;
        this.#first = this.#last = Math.min(sentenceAt(this.#all, offset), this.#all.length - 1);
        await this.#show();
    }

    /**
     * @param {number} by sentences
     * @param {{ isMore: boolean }} how `isMore`: the end moves alone
     */
    async move(by, { isMore }) {
        const end = Math.max(isMore ? this.#first : 0, Math.min(this.#last + by, this.#all.length - 1));
        if (!isMore) this.#first = end;
        this.#last = end;
        await this.#show();
    }

    end() {
        if (!this.isChoosing) return;
        this.#section = -1;
        this.#desk.layers.paint('chosen', []);
    }

    async #show() {
        const { layers, view } = this.#desk;
        const span = { section: this.#section, start: this.#all[this.#first].start, end: this.#all[this.#last].end };
        layers.paint('chosen', [{ ...span, id: '', look: 'chosen' }]);
        const room = view.element.getBoundingClientRect();
        const isSeen = layers.rects(span).some(({ top, bottom, left, right }) => top >= room.top && bottom <= room.bottom && left >= room.left && right <= room.right);
        if (!isSeen) await view.show(span.section, span.start, { at: SHOWN_AT });
        const text = this.#all.slice(this.#first, this.#last + 1).map((one) => one.text).join(' ');
        this.#desk.say(text);
        this.dispatchEvent(new CustomEvent('chosen', { detail: { ...span, text, rects: layers.rects(span) } }));
    }
}
