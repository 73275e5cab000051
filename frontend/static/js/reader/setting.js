// @ts-check
/**
 * How the text is set: in one long column or in pages, in lines or upright. Which of them holds is what the reader
 * chose (attributes of the page, preferences.js) and what the book is (attributes of the scrolling element).
 */

const NARROWEST = 22; // em of text that a column must have beside another one
const LEAST = 20; // pixels at the sides of a page
const HANGS = 4; // pixels that letters may hang out of their column without making a page

/** @typedef {{ isPaged: boolean, isUpright: boolean, isRtl: boolean }} Setting */

/** @param {HTMLElement} scroll @returns {Setting} */
export function settingOf(scroll) {
    const { mode, upright } = document.documentElement.dataset;
    const { writing, direction } = scroll.dataset;
    const isUpright = writing === 'vertical' && upright !== 'off';
    return { isPaged: mode === 'pages', isUpright, isRtl: direction === 'rtl' && !isUpright };
}

/**
 * Columns of a page: two where both have room for lines of a fair length.
 * @param {{ width: number, em: number, measure: number, margin: number }} page `measure` in em, the others in pixels;
 *     `margin`: at least so much at each side of a column
 * @returns {{ count: number, side: number }} `side`: pixels at both sides of every column
 */
export function columns({ width, em, measure, margin }) {
    const least = Math.max(LEAST, margin);
    const count = (width / 2 - 2 * least) / em >= NARROWEST ? 2 : 1;
    const share = width / count;
    const text = Math.min(share - 2 * least, measure * em);
    return { count, side: Math.max(LEAST, Math.floor((share - text) / 2)) };
}

/**
 * How many pages a section fills.
 * @param {number} length of all its columns, without the margin after the last
 * @param {number} page length of a page
 */
export const pagesIn = (length, page) => Math.max(1, Math.ceil((length - HANGS) / page));

/**
 * Tell the style sheets how the text is set, and return the length of a page; 0 when there are none.
 * @param {HTMLElement} scroll
 * @param {HTMLElement} leaf any section: its type counts
 * @param {Setting} setting
 */
export function arrange(scroll, leaf, { isPaged, isUpright, isRtl }) {
    const names = { paged: isPaged, upright: isUpright, rtl: isRtl };
    for (const [name, is] of Object.entries(names)) scroll.classList.toggle(name, is);
    scroll.classList.add('set');
    if (!isPaged) return 0;
    const box = scroll.getBoundingClientRect();
    const page = Math.floor(isUpright ? box.height : box.width);
    const style = getComputedStyle(leaf);
    const em = Number.parseFloat(style.fontSize);
    const measure = Number.parseFloat(style.getPropertyValue('--measure')) || 33;
    const margin = Number.parseFloat(style.getPropertyValue('--margin')) || 0;
    const { count, side } = isUpright ? { count: 1, side: Math.max(LEAST + 8, margin) } : columns({ width: page, em, measure, margin });
    for (const [name, value] of Object.entries({ '--page': `${page}px`, '--side': `${side}px`, '--columns': count })) {
        scroll.style.setProperty(name, String(value));
    }
    return page;
}
