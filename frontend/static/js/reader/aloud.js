// @ts-check
/**
 * A book read aloud, sentence by sentence, from one section into the next. What speaks is a Speaker (aloud_voice.js).
 * Events: `state` (detail: 'reading' | 'paused' | 'stopped'), `sentence` (detail: Span), `failed`.
 */

import { sentenceAt } from './aloud_sentences.js';

/** @typedef {import('./aloud_sentences.js').Sentence} Sentence */

export class Aloud extends EventTarget {
    #speaker;
    #sentencesOf;
    #count;
    /** @type {'reading' | 'paused' | 'stopped'} */ #state = 'stopped';
    #section = 0;
    #number = 0;
    /** @type {Sentence[]} */ #all = [];
    #turn = 0; // whoever finds another number here has been overtaken
    how = { voice: '', language: '', rate: 1 };

    /**
     * @param {import('./aloud_voice.js').Speaker} speaker
     * @param {(section: number) => Promise<Sentence[]>} sentencesOf
     * @param {number} count sections of the book
     */
    constructor(speaker, sentencesOf, count) {
        super();
        this.#speaker = speaker;
        this.#sentencesOf = sentencesOf;
        this.#count = count;
    }

    get state() {
        return this.#state;
    }

    /** Read on from a place. @param {{ section: number, offset: number }} place */
    async begin({ section, offset }) {
        const turn = this.#overtake();
        const all = await this.#sentencesOf(section);
        if (turn !== this.#turn) return;
        [this.#section, this.#all] = [section, all];
        this.#number = sentenceAt(this.#all, offset);
        this.#become('reading');
        await this.#read();
    }

    pause() {
        if (this.#state !== 'reading') return;
        this.#overtake();
        this.#become('paused');
    }

    /** Go on with the sentence at which it was paused. */
    async resume() {
        if (this.#state !== 'paused') return;
        this.#become('reading');
        await this.#read();
    }

    stop() {
        if (this.#state === 'stopped') return;
        this.#overtake();
        this.#become('stopped');
    }

    /** Go on or back, and read from there. @param {number} by sentences */
    async skip(by) {
        if (this.#state === 'stopped') return;
        const turn = this.#overtake();
        this.#number += by;
        if (this.#number < 0 && this.#section > 0) {
            this.#section -= 1;
            this.#all = await this.#sentencesOf(this.#section);
            if (turn !== this.#turn) return;
            this.#number = Math.max(0, this.#all.length - 1);
        }
        this.#number = Math.max(0, this.#number);
        if (this.#state === 'reading') await this.#read();
        else await this.#show();
    }

    /** Say the sentence again: another voice or another speed was chosen. */
    async again() {
        if (this.#state !== 'reading') return;
        this.#overtake();
        await this.#read();
    }

    async #read() {
        const turn = this.#overtake();
        while (turn === this.#turn) {
            const sentence = await this.#show();
            if (turn !== this.#turn) return;
            if (!sentence) return this.stop();
            const end = await this.#speaker.say(sentence.text, this.how);
            if (turn !== this.#turn) return;
            if (end === 'failed') {
                this.stop();
                this.dispatchEvent(new CustomEvent('failed'));
                return;
            }
            this.#number += 1;
        }
    }

    /** The sentence to read now, told to the page; null at the end of the book. @returns {Promise<Sentence | null>} */
    async #show() {
        const turn = this.#turn;
        while (this.#number >= this.#all.length) {
            if (this.#section + 1 >= this.#count) return null;
            const next = await this.#sentencesOf(this.#section + 1);
            if (turn !== this.#turn) return null;
            this.#section += 1;
            this.#all = next;
            this.#number = 0;
        }
        const sentence = this.#all[this.#number];
        this.dispatchEvent(new CustomEvent('sentence', { detail: { section: this.#section, start: sentence.start, end: sentence.end } }));
        return sentence;
    }

    #overtake() {
        this.#turn += 1;
        this.#speaker.hush();
        return this.#turn;
    }

    /** @param {'reading' | 'paused' | 'stopped'} state */
    #become(state) {
        this.#state = state;
        this.dispatchEvent(new CustomEvent('state', { detail: state }));
    }
}
