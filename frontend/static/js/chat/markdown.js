// @ts-check
/**
 * The little Markdown an answer may hold, read into plain values: paragraphs, headings, lists,
 * quotations, code, strong, em. `[3]` is citation 3. There are no links, images or HTML: what is not understood stays text.
 */

/** @typedef {{ type: 'text' | 'strong' | 'em' | 'code', text: string } | { type: 'cite', number: number }} Inline */
/** @typedef {{ type: 'p', inlines: Inline[] } | { type: 'h', inlines: Inline[] } | { type: 'quote', inlines: Inline[] }} Words */
/** @typedef {{ type: 'ul', items: Inline[][] } | { type: 'ol', items: Inline[][], start: number }} List */
/** @typedef {Words | List | { type: 'pre', text: string }} Block */

const BULLET = /^\s{0,3}[-*•]\s+(.*)$/;
const NUMBERED = /^\s{0,3}(\d{1,3})[.)]\s+(.*)$/;
const HEADING = /^\s{0,3}#{1,6}\s+(.*?)\s*#*$/;
const QUOTED = /^\s{0,3}>\s?(.*)$/;
const FENCE = /^\s{0,3}```/;

/**
 * @param {string} text
 * @returns {Block[]}
 */
export function blocks(text) {
    /** @type {Block[]} */
    const found = [];
    const lines = text.replace(/\r\n?/g, '\n').split('\n');
    let i = 0;
    while (i < lines.length) {
        const taken = fence(lines, i, found) || heading(lines, i, found) || quotation(lines, i, found) || list(lines, i, found) || paragraph(lines, i, found);
        i += taken || 1;
    }
    return found;
}

/** @type {(lines: string[], i: number, found: Block[]) => number} */
function fence(lines, i, found) {
    if (!FENCE.test(lines[i])) return 0;
    let end = i + 1;
    while (end < lines.length && !FENCE.test(lines[end])) end++;
    found.push({ type: 'pre', text: lines.slice(i + 1, end).join('\n') });
    return end - i + 1;
}

/** @type {(lines: string[], i: number, found: Block[]) => number} */
function heading(lines, i, found) {
    const match = HEADING.exec(lines[i]);
    if (!match) return 0;
    found.push({ type: 'h', inlines: inlines(match[1]) });
    return 1;
}

/** @type {(lines: string[], i: number, found: Block[]) => number} */
function quotation(lines, i, found) {
    let end = i;
    while (end < lines.length && QUOTED.test(lines[end])) end++;
    if (end === i) return 0;
    const words = lines.slice(i, end).map((line) => QUOTED.exec(line)?.[1] ?? '');
    found.push({ type: 'quote', inlines: inlines(words.join('\n').trim()) });
    return end - i;
}

/** @type {(lines: string[], i: number, found: Block[]) => number} */
function list(lines, i, found) {
    const first = item(lines[i]);
    if (!first) return 0;
    const items = [first.text];
    let end = i + 1;
    for (; end < lines.length; end++) {
        const next = item(lines[end]);
        if (next?.type === first.type) items.push(next.text);
        else if (lines[end].trim() && !next && /^\s/.test(lines[end])) items[items.length - 1] += ` ${lines[end].trim()}`;
        else if (!lines[end].trim() && item(lines[end + 1] ?? '')?.type === first.type) continue;
        else break;
    }
    const read = items.map(inlines);
    found.push(first.type === 'ol' ? { type: 'ol', items: read, start: first.start } : { type: 'ul', items: read });
    return end - i;
}

/**
 * @param {string} line
 * @returns {{ type: 'ul' | 'ol', text: string, start: number } | null}
 */
function item(line) {
    const bullet = BULLET.exec(line);
    if (bullet) return { type: 'ul', text: bullet[1], start: 1 };
    const numbered = NUMBERED.exec(line);
    return numbered ? { type: 'ol', text: numbered[2], start: Number(numbered[1]) } : null;
}

/** @type {(lines: string[], i: number, found: Block[]) => number} */
function paragraph(lines, i, found) {
    let end = i;
    while (end < lines.length && lines[end].trim() && (end === i || !starts(lines[end]))) end++;
    if (end === i) return 0;
    found.push({ type: 'p', inlines: inlines(lines.slice(i, end).map((line) => line.trim()).join('\n')) });
    return end - i;
}

/** Whether a line begins something other than a paragraph. @param {string} line */
const starts = (line) => FENCE.test(line) || HEADING.test(line) || QUOTED.test(line) || item(line) !== null;

const INLINE = /`([^`\n]+)`|\*\*(?=\S)([^*]+?)\*\*|\*(?=\S)([^*\n]+?)\*|\[(\d{1,3})\]/g;

/**
 * @param {string} text
 * @returns {Inline[]}
 */
export function inlines(text) {
    /** @type {Inline[]} */
    const found = [];
    let at = 0;
    for (const match of text.matchAll(INLINE)) {
        const before = text.slice(at, match.index);
        const words = match[4] === undefined ? before : before.trimEnd(); // a chip follows its full stop at once
        if (words) found.push({ type: 'text', text: words });
        found.push(...read(match));
        at = match.index + match[0].length;
    }
    if (at < text.length) found.push({ type: 'text', text: text.slice(at) });
    return found;
}

/**
 * @param {RegExpMatchArray} match
 * @returns {Inline[]}
 */
function read([, code, strong, em, number]) {
    if (code !== undefined) return [{ type: 'code', text: code }];
    if (number !== undefined) return [{ type: 'cite', number: Number(number) }];
    const type = strong !== undefined ? 'strong' : 'em';
    // A citation inside emphasis stays a citation.
    return inlines(strong ?? em ?? '').map((inline) => (inline.type === 'text' ? { type, text: inline.text } : inline));
}
