// @ts-check
/** A conversation with the library, and the list of conversations. */

import { ChatPanel, placeAddress } from '../chat/panel.js';
import { call, Refusal } from '../lib/api.js';
import { the } from '../lib/dom.js';
import { pageLine } from '../lib/socket.js';

const root = the('#talk');
const panel = new ChatPanel(root, pageLine());

panel.addEventListener('named', (event) => {
    // The first question begins a conversation: its own page takes up the answer where this one leaves it.
    location.assign(`/talks/${/** @type {CustomEvent} */ (event).detail.conversation}/`);
});
panel.addEventListener('cite', (event) => {
    const { citation, q, event: click } = /** @type {CustomEvent} */ (event).detail;
    click.preventDefault();
    panel.light(q);
    location.assign(placeAddress(citation));
});
document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && panel.isWriting) panel.stop();
    if (event.key === 'n' && event.altKey) location.assign('/talks/#ask');
});
if (location.hash === '#ask') panel.focus();

const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById('delete-talk'));
document.querySelector('.talks')?.addEventListener('click', (event) => {
    const button = /** @type {Element} */ (event.target).closest('[data-do="forget"]');
    const row = /** @type {HTMLElement | null} */ (button?.closest('[data-conversation]') ?? null);
    if (!row || !dialog) return;
    dialog.returnValue = '';
    dialog.showModal();
    dialog.addEventListener('close', () => void (dialog.returnValue === 'yes' && forget(row)), { once: true });
});

/** @param {HTMLElement} row */
async function forget(row) {
    try {
        await call('DELETE', `conversations/${row.dataset.conversation}`);
        row.remove();
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        the('[data-part="status"]').textContent = error.message;
    }
}
