// @ts-check
/** Quotes and notes as strokes in the margin: what stands on the same lines becomes one stroke. No page is needed here. */

/**
 * @template T
 * @typedef {{ top: number, bottom: number, items: T[] }} Stroke
 */

/**
 * @template T
 * @param {{ top: number, bottom: number, item: T }[]} lines
 * @returns {Stroke<T>[]} from the top
 */
export function strokes(lines) {
    /** @type {Stroke<T>[]} */
    const found = [];
    for (const { top, bottom, item } of [...lines].sort((one, other) => one.top - other.top)) {
        const last = found.at(-1);
        if (last && top < last.bottom - 1) {
            last.bottom = Math.max(last.bottom, bottom);
            last.items.push(item);
        } else found.push({ top, bottom, items: [item] });
    }
    return found;
}

/**
 * Conversations that quoted here, the latest first, each with its newest quote.
 * @template {{ conversation: number, reply: number }} Q
 * @param {Q[]} quotes
 * @returns {Q[]}
 */
export function conversations(quotes) {
    /** @type {Map<number, Q>} */
    const found = new Map();
    for (const quote of [...quotes].sort((one, other) => other.reply - one.reply)) if (!found.has(quote.conversation)) found.set(quote.conversation, quote);
    return [...found.values()];
}
