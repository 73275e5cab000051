// @ts-check
/** The plain text of sections, for those who need more than what the page shows. The last few are remembered. */

import { fragment } from '../lib/api.js';

const REMEMBERED = 4;
/** @type {Map<string, Promise<string>>} */
const known = new Map();

/** @param {number} book @param {number} section @returns {Promise<string>} */
export function textOf(book, section) {
    const path = `/api/v1/books/${book}/sections/${section}/text`;
    const there = known.get(path);
    if (there) return there;
    const coming = fragment(path);
    known.set(path, coming);
    if (known.size > REMEMBERED) known.delete(/** @type {string} */ (known.keys().next().value));
    coming.catch(() => known.delete(path));
    return coming;
}
