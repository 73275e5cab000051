// @ts-check
/** The contents of a book as places: which entry a place stands under, and which chapter of how many that is. */

/** @typedef {{ section: number, start: number, depth: number, title: string }} Entry */
/** @typedef {import('./view.js').Place} Place */

// What chapters are called; where most entries are called so, only they are counted.
const CHAPTER = /^\s*(chapter|ch\.|kapitel|chapitre|cap[ií]tulo|capitolo|глава|第\s*[0-9０-９零〇一二三四五六七八九十百千两]+\s*[章回节節話话卷]|[0-9]+\b|[IVXLCDM]+\b[.\s:—-]*)/i;

/**
 * The number of the entry a place stands under; -1 before the first.
 * @param {Entry[]} entries in reading order
 * @param {Place} place
 */
export function entryAt(entries, { section, offset }) {
    let low = 0;
    let high = entries.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        const { section: at, start } = entries[middle];
        if (at < section || (at === section && start <= offset)) low = middle + 1;
        else high = middle;
    }
    return low - 1;
}

/**
 * The entries that are chapters: those without entries below them, and only the numbered ones where most are.
 * @param {Entry[]} entries
 * @returns {number[]} their numbers
 */
export function chapters(entries) {
    const leaves = entries.map((_, i) => i).filter((i) => !((entries[i + 1]?.depth ?? 0) > entries[i].depth));
    const named = leaves.filter((i) => CHAPTER.test(entries[i].title));
    return named.length > 1 && named.length >= leaves.length / 2 ? named : leaves;
}

/**
 * Which chapter a place is in, and of how many; null before the first one and in a book without chapters.
 * @param {Entry[]} entries
 * @param {Place} place
 * @returns {{ number: number, count: number } | null}
 */
export function chapterAt(entries, place) {
    const all = chapters(entries);
    const at = entryAt(entries, place);
    const number = all.filter((i) => i <= at).length;
    return all.length > 1 && number > 0 ? { number, count: all.length } : null;
}

/**
 * The place so many characters from the beginning of the book.
 * @param {number[]} starts characters before each section
 * @param {number} characters
 * @returns {{ section: number, start: number }}
 */
export function placeAt(starts, characters) {
    let section = 0;
    while (section + 1 < starts.length && starts[section + 1] <= characters) section++;
    return { section, start: Math.max(0, Math.floor(characters - (starts[section] ?? 0))) };
}

/**
 * The label of the printed page a place is on; '' when the book has none.
 * @param {[number, number, string][]} pages section, character and label, in reading order
 * @param {Place} place
 */
export function pageAt(pages, { section, offset }) {
    let label = '';
    for (const [at, start, name] of pages) {
        if (at > section || (at === section && start > offset)) break;
        label = name;
    }
    return label;
}
