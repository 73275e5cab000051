// @ts-check
/** Sections of a book from the server: each is asked for once, and the next one before the reader comes to it. */

import { fragment, Refusal } from '../lib/api.js';
import { parsed } from '../lib/dom.js';

const KEPT = 2; // sections that are fetched and not yet shown

/** @type {(task: () => void) => void} */
const whenIdle = globalThis.requestIdleCallback ? (task) => void requestIdleCallback(task, { timeout: 2000 }) : (task) => void setTimeout(task, 200);

export class Fetched {
    #book;
    /** @type {Map<number, Promise<HTMLElement>>} */ #coming = new Map();
    /** @type {Map<number, HTMLElement>} */ #ready = new Map();
    /** @type {WeakSet<HTMLElement>} */ #given = new WeakSet();

    /** @param {number} book */
    constructor(book) {
        this.#book = book;
    }

    /**
     * One section as an article; it is the caller's from now on.
     * @param {number} number
     * @returns {Promise<{ leaf: HTMLElement | null, error: Refusal | null }>}
     */
    async section(number) {
        const ready = this.#ready.get(number);
        if (ready) {
            this.#ready.delete(number);
            return { leaf: ready, error: null };
        }
        try {
            const leaf = await this.#ask(number);
            this.#ready.delete(number);
            this.#given.add(leaf);
            return { leaf, error: null };
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            return { leaf: null, error };
        }
    }

    /** Fetch a section before it is needed. @param {number} number @param {number} count of all sections */
    ahead(number, count) {
        if (!(number < count) || this.#ready.has(number) || this.#coming.has(number)) return;
        whenIdle(async () => {
            try {
                const leaf = await this.#ask(number);
                if (!this.#given.has(leaf)) this.#ready.set(number, leaf);
                for (const old of [...this.#ready.keys()].slice(0, -KEPT)) this.#ready.delete(old);
            } catch (error) {
                if (!(error instanceof Refusal)) throw error; // it is asked for again when it is needed
            }
        });
    }

    /** @param {number} number */
    async #ask(number) {
        let coming = this.#coming.get(number);
        if (!coming) {
            coming = fragment(`/books/${this.#book}/sections/${number}`).then(parsed);
            this.#coming.set(number, coming);
        }
        try {
            return await coming;
        } finally {
            this.#coming.delete(number);
        }
    }
}
