// @ts-check
/** The whole window takes files and folders. Files of a folder are told apart by their names: not all of them are books. */

const MOST = 5000; // files of one drop
const HIDDEN = /^(\.|~\$|Thumbs\.db$|desktop\.ini$|__MACOSX$)/i;

/** @typedef {{ files: File[], others: string[] }} Found `others`: names of files that are no books */

/**
 * @param {HTMLElement} veil shown while files are over the window
 * @param {string[]} suffixes of files that may be books: [".epub", ...]
 * @param {(found: Found) => void} take
 */
export function wireDrop(veil, suffixes, take) {
    let depth = 0; // a drag enters every element it crosses
    const show = (/** @type {boolean} */ isOver) => (veil.hidden = !isOver);
    const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false;
    addEventListener('dragenter', (event) => {
        if (!hasFiles(event)) return;
        depth++;
        show(true);
    });
    addEventListener('dragleave', (event) => {
        if (hasFiles(event)) show(--depth > 0);
    });
    addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault());
    addEventListener('drop', (event) => {
        if (!hasFiles(event) || !event.dataTransfer) return;
        event.preventDefault();
        depth = 0;
        show(false);
        void dropped(event.dataTransfer, suffixes).then(take);
    });
}

/**
 * The files that were chosen as a folder.
 * @param {Iterable<File>} files
 * @param {string[]} suffixes
 * @returns {Found}
 */
export function sorted(files, suffixes) {
    const seen = [...files].filter((file) => !(file.webkitRelativePath || file.name).split('/').some((part) => HIDDEN.test(part)));
    const isBook = (/** @type {File} */ file) => suffixes.some((suffix) => file.name.toLowerCase().endsWith(suffix));
    return { files: seen.filter(isBook), others: seen.filter((file) => !isBook(file)).map(({ name }) => name) };
}

/**
 * @param {DataTransfer} transfer
 * @param {string[]} suffixes
 * @returns {Promise<Found>}
 */
async function dropped(transfer, suffixes) {
    // All of them are asked for at once: the list is empty after the first wait.
    const items = [...transfer.items].filter(({ kind }) => kind === 'file');
    const given = items.map((item) => ({ entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() }));
    const found = /** @type {Found} */ ({ files: [], others: [] });
    for (const { entry, file } of given) {
        if (entry?.isDirectory) {
            const inside = sorted(await within(/** @type {FileSystemDirectoryEntry} */ (entry)), suffixes);
            found.files.push(...inside.files);
            found.others.push(...inside.others);
        } else if (file) found.files.push(file);
    }
    return found;
}

/**
 * The files of a folder and of the folders in it; what cannot be read is passed over.
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<File[]>}
 */
async function within(folder) {
    /** @type {File[]} */ const files = [];
    const folders = [folder];
    while (folders.length && files.length < MOST) {
        const reader = /** @type {FileSystemDirectoryEntry} */ (folders.shift()).createReader();
        for (let some = await next(reader); some.length; some = await next(reader)) {
            for (const entry of some.filter(({ name }) => !HIDDEN.test(name))) {
                if (entry.isDirectory) folders.push(/** @type {FileSystemDirectoryEntry} */ (entry));
                else files.push(...(await fileOf(/** @type {FileSystemFileEntry} */ (entry))));
            }
        }
    }
    return files.slice(0, MOST);
}

/** A reader gives a hundred entries at a time. @param {FileSystemDirectoryReader} reader @returns {Promise<FileSystemEntry[]>} */
const next = (reader) => new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));

/** @param {FileSystemFileEntry} entry @returns {Promise<File[]>} */
const fileOf = (entry) => new Promise((resolve) => entry.file((file) => resolve([file]), () => resolve([])));
