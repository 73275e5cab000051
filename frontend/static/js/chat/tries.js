// @ts-check
/** Questions to begin with, under an empty conversation. Nothing stands there until they come. */

import { call, Refusal } from '../lib/api.js';
import { icon, make, the } from '../lib/dom.js';

const MOST = 4;
let asked = 0;

/** @param {import('./types.js').Panel} panel */
export async function suggest(panel) {
    const list = the('[data-part="tries"]', panel.root);
    const now = ++asked;
    list.replaceChildren();
    if (panel.thread.turns.length) return;
    const { book, is_limited: isLimited } = panel.data;
    const path = `${book === null ? '' : `books/${book}/`}suggestions?is_limited=${Boolean(isLimited)}`;
    const found = await call('GET', path).catch((error) => {
        if (error instanceof Refusal) return null; // a page without suggestions is whole
        throw error;
    });
    if (now !== asked || panel.thread.turns.length) return;
    for (const question of (found?.items ?? []).slice(0, MOST)) {
        const button = make('button', { type: 'button', dir: 'auto' }, icon('right', 's'), make('span', {}, question));
        button.addEventListener('click', () => panel.ask(question));
        list.append(make('li', {}, button));
    }
}
