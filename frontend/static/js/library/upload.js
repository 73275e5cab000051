// @ts-check
/**
 * Sending files, three at a time. What becomes of them is told in events: `begun`, `sent` (detail: { upload, bytes }),
 * `waiting`, `left` (its file has to be chosen again), `added` (detail: { upload, state }), `refused` (detail: { upload, sentence,
 * canRetry }).
 */

import { call, Refusal } from '../lib/api.js';
import { fill, gettext } from '../lib/words.js';
import { alone, forget, isSame, remember, remembered } from './kept.js';
import { Sending } from './tus.js';

const AT_ONCE = 3;
const MEGABYTE = 1024 * 1024;
const WORTH = 1024 * 1024; // bytes from which on a file is remembered

/**
 * `kept`: when the browser has its own copy; `ended`: when nothing more happens with it.
 * @typedef {{ file: File | null, name: string, size: number, modified: number, address: string, sending: Sending | null,
 *     isOver: boolean, kept: Promise<unknown> | null, ended: Promise<void>, end: () => void }} Upload
 */
/** @typedef {{ limit: number }} Rules what the server told beforehand */

/**
 * Why a file is not worth sending, or '' when it is. What it is, the server sees by its first bytes: names are often wrong.
 * @param {{ size: number }} file
 * @param {Rules} rules
 */
export function objection({ size }, { limit }) {
    if (size === 0) return gettext('This file is empty.');
    if (size > limit) {
        const sizes = { size: megabytes(size), limit: megabytes(limit) };
        return fill(gettext('This file has %(size)s MB; a book may have %(limit)s MB at most.'), sizes);
    }
    return '';
}

/** Whole megabytes, never rounded below what it is. @param {number} bytes */
export const megabytes = (bytes) => Math.ceil(bytes / MEGABYTE);

export class Uploads extends EventTarget {
    #rules;
    /** @type {Upload[]} */ #waiting = [];
    /** @type {Upload[]} files of an earlier visit that have to be chosen again */ #left = [];
    /** @type {Set<Upload>} */ #sending = new Set();

    /** @param {Rules} rules */
    constructor(rules) {
        super();
        this.#rules = rules;
        // Large files go on when the page is loaded again. A small one is sent in a moment: that is waited for.
        addEventListener('beforeunload', (event) => [...this.#waiting, ...this.#sending].some(({ kept }) => !kept) && event.preventDefault());
    }

    /** @param {Iterable<File>} files */
    add(files) {
        for (const file of files) {
            const left = this.#left.find((one) => isSame(file, one));
            if (left) {
                this.goOn(left, file);
                continue;
            }
            const upload = made(file, file.name, file.size, file.lastModified);
            this.#tell('begun', { upload });
            const sentence = objection(file, this.#rules);
            if (sentence) this.#tell('refused', { upload, sentence, canRetry: false });
            else this.#waiting.push(upload);
        }
        this.#next();
    }

    /** Take up what an earlier visit left unfinished. */
    async takeUp() {
        for (const row of await remembered()) void alone(row.address, () => this.#takeUp(row));
    }

    /** @param {import('./kept.js').Remembered} row */
    async #takeUp({ address }) {
        const row = (await remembered()).find((one) => one.address === address);
        if (!row) return; // another tab ended it meanwhile
        if (!(await isOpen(address))) return void forget(address);
        const upload = { ...made(row.file, row.name, row.size, row.modified), address, kept: Promise.resolve() };
        if (upload.file) this.goOn(upload);
        else {
            this.#left.push(upload);
            this.#tell('left', { upload });
        }
        await upload.ended;
    }

    /** Go on with a file of an earlier visit, or of a try that failed. @param {Upload} upload @param {File | null} [file] */
    goOn(upload, file = upload.file) {
        this.#left = this.#left.filter((one) => one !== upload);
        upload.file = file;
        this.#tell('begun', { upload });
        this.#waiting.push(upload);
        this.#next();
    }

    /** @param {Upload} upload */
    abort(upload) {
        upload.isOver = true;
        this.#left = this.#left.filter((one) => one !== upload);
        this.#waiting = this.#waiting.filter((one) => one !== upload);
        (upload.sending ?? new Sending(upload.file, upload.address)).cancel();
        this.#forget(upload);
    }

    #next() {
        while (this.#sending.size < AT_ONCE && this.#waiting.length) void this.#send(/** @type {Upload} */ (this.#waiting.shift()));
    }

    /** @param {Upload} upload */
    async #send(upload) {
        const sending = new Sending(upload.file, upload.address);
        upload.sending = sending;
        this.#sending.add(upload);
        sending.addEventListener('sent', (event) => this.#tell('sent', { upload, bytes: /** @type {CustomEvent} */ (event).detail }));
        sending.addEventListener('waiting', () => this.#tell('waiting', { upload }));
        sending.addEventListener('announced', () => this.#announced(upload, sending.address));
        try {
            const state = await sending.run();
            if (state && !upload.isOver) this.#arrived(upload, state);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            if (!upload.isOver) await this.#failed(upload, error);
        } finally {
            upload.sending = null;
            this.#sending.delete(upload);
            this.#next();
        }
    }

    /** @param {Upload} upload @param {string} address */
    #announced(upload, address) {
        if (upload.address) void forget(upload.address); // the server lost it, and it began anew
        upload.address = address;
        if (!upload.file || upload.size < WORTH) return;
        upload.kept = remember(address, upload.file);
        void alone(address, () => upload.ended);
    }

    /** @param {Upload} upload @param {import('./tus.js').State} state */
    #arrived(upload, state) {
        this.#forget(upload);
        if (state.error) this.#tell('refused', { upload, sentence: state.error.message, canRetry: false });
        else this.#tell('added', { upload, state });
    }

    /** @param {Upload} upload @param {Refusal} error */
    async #failed(upload, error) {
        const isRead = await upload.file?.slice(0, 1).arrayBuffer().then(() => true, () => false);
        const sentence = isRead ? error.message : gettext('This file changed or is gone. Choose it again.');
        const canRetry = Boolean(isRead) && ![413, 422].includes(error.status);
        if (!canRetry) this.#forget(upload);
        this.#tell('refused', { upload, sentence, canRetry });
    }

    /** @param {Upload} upload */
    #forget(upload) {
        void upload.kept?.then(() => forget(upload.address));
        upload.end();
    }

    /** @param {string} name @param {object} detail */
    #tell(name, detail) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }
}

/** @param {File | null} file @param {string} name @param {number} size @param {number} modified @returns {Upload} */
function made(file, name, size, modified) {
    /** @type {() => void} */ let end = () => {};
    const ended = /** @type {Promise<void>} */ (new Promise((resolve) => (end = resolve)));
    return { file, name, size, modified, address: '', sending: null, isOver: false, kept: null, ended, end };
}

/** Whether the server waits for more of an upload; it may, when it does not answer. @param {string} address */
async function isOpen(address) {
    try {
        const state = await call('GET', address.replace('/api/v1/', ''));
        return !state.book && !state.error;
    } catch (error) {
        return error instanceof Refusal && ![401, 403, 404].includes(error.status);
    }
}
