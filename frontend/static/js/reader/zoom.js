// @ts-check
/** A picture of the book, as large as the window. Without this module its link opens the picture alone. */

import { icon, make } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { isPlain } from './notes.js';

/** @param {HTMLElement} text what holds the pictures */
export function wireZoom(text) {
    text.addEventListener('click', (event) => {
        const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest('a[data-zoom]'));
        if (!link || !isPlain(event)) return;
        event.preventDefault();
        show(link);
    });
}

/** @param {HTMLAnchorElement} link */
function show(link) {
    const alt = link.querySelector('img')?.alt ?? '';
    const shut = make('button', { class: 'tool', type: 'submit', 'aria-label': gettext('Close') }, icon('close'));
    const words = make('p', { class: 'small' }, alt);
    const picture = make('img', { src: link.href, alt });
    const dialog = /** @type {HTMLDialogElement} */ (
        make('dialog', { class: 'zoomed', 'aria-label': alt || gettext('Picture') }, make('form', { method: 'dialog' }, alt ? words : null, shut), picture)
    );
    dialog.addEventListener('click', ({ target }) => (target === dialog || target === picture) && dialog.close());
    dialog.addEventListener('close', () => {
        dialog.remove();
        link.focus({ preventScroll: true });
    });
    document.body.append(dialog);
    dialog.showModal();
}
