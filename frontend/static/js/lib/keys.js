// @ts-check
/** Keys that work on every page: `Ctrl/⌘ K` opens a book, `g` and a letter goes somewhere. Single ones can be off. */

import { isField } from './dom.js';

const TOGETHER = 1200; // milliseconds between `g` and the letter

/** Whether single keys do something (WCAG 2.1.4): the reader's own choice, here and in this browser. */
export function hasKeys() {
    if (document.body.dataset.keys === 'off') return false;
    try {
        return JSON.parse(localStorage.getItem('reading') ?? '{}').keys !== 'off';
    } catch {
        return true; // a broken note is no note
    }
}

/** Whether this key is one of the page's and not of a field, a dialog or the browser. @param {KeyboardEvent} event */
export const isSingle = (event) =>
    !(event.isComposing || event.ctrlKey || event.metaKey || event.altKey || isField(event.target) || document.querySelector('dialog[open]')) && hasKeys();

/** @param {() => void} open shows the list of books */
export function wireGlobalKeys(open) {
    let since = -Infinity; // time begins with the page: 0 would be a moment ago
    document.addEventListener('keydown', (event) => {
        if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
            event.preventDefault();
            return open();
        }
        if (!isSingle(event)) return;
        const isPair = event.timeStamp - since < TOGETHER;
        since = event.key === 'g' ? event.timeStamp : -Infinity;
        if (!isPair || !/^[a-z]$/.test(event.key)) return;
        const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector(`a[data-go="${event.key}"]`));
        if (!link) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        link.click();
    }, { capture: true });
}
