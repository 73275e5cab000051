// @ts-check
/** A book without a connection: it opens where one read on, not where the page was when it was kept (worker.js). */

import { isKept } from '../lib/offline.js';

/** @param {import('./desk.js').Desk} desk */
export function wireKept(desk) {
    const name = `at-${desk.book}`;
    try {
        const there = isKept() && !location.search.includes('section=') ? JSON.parse(localStorage.getItem(name) ?? 'null') : null;
        if (there) void desk.view.show(there.section, there.offset);
    } catch {
        // a broken note is no note
    }
    desk.view.addEventListener('place', (event) => {
        try {
            localStorage.setItem(name, JSON.stringify(/** @type {CustomEvent} */ (event).detail));
        } catch {
            // a browser that keeps nothing opens the book where the server has it
        }
    });
}
