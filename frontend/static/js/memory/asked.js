// @ts-check
/** What the memory page shows, as its address has it; days as `2026-03-19`. No page is needed here. */

import { fill, gettext, ngettext } from '../lib/words.js';

/** @typedef {{ q: string, kind: string, book: string, on: string }} Asked */

const A_DAY = 86_400_000; // milliseconds

/** @param {string} query of an address, with or without its question mark @returns {Asked} */
export function askedOf(query) {
    const told = new URLSearchParams(query);
    const word = (/** @type {string} */ name) => told.get(name) ?? '';
    return { q: word('q'), kind: word('kind'), book: word('book'), on: word('on') };
}

/** @param {Asked} asked @returns {string} without a question mark; empty things are left out */
export function queryOf(asked) {
    const told = new URLSearchParams();
    for (const name of /** @type {const} */ (['q', 'kind', 'book', 'on'])) if (asked[name]) told.set(name, asked[name]);
    return told.toString();
}

/** @param {string} query */
export const addressOf = (query) => (query ? `/memory/?${query}` : '/memory/');

/** The day so many days after another. @param {string} first @param {number} days */
export const dayAfter = (first, days) => new Date(Date.parse(`${first}T00:00:00Z`) + days * A_DAY).toISOString().slice(0, 10);

/** How many days lie between two. @param {string} first @param {string} other */
export const daysBetween = (first, other) => Math.round((Date.parse(`${other}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / A_DAY);

/** The first moment of a day in a time zone ("Europe/Brussels"), as the API takes it. @param {string} day @param {string} zone */
export function startOf(day, zone) {
    const midnight = Date.parse(`${day}T00:00:00Z`);
    const near = 2 * midnight - clockIn(zone, midnight);
    const at = near + midnight - clockIn(zone, near); // the clock may have changed in between
    return new Date(clockIn(zone, at) === midnight ? at : Math.max(at, near)).toISOString(); // or over midnight: then there was none
}

/** What clocks of a zone show, as if they were those of UTC. @param {string} zone @param {number} at milliseconds */
function clockIn(zone, at) {
    const shown = new Intl.DateTimeFormat('en-u-ca-gregory', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
    const part = Object.fromEntries(shown.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}

/** What a date field means: a past day, or nothing for today, later and half a date. @param {string} value @param {string} today */
export const pastDay = (value, today) => (/^\d{4}-\d\d-\d\d$/.test(value) && value < today ? value : '');

/**
 * What became of an import, in sentences.
 * @param {{ added: number, repeated: number, refused_count: number }} done
 */
export function imported({ added, repeated, refused_count: refused }) {
    const parts = [fill(ngettext('%(count)s added.', '%(count)s added.', added), { count: added })];
    if (repeated) parts.push(fill(ngettext('%(count)s was known already.', '%(count)s were known already.', repeated), { count: repeated }));
    if (refused) parts.push(fill(ngettext('%(count)s line was left out.', '%(count)s lines were left out.', refused), { count: refused }));
    return parts.join(' ');
}

/** Whether what was typed is the word that was asked for. @param {string} typed @param {string} word */
export const isWord = (typed, word) => typed.trim().replace(/^[“"']|[”"']$/gu, '').toLocaleLowerCase() === word.toLocaleLowerCase();

/**
 * What became of something that was told, in sentences.
 * @param {string} outcome of the API @param {{ kind: string, known: string, other?: string }} words
 *     kind: what it is taken for; known: what the memory says; other: the value that it replaces, or that came after it
 */
export function keptAs(outcome, { kind, known, other = '' }) {
    if (outcome === 'repeated') return gettext('You told this already.');
    if (outcome === 'merged') return fill(gettext('You told this already: “%(words)s”'), { words: known });
    if (outcome === 'history' && other) return fill(gettext('Kept as the past, before: %(words)s'), { words: other });
    const kept = fill(gettext('Remembered as “%(kind)s”.'), { kind });
    return outcome === 'superseding' && other ? `${kept} ${fill(gettext('Replaces: %(words)s'), { words: other })}` : kept;
}

/** What is said when something was forgotten. @param {number} count @param {string} short the beginning of its words, for one */
export function forgotten(count, short = '') {
    if (count === 1 && short) return fill(gettext('Forgotten: %(words)s'), { words: short });
    return fill(ngettext('%(count)s thing forgotten.', '%(count)s things forgotten.', count), { count });
}
