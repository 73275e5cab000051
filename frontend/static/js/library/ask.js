// @ts-check
/** Asking in a dialog of the page, and saying what was refused. */

import { Refusal } from '../lib/api.js';
import { the } from '../lib/dom.js';
import { toast } from '../lib/toasts.js';

/**
 * Show a dialog; `deed` is done when its reader says yes.
 * @param {HTMLDialogElement} dialog
 * @param {() => Promise<void>} deed
 */
export function ask(dialog, deed) {
    dialog.returnValue = '';
    dialog.querySelector('[data-do="close"]')?.addEventListener('click', () => dialog.close(), { once: true });
    dialog.addEventListener('close', () => void (dialog.returnValue === 'yes' && attempt(deed)), { once: true });
    dialog.showModal();
}

/** Do something; a refusal is said. @param {() => Promise<unknown>} deed @returns {Promise<boolean>} whether it was done */
export async function attempt(deed) {
    try {
        await deed();
        return true;
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        toast(error.message);
        return false;
    }
}

/** @param {string} id @returns {HTMLDialogElement} */
export const dialogOf = (id) => the(`#${id}`);

/** @param {string} id @returns {HTMLInputElement} */
export const fieldOf = (id) => the(`#${id}`);
