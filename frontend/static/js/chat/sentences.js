// @ts-check
/** What the page says of questions, answers and quotes. */

import { fill, gettext, ngettext } from '../lib/words.js';
import { isOpen } from './thread.js';

/** @typedef {import('./thread.js').Turn} Turn */
/** @typedef {import('./thread.js').Citation} Citation */

/** The name that ties a chip, its slip and its marks. @param {Turn} turn @param {number} number */
export const quoteName = (turn, number) => `${turn.reply}.${number}`;

/**
 * The page where the words of a citation are marked, with this conversation beside them.
 * @param {{ book: number, section: number, start: number, end: number }} citation
 * @param {number | null} [conversation]
 */
export function placeAddress({ book, section, start, end }, conversation = null) {
    const beside = conversation === null ? '' : `&conversation=${conversation}`;
    return `/books/${book}/?section=${section}&start=${start}&end=${end}${beside}`;
}

/** Where quoted words stand. @param {Citation} citation @param {number | null} book whose page this is: another is named */
export function placeOf({ book: of, title, heading, section, page, is_placed: isPlaced }, book) {
    const part = heading || fill(gettext('Section %(number)s'), { number: section + 1 });
    const printed = page ? fill(gettext('%(place)s, page %(page)s'), { place: part, page }) : part;
    const where = isPlaced === false ? gettext('These words are no longer in the book') : printed;
    return of === book ? where : fill(gettext('%(title)s, %(place)s'), { title, place: where });
}

/** What is being done, as the panel and the status line say it. @param {Turn} turn @param {boolean} [isUp] whether the line is */
export function stage(turn, isUp = true) {
    if (turn.state === 'sending') return isUp ? gettext('Sending your question') : gettext('Your question goes out as soon as the connection is back');
    if (turn.state === 'queued') return gettext('Waiting for its turn');
    if (turn.state === 'looking') {
        if (!turn.passages) return gettext('Looking for passages');
        return fill(ngettext('Reading %(count)s passage', 'Reading %(count)s passages', turn.passages), { count: turn.passages });
    }
    const count = turn.citations.length;
    if (!count) return gettext('Writing');
    return fill(ngettext('Writing. %(count)s quote verified', 'Writing. %(count)s quotes verified', count), { count });
}

/** What the status line says when an answer is over. @param {Turn} turn */
export function outcome(turn) {
    if (turn.state === 'failed' || turn.state === 'refused') return turn.errorMessage || gettext('The answer failed.');
    if (turn.state === 'stopped') return gettext('Stopped. What is written stays.');
    if (turn.state === 'interrupted') return gettext('The answer was interrupted. What is here is kept.');
    const count = turn.citations.length;
    if (!count) return gettext('Answer ready, without a quote');
    return fill(ngettext('Answer ready, %(count)s quote verified', 'Answer ready, %(count)s quotes verified', count), { count });
}

/** @param {Turn} turn @param {boolean} [isUp] */
export const said = (turn, isUp) => (isOpen(turn) ? stage(turn, isUp) : outcome(turn));

/** @param {number} count */
export const leftOut = (count) =>
    fill(ngettext('%(count)s quote left out: not in the book word for word', '%(count)s quotes left out: not in the book word for word', count), { count });

/** @param {number} count */
export const lyingAhead = (count) =>
    fill(
        ngettext(
            'More about this lies ahead of where you have read (%(count)s passage).',
            'More about this lies ahead of where you have read (%(count)s passages).',
            count,
        ),
        { count },
    );

const MARK = /\s*\[(\d{1,3})\]/g;

/** An answer in Markdown without its chips. @param {Turn} turn */
export const bare = ({ text }) => text.replace(MARK, '').trim();

/** An answer in Markdown with its quotes as footnotes. @param {Turn} turn @param {number | null} book */
export function withQuotes({ text, citations }, book) {
    const sorted = [...citations].sort((one, other) => one.number - other.number);
    const known = new Set(sorted.map(({ number }) => number));
    const notes = sorted.map((citation) => `[^${citation.number}]: “${citation.quote.replace(/\s+/g, ' ')}” (${placeOf(citation, book)})`);
    const words = text.replace(MARK, (_whole, number) => (known.has(Number(number)) ? `[^${number}]` : ''));
    return notes.length ? `${words.trim()}\n\n${notes.join('\n')}` : words.trim();
}
