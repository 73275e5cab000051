// @ts-check
/** The keys of the reader. Single keys work outside fields and can be switched off. */

import { isField } from '../lib/dom.js';
import { hasKeys } from './preferences.js';

/**
 * @typedef {object} Deeds
 * @property {() => void} contents
 * @property {() => void} chat
 * @property {() => void} find
 * @property {(by: number) => void} turn by chapters
 * @property {(by: number) => void} step by screens or pages
 * @property {(side: number) => boolean} side to the page that lies left (-1) or right (1); false: there are no pages
 * @property {(by: number) => void} scroll by lines
 * @property {(by: number) => void} resize
 * @property {(number: number) => void} quote
 * @property {() => void} limit
 * @property {() => void} back
 * @property {() => void} keys
 * @property {() => void} escape
 * @property {() => void} fresh a new conversation
 */

/** Where Space does something of its own, and where arrows do too. */
const PRESSED = 'button, a, summary';
const OWN = 'select, video, audio, [role="slider"], [role="tab"], [role="menu"], [role="dialog"], .toc, .panel, .pop';

/** @param {Deeds} deeds */
export function wireKeys(deeds) {
    /** @type {Record<string, () => void>} */
    const single = {
        t: deeds.contents, c: deeds.chat, f: deeds.find, '/': deeds.find, l: deeds.limit, '?': deeds.keys, Backspace: deeds.back,
        '[': () => deeds.turn(-1), ']': () => deeds.turn(1),
        '+': () => deeds.resize(1), '=': () => deeds.resize(1), '-': () => deeds.resize(-1), '−': () => deeds.resize(-1),
    };
    document.addEventListener('keydown', (event) => {
        if (event.isComposing || event.defaultPrevented || document.querySelector('dialog[open]')) return;
        if (event.key === 'Escape') return deeds.escape();
        if (event.altKey && event.code === 'KeyN') return deeds.fresh();
        if (isField(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
        if (moves(event, deeds)) return event.preventDefault();
        const deed = /^[1-9]$/.test(event.key) ? () => deeds.quote(Number(event.key)) : single[event.key];
        if (!deed || !hasKeys()) return;
        event.preventDefault();
        deed();
    });
}

/**
 * Space, arrows and page keys, which every reader of books has.
 * @param {KeyboardEvent} event
 * @param {Deeds} deeds
 * @returns {boolean} whether it was one of them
 */
function moves({ key, shiftKey, target }, deeds) {
    const isText = target instanceof Element && target.closest('.scroll') !== null;
    if (target instanceof Element && !isText && target.closest(OWN)) return false;
    if (key === ' ' && target instanceof Element && target.closest(PRESSED)) return false;
    if (key === ' ') deeds.step(shiftKey ? -1 : 1);
    else if (key === 'PageDown' || key === 'PageUp') deeds.step(key === 'PageDown' ? 1 : -1);
    else if (shiftKey) return false; // a selection grows
    else if (key === 'ArrowLeft' || key === 'ArrowRight') return deeds.side(key === 'ArrowLeft' ? -1 : 1);
    else if (key === 'ArrowDown' || key === 'ArrowUp') deeds.scroll(key === 'ArrowDown' ? 1 : -1);
    else return false;
    return true;
}
