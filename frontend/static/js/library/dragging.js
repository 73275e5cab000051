// @ts-check
/** A cover, or all that are selected, dragged onto a collection of the sidebar. */

const KIND = 'application/x-mindory-books';

/**
 * @param {HTMLElement} root
 * @param {(book: number) => number[]} carried the books that go along with the one that is dragged
 * @param {(collection: number, books: number[], name: string) => void} put
 */
export function wireDragging(root, carried, put) {
    root.addEventListener('dragstart', (event) => {
        const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.('.shelf li[data-book]'));
        if (!item || !event.dataTransfer) return;
        event.dataTransfer.setData(KIND, carried(Number(item.dataset.book)).join(','));
        event.dataTransfer.effectAllowed = 'copyLink';
        const cover = item.querySelector('.cover');
        if (cover) event.dataTransfer.setDragImage(cover, 20, 20);
    });
    document.addEventListener('dragover', (event) => {
        const place = placeOf(event);
        for (const lit of document.querySelectorAll('.nav > .over')) lit === place || lit.classList.remove('over');
        if (!place) return;
        event.preventDefault();
        place.classList.add('over');
        if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    });
    document.addEventListener('dragend', () => document.querySelector('.nav > .over')?.classList.remove('over'));
    document.addEventListener('drop', (event) => {
        const place = placeOf(event);
        if (!place) return;
        event.preventDefault();
        place.classList.remove('over');
        const books = (event.dataTransfer?.getData(KIND) ?? '').split(',').filter(Boolean).map(Number);
        if (books.length) put(Number(place.dataset.collection), books, place.querySelector('span')?.textContent ?? '');
    });
}

/** @param {DragEvent} event @returns {HTMLElement | null} */
function placeOf(event) {
    if (!event.dataTransfer?.types.includes(KIND)) return null;
    return /** @type {Element} */ (event.target).closest?.('.nav > [data-collection]') ?? null;
}
