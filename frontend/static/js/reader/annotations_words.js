// @ts-check
/** What the page says of marks, and how their words are copied. */

import { make } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';

/** The inks, in the order of the design. @type {Record<string, { look: string, name: () => string }>} */
export const INKS = {
    yellow: { look: 'hl1', name: () => gettext('Yellow') },
    pink: { look: 'hl2', name: () => gettext('Rose') },
    blue: { look: 'hl3', name: () => gettext('Blue') },
    lilac: { look: 'hl4', name: () => gettext('Lilac') },
};

const LONGEST = 120; // characters of a name

/** The first words of something. @param {string} text @param {number} [most] */
export function short(text, most = LONGEST) {
    const line = text.replace(/\s+/g, ' ').trim();
    const characters = [...line];
    if (characters.length <= most) return line;
    const cut = characters.slice(0, most).join('');
    const space = cut.lastIndexOf(' ');
    return `${space > most / 2 ? cut.slice(0, space) : cut}…`;
}

/** What a mark is called by those who hear the page. @param {import('./annotations_store.js').Mark} mark */
export function nameOf({ kind, colour, quote, text }) {
    const words = short(quote);
    if (kind === 'bookmark') return fill(gettext('Bookmark: %(words)s'), { words });
    const ink = INKS[colour]?.name() ?? '';
    if (text) return fill(gettext('Your note on “%(words)s”: %(note)s'), { words, note: short(text) });
    return fill(gettext('Highlight, %(ink)s: “%(words)s”'), { ink, words });
}

/**
 * Words with where they are from, as one pastes them.
 * @param {{ quote: string, title: string, authors: string, heading: string, page: string }} source
 */
export function withSource({ quote, title, authors, heading, page }) {
    const printed = page ? fill(gettext('page %(page)s'), { page }) : '';
    const place = [authors, title, heading, printed].filter(Boolean).join(', ');
    return fill(gettext('“%(quote)s”\n— %(place)s'), { quote: quote.trim(), place });
}

/** @param {string} text @returns {Promise<boolean>} whether it is on the clipboard */
export async function copy(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        const field = /** @type {HTMLTextAreaElement} */ (make('textarea', { class: 'sr' })); // pages without TLS have no clipboard of their own
        field.value = text;
        document.body.append(field);
        field.select();
        const isDone = document.execCommand('copy');
        field.remove();
        return isDone;
    }
}
