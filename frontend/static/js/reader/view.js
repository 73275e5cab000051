// @ts-check
/**
 * What shows the text of a book, and what is laid over it. Two pairs play these parts: `Leaves` and `LeafLayers` (text
 * set by the browser, scrolled or in pages), `Sheets` and `SheetLayers` (the pages of a PDF as they are printed).
 * Everything beside the text asks only for what stands here, so it works with both.
 */

/** @typedef {{ section: number, offset: number }} Place a character of the book; offsets are code points */
/** @typedef {{ section: number, start: number, end: number }} Span */
/** @typedef {Span & { q: string }} Cited a quote; `q` ties its marks, its chip and its slip */
/** @typedef {Span & { text: string, rects: DOMRect[] }} Selected the words the reader has selected, in one section */

/**
 * @typedef {Span & { id: string, look: string, label?: string }} Painted
 * `look` is a class of css/marks.css: hl1 ... hl4, found, aloud; an item with a `label` can be reached by the keyboard
 */

/**
 * Events: `place` (detail: Place), the reader moved; `layout`, words stand elsewhere or new ones came into the page.
 * @typedef {EventTarget & {
 *     place: Place,
 *     element: HTMLElement,
 *     start: () => void,
 *     show: (section: number, offset?: number, how?: { at?: number, isGentle?: boolean }) => Promise<unknown>,
 *     restore: () => void,
 *     turn: (by: number) => void,
 *     step: (by: number) => void,
 * }} View `element` scrolls and takes the focus; `show` gives null when the text could not be fetched;
 *     `turn` goes by chapters, `step` by screens or pages
 */

/**
 * Events: `selected` (detail: Selected | null), when the reader's selection has settled;
 * `hit` (detail: { layer: string, id: string, rect: DOMRect }), a painted item was clicked or entered.
 * @typedef {EventTarget & {
 *     quotes: (quotes: Cited[]) => void,
 *     point: (quote: Cited) => void,
 *     paint: (layer: string, items: Painted[]) => void,
 *     rects: (span: Span) => DOMRect[],
 *     selection: () => Selected | null,
 * }} Layers `quotes` marks these quotes and no others; `point` marks the one the reader went to and puts the focus on it;
 *     `paint` replaces what a layer shows; `rects` are where words stand on the screen now, line by line: none when they
 *     are not in the page
 */

export {};
