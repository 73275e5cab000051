// @ts-check
/**
 * One file on its way, by the tus protocol (docs/uploads.md): announced, sent piece by piece, asked about when an answer was lost.
 * Events: `sent` (detail: bytes that are there), `waiting`, `announced`.
 */

import { headers, Refusal, refusal } from '../lib/api.js';
import { gettext } from '../lib/words.js';

const UPLOADS = '/api/v1/uploads';
const SMALLEST = 256 * 1024;
const LARGEST = 16 * 1024 * 1024;
const QUICK = 2; // seconds that a piece takes
const SLOW = 8;
const SILENCE = 30_000; // milliseconds without a byte: the line is dead
const LONGEST_WAIT = 30; // seconds between two tries
const TRIES = 5; // while the server answers with an error of its own

/** @typedef {{ id: string, file_name: string, size: number, received: number, book: any, error: { code: string, message: string } | null }} State */

/**
 * How many bytes the next piece has: as many as go in a few seconds, so that a dropped line loses little.
 * @param {number} size of the last one
 * @param {number} seconds it took; Infinity: it did not arrive
 */
export function nextPiece(size, seconds) {
    if (seconds < QUICK) return Math.min(LARGEST, size * 2);
    return seconds > SLOW ? Math.max(SMALLEST, Math.floor(size / 2)) : size;
}

/** Seconds until the next try, a little at random. @param {number} tries @param {number} [chance] */
export function pause(tries, chance = Math.random()) {
    return Math.min(LONGEST_WAIT, 2 ** Math.min(tries, 6) / 2) * (0.75 + chance / 2);
}

/** Whether what a status says passes by itself: `line` and `server` do. @param {number} status @param {string} code */
export function kindOf(status, code) {
    if (status === 0 || [408, 502, 504].includes(status)) return 'line';
    if (code === 'server_full') return 'end';
    if (code === 'wrong_offset') return 'offset';
    if (status === 404) return 'gone';
    return status >= 500 || [425, 429, 460].includes(status) ? 'server' : 'end';
}

/** @param {string} text */
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

export class Sending extends EventTarget {
    #file;
    /** @type {XMLHttpRequest | null} */ #request = null;
    #piece = SMALLEST * 4;
    #isOver = false;
    /** @type {(() => void) | null} */ #wake = null;
    #offset = 0;
    #tries = 0; // since the last piece that arrived
    address;

    /** @param {File | null} file @param {string} [address] of an upload that was begun before */
    constructor(file, address = '') {
        super();
        this.#file = file ?? new File([], '');
        this.address = address;
    }

    /** Send all that is missing. @returns {Promise<State | null>} how it stands in the end; null: it was stopped */
    async run() {
        for (let renewals = 0; !this.#isOver; ) {
            try {
                if (!this.address) await this.#announce();
                else {
                    const state = await this.#look();
                    if (state.book || state.error) return state;
                }
                return await this.#sendRest();
            } catch (error) {
                if (this.#isOver) return null;
                if (!(error instanceof Refusal)) throw error;
                const kind = kindOf(error.status, error.code);
                this.#tries++;
                const isHopeless = (kind !== 'line' && this.#tries > TRIES) || (kind === 'gone' && renewals++ > 1);
                if (kind === 'end' || isHopeless) throw error;
                if (kind === 'gone') this.address = '';
                else if (kind !== 'offset') await this.#wait();
            }
        }
        return null;
    }

    /** Let go of the line; what is there stays for another time. */
    stop() {
        this.#isOver = true;
        this.#request?.abort();
        this.#wake?.();
    }

    /** Stop, and have the server forget what it has. */
    cancel() {
        this.stop();
        if (this.address) void this.#ask('DELETE', this.address).catch(() => {});
    }

    async #announce() {
        const said = { 'Upload-Length': String(this.#file.size), 'Upload-Metadata': `filename ${base64(this.#file.name)}` };
        const request = await this.#ask('POST', UPLOADS, said);
        this.address = request.getResponseHeader('Location') ?? '';
        this.#offset = 0;
        this.#tell('announced', this.address);
    }

    /** Ask how much is there. @returns {Promise<State>} */
    async #look() {
        const state = JSON.parse((await this.#ask('GET', this.address)).responseText);
        this.#offset = state.received;
        this.#tell('sent', this.#offset);
        return state;
    }

    /** @returns {Promise<State>} */
    async #sendRest() {
        for (;;) {
            const part = this.#file.slice(this.#offset, this.#offset + this.#piece);
            const began = performance.now();
            const state = await this.#send(part);
            this.#tries = 0;
            this.#piece = nextPiece(this.#piece, (performance.now() - began) / 1000);
            this.#offset = state.received;
            this.#tell('sent', this.#offset);
            if (state.received >= state.size) return state;
        }
    }

    /** @param {Blob} part @returns {Promise<State>} */
    async #send(part) {
        const said = {
            'Content-Type': 'application/offset+octet-stream',
            'Upload-Offset': String(this.#offset),
            Prefer: 'return=representation',
        };
        try {
            return JSON.parse((await this.#ask('PATCH', this.address, said, part)).responseText);
        } catch (error) {
            this.#piece = nextPiece(this.#piece, Infinity);
            throw error;
        }
    }

    /**
     * fetch tells nothing of how much was sent.
     * @param {string} method
     * @param {string} address
     * @param {Record<string, string>} [said]
     * @param {Blob} [body]
     * @returns {Promise<XMLHttpRequest>}
     */
    #ask(method, address, said = {}, body) {
        return new Promise((resolve, reject) => {
            const request = new XMLHttpRequest();
            let silence = 0;
            const heard = () => {
                clearTimeout(silence);
                silence = Number(setTimeout(() => request.abort(), SILENCE));
            };
            request.upload.onprogress = ({ loaded }) => {
                heard();
                this.#tell('sent', this.#offset + Math.min(loaded, body?.size ?? 0));
            };
            request.onload = () => {
                if (request.status >= 200 && request.status < 300) resolve(request);
                else reject(refusal(request.status, request.responseText));
            };
            request.onerror = request.onabort = () => reject(refusal(0, ''));
            request.onloadend = () => clearTimeout(silence);
            request.open(method, address);
            for (const [name, value] of Object.entries({ ...headers(), 'Tus-Resumable': '1.0.0', ...said })) request.setRequestHeader(name, value);
            if (method !== 'DELETE') this.#request = request;
            heard();
            request.send(body);
        });
    }

    /** Wait a while, or until the browser says that there is a line again. */
    async #wait() {
        this.#tell('waiting', this.#offset);
        await new Promise((resolve) => {
            const over = () => {
                clearTimeout(timer);
                removeEventListener('online', over);
                resolve(null);
            };
            const timer = setTimeout(over, pause(this.#tries) * 1000);
            addEventListener('online', over);
            this.#wake = over;
        });
    }

    /** @param {string} name @param {unknown} detail */
    #tell(name, detail) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }
}

/** What is said while there is no line. @param {number} percent */
export const waitingWords = (percent) =>
    percent > 0 ? gettext('Waiting for the connection. %(percent)s% is kept.') : gettext('Waiting for the connection.');
