// @ts-check
/**
 * The uploads that are not done, remembered in this browser with their files, so that they go on after the page is loaded
 * anew. Where the browser does not keep a file (it is too large, or the window is private) its name and size are kept.
 */

const NAME = 'mindory-uploads';
const STORE = 'open';
const LARGEST = 300 * 1024 * 1024; // bytes of a file that is copied

/** @typedef {{ address: string, name: string, size: number, modified: number, file: File | null }} Remembered */

/** @returns {Promise<IDBDatabase | null>} */
function opened() {
    return new Promise((resolve) => {
        try {
            const request = indexedDB.open(NAME, 1);
            request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'address' });
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => resolve(null);
        } catch {
            resolve(null); // a browser that keeps nothing
        }
    });
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} deed
 * @returns {Promise<T | null>}
 */
async function within(mode, deed) {
    const database = await opened();
    if (!database) return null;
    try {
        return await new Promise((resolve, reject) => {
            const transaction = database.transaction(STORE, mode);
            const request = deed(transaction.objectStore(STORE));
            transaction.oncomplete = () => resolve(request.result);
            transaction.onerror = transaction.onabort = () => reject(transaction.error);
        });
    } catch {
        return null;
    } finally {
        database.close();
    }
}

/** @param {string} address @param {File} file */
export async function remember(address, file) {
    const row = { address, name: file.name, size: file.size, modified: file.lastModified, file: null };
    await within('readwrite', (store) => store.put(row));
    if (file.size <= LARGEST) await within('readwrite', (store) => store.put({ ...row, file }));
}

/** @param {string} address */
export const forget = (address) => within('readwrite', (store) => store.delete(address));

/** @returns {Promise<Remembered[]>} */
export const remembered = async () => (await within('readonly', (store) => store.getAll())) ?? [];

/**
 * Whether a file is, by all that a page can see, the one that was being sent.
 * @param {{ name: string, size: number, lastModified: number }} file
 * @param {{ name: string, size: number, modified: number }} row
 */
export const isSame = (file, row) => file.name === row.name && file.size === row.size && file.lastModified === row.modified;

/**
 * Do something in one tab at a time: another one waits, and takes over when this one is closed. Where a browser has no
 * locks, the server keeps two tabs apart.
 * @param {string} address
 * @param {() => Promise<void>} deed
 */
export const alone = (address, deed) => (navigator.locks ? navigator.locks.request(`upload ${address}`, deed) : deed());
