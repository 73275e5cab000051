// @ts-check
/** Open a book from anywhere: a field, and the books whose title or author fits. Without words, the last ones. */

import { fragment, Refusal } from '../lib/api.js';
import { parsed, the } from '../lib/dom.js';
import { wireHits } from '../lib/hits.js';
import { fill, gettext, ngettext } from '../lib/words.js';

const PAUSE = 90; // milliseconds after a letter

/** @type {HTMLDialogElement | null} */
let dialog = null;
let asked = 0;

/** Show it, or close it when it is there. */
export async function openOpener() {
    if (dialog?.open) return dialog.close();
    if (document.querySelector('dialog[open]')) return;
    await prepare();
    if (!dialog || dialog.open) return;
    dialog.showModal();
    const field = /** @type {HTMLInputElement} */ (the('input', dialog));
    field.select();
    await look(dialog, field.value);
}

/** Have it ready. Pages for nobody in particular have none. */
export async function prepare() {
    const template = /** @type {HTMLTemplateElement | null} */ (document.querySelector('#opener'));
    if (!template || dialog) return;
    dialog = made(template);
    await Promise.all((template.dataset.styles ?? '').split(' ').filter(Boolean).map(styled));
}

/** @param {HTMLTemplateElement} template @returns {HTMLDialogElement} */
function made(template) {
    const made = /** @type {HTMLDialogElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
    document.body.append(made);
    const field = /** @type {HTMLInputElement} */ (the('input', made));
    const found = the('[data-part="opened"]', made);
    let timer = 0;
    field.addEventListener('input', () => {
        clearTimeout(timer);
        timer = Number(setTimeout(() => void look(made, field.value), PAUSE));
    });
    field.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' || event.isComposing) return;
        event.preventDefault();
        /** @type {HTMLElement | null} */ (found.querySelector('[data-hit]'))?.click();
    });
    wireHits(field, found);
    made.addEventListener('click', (event) => event.target === made && made.close());
    return made;
}

/** A style sheet of ours, once. @param {string} address */
function styled(address) {
    if (document.querySelector(`link[href="${address}"]`)) return undefined;
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = address;
    return new Promise((done) => {
        link.addEventListener('load', done, { once: true });
        link.addEventListener('error', done, { once: true });
        document.head.append(link);
    });
}

/** @param {HTMLDialogElement} box @param {string} words */
async function look(box, words) {
    const mine = ++asked;
    const place = the('[data-part="opened"]', box);
    try {
        const found = parsed(await fragment(`/shelf/found?${new URLSearchParams({ q: words.trim() })}`));
        if (mine !== asked) return;
        if (found.children.length) place.replaceChildren(found);
        else place.textContent = gettext('No title or author is like that.');
        const count = found.children.length;
        the('[role="status"]', box).textContent = fill(ngettext('%(count)s book', '%(count)s books', count), { count });
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (mine === asked) place.textContent = error.message;
    }
}
