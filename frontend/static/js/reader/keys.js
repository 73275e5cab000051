// @ts-check
/** The keys of the reader. Single keys work outside fields and can be switched off. */

import { isField } from '../lib/dom.js';
import { hasKeys } from './preferences.js';

/**
 * @typedef {object} Deeds
 * @property {() => void} contents
 * @property {() => void} chat
 * @property {() => void} find
 * @property {(by: number) => void} turn
 * @property {(by: number) => void} resize
 * @property {(number: number) => void} quote
 * @property {() => void} back
 * @property {() => void} keys
 * @property {() => void} escape
 * @property {() => void} fresh a new conversation
 */

/** @param {Deeds} deeds */
export function wireKeys(deeds) {
    /** @type {Record<string, () => void>} */
    const single = {
        t: deeds.contents, c: deeds.chat, f: deeds.find, '/': deeds.find, '?': deeds.keys, Backspace: deeds.back,
        '[': () => deeds.turn(-1), ']': () => deeds.turn(1),
        '+': () => deeds.resize(1), '=': () => deeds.resize(1), '-': () => deeds.resize(-1), '−': () => deeds.resize(-1),
    };
    document.addEventListener('keydown', (event) => {
        if (event.isComposing || document.querySelector('dialog[open]')) return;
        if (event.key === 'Escape') return deeds.escape();
        if (event.altKey && event.code === 'KeyN') return deeds.fresh();
        if (isField(event.target) || event.ctrlKey || event.metaKey || event.altKey || !hasKeys()) return;
        const deed = /^[1-9]$/.test(event.key) ? () => deeds.quote(Number(event.key)) : single[event.key];
        if (!deed) return;
        event.preventDefault();
        deed();
    });
}
