// @ts-check
/** What conversations quoted of this book, fetched for the sections that are looked at. */

import { call, Refusal } from '../lib/api.js';

const AT_ONCE = 200; // quotes in one answer
const MOST = 1000; // of one section: no margin shows more

/**
 * @typedef {{
 *     id: number, conversation: number, conversation_title: string, reply: number, question: string, number: number,
 *     section: number, start: number, end: number, quote: string, heading: string, page: string, is_placed: boolean,
 * }} Quoted
 */

export class Quotes {
    #book;
    /** @type {Map<number, Promise<Quoted[]>>} */ #sections = new Map();
    /** @type {Map<number, Quoted[]>} */ #there = new Map();

    /** @param {number} book */
    constructor(book) {
        this.#book = book;
    }

    /** The quotes of a section that are here already. @param {number} section */
    of(section) {
        return this.#there.get(section) ?? [];
    }

    /** Fetch those of these sections that were not yet. @param {number[]} sections @returns {Promise<boolean>} whether something came */
    async fetch(sections) {
        const missing = sections.filter((section) => !this.#sections.has(section));
        for (const section of missing) this.#sections.set(section, this.#section(section));
        const found = await Promise.all(missing.map((section) => this.#sections.get(section)));
        return found.some((some) => some && some.length > 0);
    }

    /** Ask again for everything: there are new answers. */
    forget() {
        this.#sections.clear();
    }

    /** Some of all of them, in the order of the text. @param {number} offset @param {number} limit @returns {Promise<{ items: Quoted[], count: number }>} */
    all(offset, limit) {
        return call('GET', `books/${this.#book}/citations?offset=${offset}&limit=${limit}`);
    }

    /** How many there are in each section. @returns {Promise<{ items: { section: number, quotes: number, conversations: number }[] }>} */
    counts() {
        return call('GET', `books/${this.#book}/citations/sections`);
    }

    /** @param {number} section */
    async #section(section) {
        /** @type {Quoted[]} */
        const all = [];
        try {
            for (let count = 1; all.length < Math.min(count, MOST); ) {
                const got = await call('GET', `books/${this.#book}/citations?first=${section}&last=${section}&limit=${AT_ONCE}&offset=${all.length}`);
                if (!got.items.length) break;
                count = got.count;
                all.push(...got.items);
            }
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.#sections.delete(section);
            return [];
        }
        this.#there.set(section, all.filter((quote) => quote.is_placed));
        return all;
    }
}
