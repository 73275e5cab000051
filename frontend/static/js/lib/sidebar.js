// @ts-check
/** The part of the sidebar that changes with the shelf, as the server has it now. */

import { fragment, Refusal } from './api.js';
import { parsed } from './dom.js';

/** Fetch it anew; where the page is stays marked. @returns {Promise<boolean>} whether it came */
export async function freshSidebar() {
    const place = document.querySelector('[data-part="sidebar"]');
    if (!place) return false;
    try {
        const next = parsed(await fragment('/shelf/sidebar'));
        const here = place.querySelector('[aria-current="page"]')?.getAttribute('href');
        for (const link of next.querySelectorAll('a[href]')) {
            if (link.getAttribute('href') === here) link.setAttribute('aria-current', 'page');
        }
        place.replaceWith(next);
        return true;
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return false; // the old one is good enough
    }
}
