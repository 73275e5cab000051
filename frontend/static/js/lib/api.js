// @ts-check
/** Calls to /api/v1/ with the page's own session. A refusal becomes a Refusal with the server's sentence. */

import { gettext } from './words.js';

export class Refusal extends Error {
    /**
     * @param {string} code
     * @param {string} sentence
     * @param {number} status 0: the server was not reached
     */
    constructor(code, sentence, status) {
        super(sentence);
        this.code = code;
        this.status = status;
    }
}

/** Headers that say the request is this page's. @returns {Record<string, string>} */
export function headers() {
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    return { 'X-Requested-With': 'fetch', ...(token ? { 'X-CSRFToken': token[1] } : {}) };
}

/**
 * Read what a refused request says.
 * @param {number} status
 * @param {string} body
 */
export function refusal(status, body) {
    try {
        const { code, message } = JSON.parse(body).error;
        return new Refusal(code, message, status);
    } catch {
        const sentence = status
            ? gettext('The server could not do that. Try again in a moment.')
            : gettext('The server cannot be reached. Check your connection.');
        return new Refusal('unreachable', sentence, status);
    }
}

/**
 * @param {string} method
 * @param {string} path below /api/v1/
 * @param {{ body?: unknown, keepalive?: boolean, match?: string }} [options] `match`: the version that is to be changed
 * @returns {Promise<any>}
 */
export async function call(method, path, { body, keepalive = false, match } = {}) {
    /** @type {Record<string, string>} */
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
    let response;
    try {
        response = await fetch(`/api/v1/${path}`, {
            method,
            keepalive,
            headers: { ...headers(), ...type, Accept: 'application/json', ...(match === undefined ? {} : { 'If-Match': `"${match}"` }) },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
    } catch {
        throw refusal(0, '');
    }
    const text = await response.text();
    if (!response.ok) throw refusal(response.status, text);
    return text ? JSON.parse(text) : null;
}

/**
 * Fetch a fragment of a page.
 * @param {string} address
 * @returns {Promise<string>}
 */
export async function fragment(address) {
    let response;
    try {
        response = await fetch(address, { headers: { ...headers(), Accept: 'text/html' } });
    } catch {
        throw refusal(0, '');
    }
    const text = await response.text();
    if (!response.ok) throw refusal(response.status, text);
    return text;
}
