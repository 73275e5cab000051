// @ts-check
/**
 * Words that are coloured without an element around them (CSS Custom Highlight API): a `mark` inside a formula would
 * set it anew, stretched brackets and all. An empty mark of the page holds the ranges; its class says how they look.
 */

/** @type {Map<Element, Range[]>} */
const held = new Map();

/** @param {Element} mark @param {Range[]} ranges */
export const hold = (mark, ranges) => void held.set(mark, ranges);

/** @param {Element} mark */
export const isHeld = (mark) => held.has(mark);

/** @param {Element} mark @returns {Range[]} */
export const rangesOf = (mark) => held.get(mark) ?? [];

/** @param {Element} mark */
export function release(mark) {
    if (held.delete(mark)) repaint();
}

/** Colour all held ranges; marks that left the page with their section are forgotten. */
export function repaint() {
    for (const mark of held.keys()) if (!mark.isConnected) held.delete(mark);
    const page = /** @type {any} */ (globalThis);
    if (!page.CSS?.highlights) return;
    const names = { 'cited-words': false, 'cited-words-on': true };
    for (const [name, isOn] of Object.entries(names)) {
        const ranges = [...held].filter(([mark]) => mark.classList.contains('on') === isOn).flatMap(([, some]) => some);
        page.CSS.highlights.set(name, new page.Highlight(...ranges));
    }
}
