// @ts-check
/** A field and the links that answer it: down goes into them, up and down through them, typing comes back. */

/**
 * @param {HTMLInputElement} field
 * @param {HTMLElement} box holds links with `data-hit`
 */
export function wireHits(field, box) {
    const hits = () => /** @type {HTMLElement[]} */ ([...box.querySelectorAll('[data-hit]')].filter((hit) => /** @type {HTMLElement} */ (hit).offsetParent));
    field.addEventListener('keydown', (event) => {
        if (event.isComposing || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
        const all = hits();
        if (!all.length) return;
        event.preventDefault();
        all[event.key === 'ArrowDown' ? 0 : all.length - 1].focus();
    });
    box.addEventListener('keydown', (event) => {
        const all = hits();
        const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
        if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
        const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
        if (to !== undefined) {
            event.preventDefault();
            (all[to] ?? field).focus();
        } else if (event.key.length === 1 && event.key !== ' ' && event.key !== '/') field.focus();
    });
}
