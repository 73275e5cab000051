// @ts-check
/**
 * Words that are coloured without an element around them (CSS Custom Highlight API): the text of the book stays as it
 * is, inks may lie over each other, and a formula is not set anew. css/marks.css and css/matter.css say how each looks.
 */

/** Of two colours on the same words the higher one is seen. @type {Record<string, number>} */
const HEIGHT = { 'cited-words': 0, hl1: 1, hl2: 1, hl3: 1, hl4: 1, chosen: 2, found: 3, aloud: 4, 'cited-words-on': 5 };

/** @type {Map<Element, Range[]>} */
const held = new Map();

/** A quote in a formula: an empty mark of the page holds its ranges. @param {Element} mark @param {Range[]} ranges */
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
    const names = { 'cited-words': false, 'cited-words-on': true };
    for (const [name, isOn] of Object.entries(names)) {
        colour(name, [...held].filter(([mark]) => mark.classList.contains('on') === isOn).flatMap(([, some]) => some));
    }
}

/**
 * Give these ranges a colour, and take it from all others.
 * @param {string} look
 * @param {Range[]} ranges
 */
export function colour(look, ranges) {
    const page = /** @type {any} */ (globalThis);
    if (!page.CSS?.highlights) return;
    const highlight = new page.Highlight(...ranges);
    highlight.priority = HEIGHT[look] ?? 0;
    page.CSS.highlights.set(look, highlight);
}
