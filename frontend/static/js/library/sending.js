// @ts-check
/** The rows of files on their way to the server. */

import { make, the } from '../lib/dom.js';
import { toast } from '../lib/toasts.js';
import { fill, gettext } from '../lib/words.js';
import { wireDrop } from './drop.js';
import { Uploads } from './upload.js';

/**
 * @param {HTMLElement} root
 * @param {import('./jobs.js').Jobs} jobs
 * @param {() => void} refresh
 */
export function wireSending(root, jobs, refresh) {
    const uploads = new Uploads({ limit: Number(root.dataset.limit) });
    /** @type {Map<import('./upload.js').Upload, HTMLElement>} */
    const rows = new Map();

    uploads.addEventListener('begun', (event) => {
        const { upload } = /** @type {CustomEvent} */ (event).detail;
        const made = row('uploading', upload.file.name);
        the('[data-do="abort"]', made).addEventListener('click', () => {
            uploads.abort(upload);
            made.remove();
            refresh();
        });
        rows.set(upload, made);
        jobs.put(made);
    });
    uploads.addEventListener('sent', (event) => {
        const { upload, share } = /** @type {CustomEvent} */ (event).detail;
        const made = /** @type {HTMLElement} */ (rows.get(upload));
        const percent = Math.floor(share * 100);
        /** @type {HTMLProgressElement} */ (the('progress', made)).value = percent;
        the('[data-part="stage"]', made).textContent = fill(gettext('Uploading %(percent)s%'), { percent });
    });
    uploads.addEventListener('added', (event) => {
        const { upload, book } = /** @type {CustomEvent} */ (event).detail;
        rows.get(upload)?.remove();
        rows.delete(upload);
        if (!book.is_new) told(book);
        void jobs.refresh(book.id);
    });
    uploads.addEventListener('refused', (event) => {
        const { upload, sentence } = /** @type {CustomEvent} */ (event).detail;
        const failed = row('not-added', upload.file.name);
        the('.why', failed).textContent = sentence;
        the('[data-do="dismiss"]', failed).addEventListener('click', () => {
            failed.remove();
            refresh();
        });
        rows.get(upload)?.replaceWith(failed);
        rows.delete(upload);
        refresh();
    });
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll('[data-part="files"]'))) {
        field.addEventListener('change', () => {
            uploads.add([...(field.files ?? [])]);
            field.value = ''; // the same file can be chosen again
        });
    }
    wireDrop(the('[data-part="drop"]', root), (files) => uploads.add(files));
}

/** @param {string} template @param {string} name @returns {HTMLElement} */
function row(template, name) {
    const copy = /** @type {HTMLTemplateElement} */ (the(`#${template}`)).content.cloneNode(true);
    const made = /** @type {HTMLElement} */ (copy.firstChild);
    the('b', made).textContent = name;
    return made;
}

/** The same bytes are one book. @param {any} book */
function told(book) {
    const open = book.is_readable ? make('a', { class: 'btn small', href: `/books/${book.id}/` }, gettext('Open it')) : null;
    toast(fill(gettext('“%(title)s” is on your shelf already.'), { title: book.title }), open);
}
