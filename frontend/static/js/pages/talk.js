// @ts-check
/** The page of conversations: the list and the thread beside it. */

import { ChatPanel } from '../chat/panel.js';
import { placeAddress } from '../chat/sentences.js';
import { isField, the } from '../lib/dom.js';
import { freshSidebar } from '../lib/sidebar.js';
import { pageLine } from '../lib/socket.js';

const page = the('.talkpage');
const line = pageLine();
const panel = new ChatPanel(the('#talk'), line, {
    address: (conversation) => (conversation === null ? '/talks/?new' : `/talks/${conversation}/`),
});

panel.addEventListener('cite', (event) => {
    const { citation, q, event: click } = /** @type {CustomEvent} */ (event).detail;
    click.preventDefault();
    panel.light(q);
    if (citation.is_placed !== false) location.assign(placeAddress(citation, panel.thread.conversation));
});
panel.addEventListener('wanted', () => {
    page.dataset.shows = 'thread';
    if (matchMedia('(hover: hover)').matches) panel.focus();
    else the('#talk [data-part="flow"]').focus({ preventScroll: true }); // the field would raise the keyboard over what is to be read
});
panel.addEventListener('named', () => {
    const { title } = panel.data;
    document.title = `${title || the('#talks-title').textContent} · Mindory`;
});
line.addEventListener('frame', (event) => {
    if (/** @type {CustomEvent} */ (event).detail.type === 'shelf.changed') void freshSidebar();
});
// On a phone the list is a page of its own: the browser's Back leads there too.
addEventListener('popstate', () => (page.dataset.shows = location.pathname === '/talks/' && !location.search ? 'list' : 'thread'));

document.addEventListener('keydown', (event) => {
    if (event.isComposing || document.querySelector('dialog[open], :popover-open')) return;
    if (event.key === 'Escape' && panel.isWriting) panel.stop();
    if (event.altKey && event.code === 'KeyN') void panel.openConversation(null);
    const single = !isField(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey && document.body.dataset.keys !== 'off';
    if (single && event.key === 'c') (event.preventDefault(), panel.focus());
    if (single && event.key === 'l') panel.toggleLimit();
    if (single && event.key === '/') (event.preventDefault(), /** @type {HTMLElement} */ (the('.talkside input')).focus());
});
if (location.hash === '#ask') panel.focus();
document.documentElement.dataset.isReady = 'true';
