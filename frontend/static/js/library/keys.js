// @ts-check
/** The keys of the library: arrows move over the covers, `m` menu, `u` add books, `v` covers or list, `/` search. */

import { the } from '../lib/dom.js';
import { isSingle } from '../lib/keys.js';

const NEAR = 24; // covers before and after; more than stand in a row

/**
 * @param {HTMLElement} root
 * @param {{ shelf: import('./shelf.js').Shelf, menu: import('./menu.js').Menu }} parts
 */
export function wireKeys(root, { shelf, menu }) {
    /** @type {Record<string, () => void>} */
    const single = {
        '/': () => {
            const field = /** @type {HTMLInputElement} */ (the('[data-part="find"] input', root));
            field.focus();
            field.select();
        },
        u: () => the('[data-part="files"]', root).click(),
        v: () => shelf.turn(),
        '?': () => /** @type {HTMLDialogElement} */ (the('#keys')).showModal(),
        m: () => {
            const item = /** @type {HTMLElement | null} */ (document.activeElement?.closest('.shelf li[data-book]'));
            if (item) menu.toggle(item);
        },
    };
    document.addEventListener('keydown', (event) => {
        if (!isSingle(event)) return;
        if (event.key.startsWith('Arrow')) return void (move(event, shelf) && event.preventDefault());
        const deed = single[event.key];
        if (!deed) return;
        event.preventDefault();
        deed();
    });
}

/** Move from cover to cover. @param {KeyboardEvent} event @param {import('./shelf.js').Shelf} shelf @returns {boolean} */
function move(event, shelf) {
    const { activeElement } = document;
    const here = /** @type {HTMLElement | null} */ (activeElement?.closest('.shelf > li[data-book]') ?? null);
    if (activeElement && activeElement !== document.body && !here) return false;
    if (document.querySelector('.floating')) return false;
    const { items } = shelf;
    const at = here ? items.indexOf(here) : 0;
    const from = Math.max(0, at - NEAR); // to ask a thousand covers where they stand takes a while
    const places = items.slice(from, at + NEAR).map(placeOf);
    const to = here ? from + next(places, at - from, event.key, getComputedStyle(shelf.list).direction === 'rtl') : 0;
    const link = /** @type {HTMLElement | null} */ (items[to]?.querySelector('a.onshelf') ?? null);
    link?.focus();
    return link !== null;
}

/** @param {HTMLElement} item */
const placeOf = (item) => ({ left: item.offsetLeft, top: item.offsetTop });

/**
 * The cover that an arrow leads to.
 * @param {{ left: number, top: number }[]} places
 * @param {number} at
 * @param {string} key
 * @param {boolean} isMirrored
 */
export function next(places, at, key, isMirrored = false) {
    if (key === 'ArrowLeft' || key === 'ArrowRight') {
        const to = at + ((key === 'ArrowRight') === isMirrored ? -1 : 1);
        return places[to] ? to : at;
    }
    const here = places[at];
    const isDown = key === 'ArrowDown';
    const rows = places.map(({ top }) => top).filter((top) => (isDown ? top > here.top : top < here.top));
    if (!rows.length) return at;
    const row = isDown ? Math.min(...rows) : Math.max(...rows);
    const there = places.map((place, index) => ({ ...place, index })).filter(({ top }) => top === row);
    return there.reduce((best, one) => (Math.abs(one.left - here.left) < Math.abs(best.left - here.left) ? one : best)).index;
}
