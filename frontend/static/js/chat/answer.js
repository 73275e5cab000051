// @ts-check
/** The words of one answer: blocks of the server's HTML, of which only those that changed are drawn again. */

import { make } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';
import { block } from './html.js';
import { placeOf, quoteName } from './sentences.js';
import { isOpen } from './thread.js';

/** @typedef {import('./thread.js').Turn} Turn */
/** @typedef {import('./thread.js').Citation} Citation */

const WORD_JOINER = '⁠'; // a chip never begins a line
const FADE = 340; // milliseconds, as --slow

export class AnswerView {
    element = make('div', { class: 'answer' });
    #world;
    /** @type {string[]} */ #drawn = [];
    /** @type {Citation[]} */ #citations = [];
    #wasOpen = false;
    #pen = make('span', { class: 'pen', 'aria-hidden': 'true' });
    /** @type {{ from: number, at: number }[]} where fresh words of the last block begin, and when they came */ #fresh = [];
    #hasShown = false;

    /** @param {import('./types.js').World} world */
    constructor(world) {
        this.#world = world;
    }

    /** @param {Turn} turn */
    show(turn) {
        const { blocks } = turn;
        const isBeingWritten = isOpen(turn);
        this.#pen.remove();
        while (this.element.children.length > blocks.length) this.element.lastElementChild?.remove();
        blocks.forEach((html, i) => {
            if (html === this.#drawn[i]) return;
            const made = block(html);
            this.#nameAll(made, turn);
            this.#put(made, i, { isFresh: isBeingWritten && this.#hasShown, isLast: i === blocks.length - 1 });
        });
        if (turn.citations !== this.#citations || this.#wasOpen !== isBeingWritten) this.#nameAll(this.element, turn);
        [this.#drawn, this.#citations, this.#wasOpen, this.#hasShown] = [blocks, turn.citations, isBeingWritten, true];
        if (isBeingWritten && this.element.lastElementChild) lastIn(this.element.lastElementChild).append(this.#pen);
        this.element.hidden = blocks.length === 0;
        if (isBeingWritten) this.element.setAttribute('aria-busy', 'true');
        else this.element.removeAttribute('aria-busy');
    }

    /** @param {HTMLElement} made @param {number} i @param {{ isFresh: boolean, isLast: boolean }} how */
    #put(made, i, { isFresh, isLast }) {
        made.setAttribute('dir', 'auto');
        const old = this.element.children[i];
        const length = made.textContent?.length ?? 0;
        if (!old) this.#fresh = [{ from: 0, at: performance.now() }];
        else if (isLast) this.#came(old, made);
        if (old) old.replaceWith(made);
        else this.element.append(made);
        if (isFresh && isLast && length) this.#fade(made);
    }

    /** Note where the words begin that were not there before. @param {Element} old @param {Element} made */
    #came(old, made) {
        const [before, now] = [old.textContent ?? '', made.textContent ?? ''];
        let same = 0;
        while (same < before.length && before[same] === now[same]) same++;
        const at = performance.now();
        this.#fresh = [...this.#fresh.filter((one) => at - one.at < FADE && one.from < same), { from: same, at }];
    }

    /** Let each stretch of fresh words go on fading in where it was: the block is a new one each time. @param {HTMLElement} made */
    #fade(made) {
        const now = performance.now();
        const ends = this.#fresh.map((_, i) => this.#fresh[i + 1]?.from ?? Infinity);
        const walker = document.createTreeWalker(made, NodeFilter.SHOW_TEXT);
        /** @type {Text[]} */ const texts = [];
        while (walker.nextNode()) texts.push(/** @type {Text} */ (walker.currentNode));
        let start = 0;
        for (const text of texts) {
            const end = start + text.data.length;
            this.#fresh.toReversed().forEach(({ from, at }, back) => {
                const to = ends[ends.length - 1 - back];
                if (to <= start || from >= end) return;
                const fresh = from > start ? text.splitText(from - start) : text;
                const span = make('span', { class: 'fresh' });
                span.style.animationDelay = `${Math.round(at - now)}ms`;
                fresh.replaceWith(span);
                span.append(fresh);
            });
            start = end;
        }
    }

    /** @param {HTMLElement} within @param {Turn} turn */
    #nameAll(within, turn) {
        for (const chip of within.querySelectorAll('.cite[data-n]')) this.#name(/** @type {HTMLElement} */ (chip), turn);
    }

    /** Say of a chip which quote it is and where it leads. @param {HTMLElement} chip @param {Turn} turn */
    #name(chip, turn) {
        const number = Number(chip.dataset.n);
        const citation = turn.citations.find((one) => one.number === number);
        const before = chip.previousSibling;
        if (before?.nodeType === Node.TEXT_NODE) before.nodeValue = `${(before.nodeValue ?? '').replace(/[\s⁠]+$/u, '')}${WORD_JOINER}`;
        else if (before && before.nodeName !== 'SPAN') before.after(WORD_JOINER); // a span of fresh words has it
        chip.classList.toggle('wait', !citation);
        chip.toggleAttribute('hidden', !citation && !isOpen(turn));
        if (!citation) {
            chip.setAttribute('aria-label', fill(gettext('Quote %(number)s, being checked'), { number }));
            return;
        }
        chip.setAttribute('href', this.#world.address(citation));
        chip.dataset.q = quoteName(turn, number);
        chip.setAttribute('aria-label', fill(gettext('Quote %(number)s, %(place)s'), { number, place: placeOf(citation, this.#world.book()) }));
        hideRepeated(chip, citation);
    }
}

/** A block that only repeats the words of a slip below the answer is not shown twice. @param {HTMLElement} chip @param {Citation} citation */
function hideRepeated(chip, citation) {
    const quoted = chip.closest('blockquote');
    if (!quoted || (quoted.parentElement && !quoted.parentElement.classList.contains('answer'))) return;
    const words = [...quoted.childNodes].map((node) => node.textContent).join('').replace(/\d{1,3}\s*$/, '');
    quoted.hidden = plain(words) === plain(citation.quote);
}

/** Words alone, to compare them. @param {string} text */
const plain = (text) => text.replace(/[\s*`()[\]⁠_]+/gu, '');

/** Where the pen stands: at the end of the last line. @param {Element} element @returns {Element} */
function lastIn(element) {
    let last = element;
    while (/^(UL|OL|LI|BLOCKQUOTE|PRE|TABLE|TBODY|TR|DIV)$/.test(last.tagName) && last.lastElementChild && !/^(STRONG|EM|A|CODE|SPAN|DEL)$/.test(last.lastElementChild.tagName)) last = last.lastElementChild;
    return last;
}
