// @ts-check
/**
 * What a reader did to their marks and the server has not heard of yet. Kept in this browser until it has, so that a
 * dropped connection, a closed tab or a crash loses no word. Plain values; the same deeds always end in the same outbox.
 */

/** @typedef {{ kind: string, colour: string, section: number, start: number, end: number, quote: string, text: string, created_at: string }} Made */
/** @typedef {{ colour?: string, text?: string }} Change */
/**
 * @typedef {object} Deed
 * @property {Made} [add]
 * @property {Change} [change]
 * @property {string} [over] the version of the note that a new text was written over
 * @property {boolean} [isHeld] another device changed the note meanwhile: nothing is sent until the reader has chosen
 * @property {boolean} [isSent] the server may have made it already
 * @property {boolean} [remove]
 * @property {number} [after] not before this time, in ms: until then it can be undone
 */
/** @typedef {Record<string, Deed>} Outbox by the key of the mark: its id, or a name of our own until it has one */

/**
 * Two deeds to the same mark, one after the other, as one.
 * @param {Deed | undefined} first
 * @param {Deed} next
 * @returns {Deed | null} null when nothing is left to do
 */
export function joined(first, next) {
    if (next.remove) return first?.add && !next.after ? null : { ...first, remove: true, after: next.after };
    if (!first || first.remove) return next;
    if (next.add) return next;
    if (first.add) return { ...first, add: { ...first.add, ...next.change } };
    const over = first.over ?? next.over;
    return { change: { ...first.change, ...next.change }, ...(over === undefined ? {} : { over }), ...(first.isHeld ? { isHeld: true } : {}) };
}

/** Whether a text has all of another one, so that nothing of that is lost. @param {string} mine @param {string} theirs */
export const holds = (mine, theirs) => mine.includes(theirs.trim());

/**
 * The marks as the reader left them.
 * @template {{ key: string }} Item
 * @param {Item[]} items as the server has them
 * @param {Outbox} outbox
 * @returns {any[]} in the order of the text
 */
export function applied(items, outbox) {
    const shown = items.filter(({ key }) => !outbox[key]?.remove).map((item) => (outbox[item.key]?.change ? changed(item, outbox[item.key]) : item));
    for (const [key, { add, remove }] of Object.entries(outbox)) {
        if (!add || remove) continue;
        shown.push(/** @type {any} */ ({ html: '', is_placed: true, id: null, updated_at: add.created_at, ...add, key, isPending: true }));
    }
    return shown.sort(byPlace);
}

/** @param {any} item @param {Deed} deed */
function changed(item, { change, isHeld }) {
    const isRewritten = change?.text !== undefined && change.text !== item.text;
    const kind = item.kind !== 'bookmark' && change?.text !== undefined ? (change.text ? 'note' : 'highlight') : item.kind;
    return { ...item, ...change, kind, html: isRewritten ? '' : item.html, isPending: true, ...(isHeld ? { theirs: item.text } : {}) };
}

/** @param {any} one @param {any} other */
export const byPlace = (one, other) => one.section - other.section || one.start - other.start || other.end - one.end || String(one.created_at).localeCompare(String(other.created_at));

/** Whether a refusal is the connection's or the server's, and passes. @param {number} status 0: not reached */
export const passes = (status) => status === 0 || status === 408 || status === 429 || status >= 500;

/** Milliseconds until it is tried again. @param {number} failures so far */
export const pause = (failures) => Math.min(60_000, 1000 * 2 ** Math.min(failures, 6));
