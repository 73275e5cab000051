// @ts-check
/** The whole window takes files. */

/**
 * @param {HTMLElement} veil shown while files are over the window
 * @param {(files: File[]) => void} take
 */
export function wireDrop(veil, take) {
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
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth = 0;
        show(false);
        take([...(event.dataTransfer?.files ?? [])]);
    });
}
