// @ts-check
/** The chat beside an open book: its quotes in the text and on the place line, the way to them, the drawer it stands in. */

import { the } from '../lib/dom.js';
import { isOpen, setDrawer } from '../reader/drawers.js';
import { placeAddress } from './sentences.js';

/** The address of a conversation in the reader. @param {number | null} conversation */
export const besideAddress = (conversation) => `?conversation=${conversation ?? 'new'}`;

/** @param {import('../reader/desk.js').Desk} desk */
export function wireChat(desk) {
    const { chat } = desk;
    let shown = '';
    chat.addEventListener('change', () => {
        const now = chat.thread.turns.map((turn) => `${turn.reply}:${turn.citations.length}`).join() + chat.lastQuotes().map(({ q }) => q);
        if (now !== shown) showQuotes(desk); // words come many times a second, quotes now and then
        shown = now;
    });
    chat.addEventListener('cite', (event) => cite(desk, /** @type {CustomEvent} */ (event).detail));
    chat.addEventListener('wanted', () => isOpen('chat') || setDrawer('chat', 'open', { hasFocus: false }));
    desk.addEventListener('reach', (event) => {
        const { title } = /** @type {CustomEvent} */ (event).detail ?? {};
        if (title !== undefined) chat.reached(title);
    });
    the('#chat [data-part="new"]').addEventListener('click', (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        void chat.openConversation(null).then(() => chat.focus());
    });
    document.addEventListener('click', (event) => {
        const mark = /** @type {Element} */ (event.target).closest('mark.cited[data-q]');
        if (mark) chat.light(mark.getAttribute('data-q') ?? '');
    });
    showQuotes(desk);
}

/** Mark the quotes of the last answer in the text, and all of the conversation on the place line. @param {import('../reader/desk.js').Desk} desk */
function showQuotes({ chat, layers, track, book }) {
    const ours = chat.lastQuotes().filter(({ citation }) => citation.book === book);
    layers.quotes(ours.map(({ citation, q }) => ({ q, section: citation.section, start: citation.start, end: citation.end })));
    const all = chat.thread.turns.flatMap(({ citations }) => citations).filter((citation) => citation.book === book);
    track.tick(all.map((citation) => ({ section: citation.section, offset: citation.start })));
}

/** @param {import('../reader/desk.js').Desk} desk @param {{ citation: any, q: string, event: Event }} cited */
function cite(desk, { citation, q, event }) {
    event.preventDefault();
    desk.chat.light(q);
    if (citation.is_placed === false) return;
    if (citation.book !== desk.book) return location.assign(placeAddress(citation, desk.chat.thread.conversation));
    if (document.body.dataset.chat === 'full') setDrawer('chat', 'open', { hasFocus: false });
    void desk.open(citation, q);
}
