// @ts-check
/** The library: shelf, uploads, jobs and search put together. */

import { isField, make, the } from '../lib/dom.js';
import { pageLine } from '../lib/socket.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { wireDrop } from '../library/drop.js';
import { Jobs } from '../library/jobs.js';
import { Search } from '../library/search.js';
import { Shelf } from '../library/shelf.js';
import { Uploads } from '../library/upload.js';

const root = the('#library');
const shelf = new Shelf(root);
const jobs = new Jobs(the('[data-part="jobs"]', root), shelf);
const uploads = new Uploads({ limit: Number(root.dataset.limit) });
new Search(root, shelf);

/** @type {Map<import('../library/upload.js').Upload, HTMLElement>} */
const rows = new Map();

/** @param {string} template @param {string} name @returns {HTMLElement} */
function row(template, name) {
    const copy = /** @type {HTMLTemplateElement} */ (the(`#${template}`)).content.cloneNode(true);
    const made = /** @type {HTMLElement} */ (copy.firstChild);
    the('b', made).textContent = name;
    return made;
}

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

/** The same bytes are one book. @param {any} book */
function told(book) {
    const open = book.is_readable ? make('a', { class: 'btn small', href: `/books/${book.id}/` }, gettext('Open it')) : null;
    shelf.toast(fill(gettext('“%(title)s” is on your shelf already.'), { title: book.title }), open);
}

/** Show the parts that have something in them. */
function refresh() {
    const isEmpty = jobs.isEmpty && shelf.count === 0;
    the('[data-part="empty"]', root).hidden = !isEmpty;
    the('[data-part="head"]', root).hidden = isEmpty;
    the('[data-part="adding"]', root).hidden = jobs.isEmpty;
    the('[data-part="all"]', root).hidden = shelf.count === 0;
    const title = jobs.count ? ngettext('Adding %(count)s book', 'Adding %(count)s books', jobs.count) : gettext('Adding books');
    the('[data-part="adding-title"]', root).textContent = fill(title, { count: jobs.count });
}

jobs.addEventListener('change', refresh);
shelf.addEventListener('change', refresh);
shelf.addEventListener('renamed', (event) => void jobs.refresh(/** @type {CustomEvent} */ (event).detail));
for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll('[data-part="files"]'))) {
    field.addEventListener('change', () => {
        uploads.add([...(field.files ?? [])]);
        field.value = ''; // the same file can be chosen again
    });
}
wireDrop(the('[data-part="drop"]', root), (files) => uploads.add(files));

const line = pageLine();
let wasUp = false;
line.addEventListener('frame', (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail.type.startsWith('book')) void jobs.take(detail);
});
line.addEventListener('up', () => {
    // Frames may have been missed: look at every book that was on its way.
    if (wasUp) for (const job of document.querySelectorAll('.job[data-book]')) void jobs.refresh(Number(/** @type {HTMLElement} */ (job).dataset.book));
    wasUp = true;
});
document.addEventListener('keydown', (event) => {
    if (isField(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (event.key === '/') {
        event.preventDefault();
        the('[data-part="find"] input', root).focus();
    }
    if (event.key === 'u') the('[data-part="files"]', root).click();
});
refresh();
