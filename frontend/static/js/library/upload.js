// @ts-check
/**
 * Sending files, two at a time. What becomes of them is told in events:
 * `begun`, `sent` (detail: { upload, share }), `added` (detail: { upload, book }), `refused` (detail: { upload, sentence }).
 */

import { headers, refusal } from '../lib/api.js';
import { fill, gettext } from '../lib/words.js';

const AT_ONCE = 2;
const MEGABYTE = 1024 * 1024;

/** @typedef {{ file: File, request: XMLHttpRequest | null }} Upload */
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
export const megabytes = (bytes) => Math.ceil(bytes / MEGABYTE).toLocaleString();

export class Uploads extends EventTarget {
    #rules;
    /** @type {Upload[]} */ #waiting = [];
    #sending = 0;

    /** @param {Rules} rules */
    constructor(rules) {
        super();
        this.#rules = rules;
        addEventListener('beforeunload', (event) => this.#sending && event.preventDefault());
    }

    /** @param {Iterable<File>} files */
    add(files) {
        for (const file of files) {
            const upload = { file, request: null };
            this.#tell('begun', { upload });
            const sentence = objection(file, this.#rules);
            if (sentence) this.#tell('refused', { upload, sentence });
            else this.#waiting.push(upload);
        }
        this.#next();
    }

    /** @param {Upload} upload */
    abort(upload) {
        this.#waiting = this.#waiting.filter((one) => one !== upload);
        upload.request?.abort();
    }

    #next() {
        while (this.#sending < AT_ONCE && this.#waiting.length) this.#send(/** @type {Upload} */ (this.#waiting.shift()));
    }

    /** @param {Upload} upload */
    #send(upload) {
        // fetch tells nothing of how much was sent
        const request = new XMLHttpRequest();
        upload.request = request;
        this.#sending++;
        request.upload.onprogress = ({ loaded, total }) => this.#tell('sent', { upload, share: total ? loaded / total : 0 });
        request.onload = () => this.#answered(upload, request);
        request.onerror = () => this.#tell('refused', { upload, sentence: refusal(0, '').message });
        request.onloadend = () => {
            this.#sending--;
            this.#next();
        };
        request.open('POST', '/api/v1/books');
        for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
        const form = new FormData();
        form.append('file', upload.file, upload.file.name);
        request.send(form);
    }

    /** @param {Upload} upload @param {XMLHttpRequest} request */
    #answered(upload, request) {
        if (request.status === 200 || request.status === 201) {
            this.#tell('added', { upload, book: JSON.parse(request.responseText) });
        } else {
            this.#tell('refused', { upload, sentence: refusal(request.status, request.responseText).message });
        }
    }

    /** @param {string} name @param {object} detail */
    #tell(name, detail) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }
}
