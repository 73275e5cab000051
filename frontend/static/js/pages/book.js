// @ts-check
/** The page about a book works by its forms alone; this shows a chosen cover at once and follows a file that is read. */

import { make } from '../lib/dom.js';
import { pageLine } from '../lib/socket.js';

const book = Number(location.pathname.split('/')[2]);
const shown = /** @type {HTMLElement | null} */ (document.querySelector('[data-state]'))?.dataset.state;
const form = document.querySelector('[data-part="words"]');
let isTouched = false;

form?.addEventListener('input', () => {
    isTouched = true;
});

/** The states in which nothing more happens by itself. */
const AT_REST = new Set(['ready', 'failed', 'cancelled']);

pageLine().addEventListener('frame', (event) => {
    const frame = /** @type {CustomEvent} */ (event).detail;
    if (frame.type === 'book' && frame.book === book && frame.state !== shown && AT_REST.has(frame.state) && !isTouched) location.reload();
});

const file = /** @type {HTMLInputElement | null} */ (document.querySelector('#cover-file'));
file?.addEventListener('change', () => {
    const [picture] = file.files ?? [];
    const place = document.querySelector('.nowcover');
    if (!picture || !place) return;
    const image = /** @type {HTMLImageElement} */ (make('img', { alt: '' }));
    image.src = URL.createObjectURL(picture);
    image.addEventListener('load', () => URL.revokeObjectURL(image.src), { once: true });
    place.replaceChildren(make('span', { class: 'cover photo' }, image));
});
