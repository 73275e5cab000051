// @ts-check
/** The sentences of a section's text, as they are read aloud and chosen by keyboard. Offsets are code points. */

import { points } from './span.js';

/** @typedef {{ start: number, end: number, text: string }} Sentence */

const LONGEST = 320; // UTF-16 units: a voice that is sent longer ones may fall silent in the middle
const PAUSE = /[,;:—、，；：]["”’」』)]*\s*/gu;
// What ends with a full stop and ends no sentence.
const SHORT = /(?:^|[\s(“"‘'])(?:\p{Lu}|Mr|Mrs|Ms|Dr|St|Prof|Capt|Col|Gen|Lt|Rev|Hon|Sr|Jr|Esq|vs|etc|cf|ed|vol|No|no|pp?|e\.g|i\.e|Hr|Fr|bzw|z\.\s?B|M|Mme|Mlle)\.\s*$/u;

/**
 * @param {string} text
 * @param {string} [language] BCP 47
 * @returns {Sentence[]}
 */
export function sentences(text, language = '') {
    const segmenter = segmenterFor(language);
    /** @type {Sentence[]} */
    const found = [];
    let at = 0;
    for (const line of text.split('\n')) {
        for (const words of parts(line, segmenter)) {
            const start = at + points(/^\s*/u.exec(words)?.[0] ?? '');
            const bare = words.trim();
            at += points(words);
            if (/[\p{L}\p{N}]/u.test(bare)) found.push({ start, end: start + points(bare), text: bare });
        }
        at += 1;
    }
    return found;
}

/**
 * The first sentence that ends behind a place.
 * @param {Sentence[]} all
 * @param {number} offset
 * @returns {number} its number; how many there are when none does
 */
export function sentenceAt(all, offset) {
    const found = all.findIndex(({ end }) => end > offset);
    return found < 0 ? all.length : found;
}

/** @param {string} line @param {any} segmenter @returns {string[]} that make up the line */
function parts(line, segmenter) {
    /** @type {string[]} */
    const whole = [];
    const cut = segmenter ? [...segmenter.segment(line)].map(({ segment }) => segment) : (line.match(/[^.!?。！？…]*[.!?。！？…]*["”’」』)]*\s*/gu) ?? []);
    for (const piece of cut.filter(Boolean)) {
        const before = whole.at(-1);
        if (before !== undefined && (SHORT.test(before) || /^\p{Ll}/u.test(piece))) whole[whole.length - 1] = before + piece;
        else whole.push(piece);
    }
    return whole.flatMap(shorter);
}

/** A very long sentence in parts, cut where one breathes. @param {string} words @returns {string[]} */
function shorter(words) {
    if (words.length <= LONGEST) return [words];
    const breaths = [...words.matchAll(PAUSE)].map((found) => found.index + found[0].length).filter((at) => at < words.length);
    const half = words.length / 2;
    const at = breaths.sort((one, other) => Math.abs(one - half) - Math.abs(other - half))[0];
    return at ? [...shorter(words.slice(0, at)), ...shorter(words.slice(at))] : [words];
}

/** @param {string} language */
function segmenterFor(language) {
    const page = /** @type {any} */ (Intl);
    if (!page.Segmenter) return null;
    try {
        return new page.Segmenter(language || undefined, { granularity: 'sentence' });
    } catch {
        return new page.Segmenter(undefined, { granularity: 'sentence' });
    }
}
