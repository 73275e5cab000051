// @ts-check
/** Pages of upright lines stand below each other, but a reader turns them to the side: the next one comes from the left. */

/** @type {any} the turn that is seen now */
let sliding = null;

/**
 * Turn a page. Without view transitions, or for who wants things still, the other page is simply there.
 * @param {() => void} change shows the other page
 * @param {number} by
 */
export function slide(change, by) {
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches || document.hidden;
    const start = /** @type {any} */ (document).startViewTransition;
    if (isStill || !start) return change();
    const { dataset } = document.documentElement;
    dataset.slide = by > 0 ? 'on' : 'back';
    const turn = start.call(document, change);
    sliding = turn;
    turn.ready.catch(() => {}); // the next page was turned before this one was there
    turn.finished.finally(() => sliding === turn && delete dataset.slide);
}
