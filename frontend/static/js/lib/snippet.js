// @ts-check
/** A few words around what was searched for. */

const AROUND = 90; // UTF-16 units on each side
const SENTENCE = /[.!?。！？…]["”’」』)]*\s*/gu;

/**
 * Find the searched words in a passage: all of them in a row, else the longest of them that is there.
 * @param {string} text
 * @param {string} query
 * @returns {{ from: number, to: number } | null} UTF-16 units
 */
export function match(text, query) {
    const low = plain(text);
    if (low.length !== text.length) return null;
    for (const words of candidates(plain(query))) {
        const from = low.indexOf(words);
        if (from >= 0) return { from, to: wordEnd(text, from + words.length) };
    }
    return null;
}

/** Small letters without accents, each as long as before: “Natasha” finds “Natásha”. @param {string} text */
const plain = (text) => text.toLowerCase().replace(/[\u00c0-\u024f\u1e00-\u1eff]/g, (letter) => letter.normalize('NFD')[0]);

/** Where the word that ends or goes on at `at` ends: what was found by its stem is shown whole. @param {string} text @param {number} at */
function wordEnd(text, at) {
    const rest = /^(?:(?!\p{Script=Han})[\p{L}\p{M}])+/u.exec(text.slice(at));
    return /\p{Script=Han}$/u.test(text.slice(0, at)) ? at : at + (rest ? rest[0].length : 0);
}

/** What to look for, best first. @param {string} query */
function candidates(query) {
    const words = query.split(/[\s,.;:!?，。；：！？、“”"']+/u).filter(Boolean);
    const parts = words.flatMap((word) => (/\p{Script=Han}/u.test(word) ? stretches(word) : word.length > 2 ? stems(word) : []));
    return [...new Set([query.trim(), ...parts.sort((one, other) => other.length - one.length)])].filter(Boolean);
}

/** All parts of a Chinese word of two characters and more. @param {string} word */
function stretches(word) {
    const characters = [...word].slice(0, 24);
    const found = [];
    for (let length = characters.length; length >= 2; length--) {
        for (let i = 0; i + length <= characters.length; i++) found.push(characters.slice(i, i + length).join(''));
    }
    return found;
}

/** A word with and without its ending. @param {string} word */
const stems = (word) => (word.length > 5 ? [0, 1, 2, 3].map((less) => word.slice(0, word.length - less)) : [word]);

/**
 * The match with the words around it, cut at sentences or spaces.
 * @param {string} text
 * @param {string} query
 * @returns {{ before: string, match: string, after: string }}
 */
export function snippet(text, query) {
    const found = match(text, query) ?? { from: 0, to: 0 };
    const sentence = [...text.slice(0, found.from).matchAll(SENTENCE)].map((end) => end.index + end[0].length).at(-1) ?? 0;
    let from = Math.max(sentence, found.from - AROUND);
    if (from > sentence) from = text.indexOf(' ', from) >= 0 && text.indexOf(' ', from) < found.from ? text.indexOf(' ', from) + 1 : from;
    let to = Math.min(text.length, Math.max(found.to, from) + AROUND + (found.to ? 0 : AROUND));
    const space = text.lastIndexOf(' ', to);
    if (to < text.length && space > found.to) to = space;
    if (to < text.length && isHalf(text, to)) to -= 1;
    if (isHalf(text, from)) from += 1;
    const after = flat(text.slice(Math.max(found.to, from), to));
    return {
        before: (from > 0 && from !== sentence ? '…' : '') + flat(text.slice(from, found.from)),
        match: text.slice(found.from, found.to),
        after: to < text.length ? `${after.replace(/[\s.,;:，。；：、]+$/u, '')}…` : after,
    };
}

/** One line of it. @param {string} text */
const flat = (text) => text.replace(/\s+/g, ' ');

/** Whether a cut here would part the two halves of one character. @param {string} text @param {number} at */
const isHalf = (text, at) => /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '');
