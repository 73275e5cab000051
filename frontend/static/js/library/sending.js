// @ts-check
/** The rows of files on their way to the server. */

import { make, the } from '../lib/dom.js';
import { toast } from '../lib/toasts.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { sorted, wireDrop } from './drop.js';
import { waitingWords } from './tus.js';
import { megabytes, Uploads } from './upload.js';

const NAMED = 3; // files that are no books and are named
const MEGABYTE = 1024 * 1024;

/** @typedef {import('./upload.js').Upload} Upload */

/**
 * @param {HTMLElement} root
 * @param {import('./jobs.js').Jobs} jobs
 * @param {() => void} refresh
 */
export function wireSending(root, jobs, refresh) {
    const uploads = new Uploads({ limit: Number(root.dataset.limit) });
    const rows = new Rows(uploads, jobs, refresh);
    const suffixes = /** @type {HTMLInputElement} */ (the('[data-part="files"]', root)).accept.split(',');

    /** @param {string} name @param {(detail: any) => void} deed */
    const on = (name, deed) => uploads.addEventListener(name, (event) => deed(/** @type {CustomEvent} */ (event).detail));
    on('begun', ({ upload }) => rows.begun(upload));
    on('sent', ({ upload, bytes }) => rows.sent(upload, bytes));
    on('waiting', ({ upload }) => rows.waiting(upload));
    on('left', ({ upload }) => rows.left(upload));
    on('refused', (detail) => rows.refused(detail));
    on('added', ({ upload, state }) => {
        rows.drop(upload);
        if (!state.book.is_new) told(state.book);
        void jobs.refresh(state.book.id);
    });

    /** @param {import('./drop.js').Found} found */
    const take = ({ files, others }) => {
        uploads.add(files);
        if (others.length) toast(passedOver(others, files.length));
    };
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll('[data-part="files"], [data-part="folder"]'))) {
        const isFolder = field.dataset.part === 'folder';
        if (isFolder && !('webkitdirectory' in field)) field.closest('label')?.remove();
        field.addEventListener('change', () => {
            const files = [...(field.files ?? [])];
            take(isFolder ? sorted(files, suffixes) : { files, others: [] });
            field.value = ''; // the same file can be chosen again
        });
    }
    wireDrop(the('[data-part="drop"]', root), suffixes, take);
    void uploads.takeUp();
}

class Rows {
    /** @type {Map<Upload, HTMLElement>} */ #rows = new Map();
    /** @type {WeakMap<Upload, number>} */ #percents = new WeakMap();
    #uploads;
    #jobs;
    #refresh;

    /** @param {Uploads} uploads @param {import('./jobs.js').Jobs} jobs @param {() => void} refresh */
    constructor(uploads, jobs, refresh) {
        this.#uploads = uploads;
        this.#jobs = jobs;
        this.#refresh = refresh;
    }

    /** @param {Upload} upload */
    begun(upload) {
        const made = row('uploading', upload.name);
        the('[data-do="abort"]', made).addEventListener('click', () => this.#end(upload));
        this.#put(upload, made);
    }

    /** @param {Upload} upload @param {number} bytes */
    sent(upload, bytes) {
        const made = this.#rows.get(upload);
        if (!made) return;
        const percent = Math.floor((100 * bytes) / upload.size);
        this.#percents.set(upload, percent);
        made.classList.remove('paused');
        /** @type {HTMLProgressElement} */ (the('progress', made)).value = percent;
        the('[data-part="stage"]', made).textContent = fill(gettext('Uploading %(percent)s%'), { percent });
        const sizes = { done: Math.floor(bytes / MEGABYTE), total: megabytes(upload.size) };
        if (upload.size > 4 * MEGABYTE) the('[data-part="sent"]', made).textContent = fill(gettext('%(done)s of %(total)s MB'), sizes);
    }

    /** @param {Upload} upload */
    waiting(upload) {
        const made = this.#rows.get(upload);
        if (!made) return;
        const percent = this.#percents.get(upload) ?? 0;
        made.classList.add('paused');
        the('[data-part="stage"]', made).textContent = fill(waitingWords(percent), { percent });
    }

    /** @param {Upload} upload */
    left(upload) {
        const made = row('choose-again', upload.name);
        the('input', made).addEventListener('change', ({ target }) => {
            const field = /** @type {HTMLInputElement} */ (target);
            const file = field.files?.[0];
            field.value = '';
            if (!file) return;
            if (file.size === upload.size) this.#uploads.goOn(upload, file);
            else the('.why', made).textContent = gettext('This is another file: its size is not the same.');
        });
        the('[data-do="abort"]', made).addEventListener('click', () => this.#end(upload));
        this.#put(upload, made);
    }

    /** @param {{ upload: Upload, sentence: string, canRetry: boolean }} refusal */
    refused({ upload, sentence, canRetry }) {
        const made = row('not-added', upload.name);
        the('.why', made).textContent = sentence;
        const again = the('[data-do="again"]', made);
        if (canRetry) again.addEventListener('click', () => this.#uploads.goOn(upload));
        else again.remove();
        the('[data-do="dismiss"]', made).addEventListener('click', () => this.#end(upload));
        this.#put(upload, made);
    }

    /** @param {Upload} upload */
    drop(upload) {
        this.#rows.get(upload)?.remove();
        this.#rows.delete(upload);
        this.#refresh();
    }

    /** @param {Upload} upload */
    #end(upload) {
        this.#uploads.abort(upload);
        this.drop(upload);
    }

    /** Show a row, in the place of the one before. @param {Upload} upload @param {HTMLElement} made */
    #put(upload, made) {
        const before = this.#rows.get(upload);
        this.#rows.set(upload, made);
        if (!before) return this.#jobs.put(made);
        before.replaceWith(made);
        this.#refresh();
    }
}

/** @param {string} template @param {string} name @returns {HTMLElement} */
function row(template, name) {
    const copy = /** @type {HTMLTemplateElement} */ (the(`#${template}`)).content.cloneNode(true);
    const made = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (copy).firstElementChild);
    the('b', made).textContent = name;
    return made;
}

/**
 * What is said of the files of a folder that are no books.
 * @param {string[]} others
 * @param {number} taken
 */
export function passedOver(others, taken) {
    if (!taken) return gettext('No book that Mindory can read is in there.');
    const names = others.slice(0, NAMED).join(', ');
    const more = others.length - NAMED;
    if (more > 0) {
        const sentence = ngettext('Not books, so left alone: %(names)s and %(more)s more.', 'Not books, so left alone: %(names)s and %(more)s more.', more);
        return fill(sentence, { names, more });
    }
    const sentence = ngettext('Not a book, so left alone: %(names)s.', 'Not books, so left alone: %(names)s.', others.length);
    return fill(sentence, { names });
}

/** The same bytes are one book. @param {any} book */
function told(book) {
    const open = make('a', { class: 'btn small', href: book.is_readable ? `/books/${book.id}/` : `/books/${book.id}/about` }, gettext('Open it'));
    toast(fill(gettext('You already have this book: “%(title)s”.'), { title: book.title }), open);
}
