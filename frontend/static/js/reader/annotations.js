// @ts-check
/** What a reader leaves in a book, and what conversations left there: the parts put together. */

/** @param {import('./desk.js').Desk} desk */
export function wireAnnotations(desk) {
    void desk;
}
