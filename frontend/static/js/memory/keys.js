// @ts-check
/** The keys of the memory page: arrows from thing to thing, `p` `e` `h` `Del` with the one that has the focus, `/` search, `n` tell. */

import { the } from '../lib/dom.js';
import { isSingle } from '../lib/keys.js';

/** @type {Record<string, 'pin' | 'edit' | 'history' | 'forget'>} */
const DEEDS = { p: 'pin', e: 'edit', h: 'history', Delete: 'forget' };

/** @param {{ finder: import('./finder.js').Finder, facts: import('./facts.js').Facts, telling: import('./tell.js').Telling }} parts */
export function wireKeys({ finder, facts, telling }) {
    document.addEventListener('keydown', (event) => {
        if (!isSingle(event)) return;
        const here = /** @type {HTMLElement | null} */ (document.activeElement?.closest('.fact[data-memory]') ?? null);
        if (event.key === '/') {
            finder.field?.focus();
            finder.field?.select();
        } else if (event.key === 'n' && !finder.asked.on) telling.open();
        else if (event.key === '?') /** @type {HTMLDialogElement} */ (the('#keys')).showModal();
        else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            const to = next(here, event.key === 'ArrowDown');
            if (!to) return;
            the('.it', to).focus();
        } else if (here && DEEDS[event.key]) facts.act(DEEDS[event.key], here);
        else return;
        event.preventDefault();
    });
}

/** @param {HTMLElement | null} here @param {boolean} isDown @returns {HTMLElement | null} null: the page scrolls as ever */
function next(here, isDown) {
    if (!here) return null;
    const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.fact[data-memory]')]);
    return all[all.indexOf(here) + (isDown ? 1 : -1)] ?? null;
}
