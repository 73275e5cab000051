// @ts-check
/** One question with its answer in the page. Everything is built from text nodes. */

import { icon, make } from '../lib/dom.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { blocks } from './markdown.js';
import { isOpen } from './thread.js';

/** @typedef {import('./thread.js').Turn} Turn */
/** @typedef {import('./thread.js').Citation} Citation */
/**
 * @typedef {object} World what a turn needs of its page
 * @property {(citation: Citation) => string} address of the place a citation names
 * @property {() => Node} asker the face beside a question
 * @property {number | null} book whose panel this is; quotes of another book name it
 */

const WORD_JOINER = '⁠';

/** The name that ties a chip, its slip and its marks. @param {Turn} turn @param {number} number */
export const quoteName = (turn, number) => `${turn.reply}.${number}`;

export class TurnView {
    #world;
    /** @type {string[]} */ #drawn = [];
    #cards = '';
    #answer = make('div', { class: 'answer' });
    #doing = make('p', { class: 'doing' });
    #quotes = make('ol', { class: 'quotes', 'aria-label': gettext('Quotes') });
    #end = make('div', { class: 'ending' });

    /**
     * @param {Turn} turn
     * @param {World} world
     */
    constructor(turn, world) {
        this.#world = world;
        const ask = make('div', { class: 'ask' }, world.asker(), make('p', {}, turn.question));
        this.element = make('article', { class: 'turn' }, ask, this.#answer, this.#doing, this.#quotes, this.#end);
        this.show(turn);
    }

    /** @param {Turn} turn */
    show(turn) {
        this.element.dataset.state = turn.state;
        if (turn.reply !== null) this.element.dataset.reply = String(turn.reply);
        this.#showAnswer(turn);
        this.#showQuotes(turn);
        this.#doing.textContent = isOpen(turn) ? stage(turn) : '';
        this.#doing.hidden = !isOpen(turn);
        this.#end.replaceChildren(...(isOpen(turn) ? [] : ending(turn)));
    }

    /** Draw only the blocks whose source has changed: a selection or a focus in the others stays. @param {Turn} turn */
    #showAnswer(turn) {
        const read = blocks(turn.text).filter((block) => !isOnSlip(block, turn));
        const sources = read.map((block, i) => JSON.stringify([block, i === read.length - 1 && isOpen(turn), known(block, turn)]));
        while (this.#answer.children.length > read.length) this.#answer.lastElementChild?.remove();
        read.forEach((block, i) => {
            if (sources[i] === this.#drawn[i]) return;
            const drawn = this.#block(block, turn);
            if (i === read.length - 1 && isOpen(turn)) lastIn(drawn).append(make('span', { class: 'pen', 'aria-hidden': 'true' }));
            const old = this.#answer.children[i];
            if (old) old.replaceWith(drawn);
            else this.#answer.append(drawn);
        });
        this.#drawn = sources;
        this.#answer.hidden = read.length === 0;
        if (isOpen(turn)) this.#answer.setAttribute('aria-busy', 'true');
        else this.#answer.removeAttribute('aria-busy');
    }

    /**
     * @param {import('./markdown.js').Block} block
     * @param {Turn} turn
     */
    #block(block, turn) {
        if (block.type === 'pre') return make('pre', {}, make('code', {}, block.text));
        if (block.type === 'ul' || block.type === 'ol') {
            const start = block.type === 'ol' && block.start !== 1 ? block.start : null;
            return make(block.type, { start }, ...block.items.map((item) => make('li', {}, ...this.#inlines(item, turn))));
        }
        if (block.type === 'quote') return make('blockquote', { class: 'words' }, make('p', {}, ...this.#inlines(block.inlines, turn)));
        return make('p', { class: block.type === 'h' ? 'h' : null }, ...this.#inlines(block.inlines, turn));
    }

    /**
     * @param {import('./markdown.js').Inline[]} inlines
     * @param {Turn} turn
     * @returns {Node[]}
     */
    #inlines(inlines, turn) {
        return inlines.flatMap((inline) => {
            if (inline.type === 'text') return [document.createTextNode(inline.text)];
            if (inline.type !== 'cite') return [make(inline.type, {}, inline.text)];
            return [document.createTextNode(WORD_JOINER), this.#chip(inline.number, turn)];
        });
    }

    /**
     * @param {number} number
     * @param {Turn} turn
     */
    #chip(number, turn) {
        const citation = turn.citations.find((one) => one.number === number);
        if (!citation) return make('span', { class: 'cite wait' }, String(number));
        const label = fill(gettext('Quote %(number)s, %(place)s'), { number, place: placeOf(citation, this.#world.book) });
        const q = quoteName(turn, number);
        return make('a', { class: 'cite', href: this.#world.address(citation), 'data-q': q, 'aria-label': label }, String(number));
    }

    /** @param {Turn} turn */
    #showQuotes(turn) {
        const source = JSON.stringify(turn.citations.map(({ number, quote }) => [number, quote]));
        if (source === this.#cards) return;
        this.#cards = source;
        const sorted = [...turn.citations].sort((one, other) => one.number - other.number);
        this.#quotes.replaceChildren(...sorted.map((citation) => this.#slip(citation, turn)));
    }

    /**
     * @param {Citation} citation
     * @param {Turn} turn
     */
    #slip(citation, turn) {
        const q = quoteName(turn, citation.number);
        const lang = /** @type {any} */ (citation).language || null;
        const top = make(
            'div', { class: 'top' },
            make('span', { class: 'cite' }, String(citation.number)),
            make('span', { class: 'from', lang }, placeOf(citation, this.#world.book)),
            make('span', { class: 'sure' }, icon('verified'), gettext('Verified')),
        );
        // The marks around a quote are the page's, so that its text is the book's alone; one that has its own needs none.
        const quote = make('q', { class: /^[“"«„「『‘]/.test(citation.quote) ? 'bare' : null }, citation.quote);
        const words = make('p', { class: 'words', lang }, make('a', { href: this.#world.address(citation), 'data-q': q }, quote));
        return make('li', { class: 'quote', 'data-q': q }, top, words);
    }
}

/**
 * Whether a block only repeats the words of a slip below the answer.
 * @param {import('./markdown.js').Block} block
 * @param {Turn} turn
 */
function isOnSlip(block, { citations }) {
    if (block.type !== 'quote') return false;
    const words = plain(block.inlines.map((inline) => ('text' in inline ? inline.text : '')).join(''));
    const numbers = block.inlines.flatMap((inline) => (inline.type === 'cite' ? [inline.number] : []));
    return citations.some(({ number, quote }) => numbers.includes(number) && plain(quote) === words);
}

/** Words alone, to compare them. @param {string} text */
const plain = (text) => text.replace(/[\s*`()[\]]+/g, '');

/** The numbers of the citations a block shows, with whether each is there yet. @param {import('./markdown.js').Block} block @param {Turn} turn */
function known(block, turn) {
    const there = turn.citations.map(({ number }) => number);
    return 'inlines' in block || 'items' in block ? there.filter((number) => JSON.stringify(block).includes(`"number":${number}}`)) : [];
}

/** Where the pen stands: at the end of the last line. @param {HTMLElement} block */
function lastIn(block) {
    return /** @type {HTMLElement} */ (/^(UL|OL|BLOCKQUOTE)$/.test(block.tagName) ? block.lastElementChild : block);
}

/**
 * @param {Citation} citation
 * @param {number | null} book
 */
function placeOf({ book: of, title, heading, section, page, is_placed: isPlaced }, book) {
    const part = heading || fill(gettext('Section %(number)s'), { number: section + 1 });
    const printed = page ? fill(gettext('%(place)s, page %(page)s'), { place: part, page }) : part;
    const where = isPlaced === false ? gettext('These words are no longer in the book') : printed;
    return of === book ? where : fill(gettext('%(title)s, %(place)s'), { title, place: where });
}

/** What is being done, as the panel and the status line say it. @param {Turn} turn */
export function stage(turn) {
    if (turn.state === 'sending') return gettext('Sending your question');
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
    return fill(ngettext('Answer ready, %(count)s quote verified', 'Answer ready, %(count)s quotes verified', count), { count });
}

/** @param {Turn} turn */
function ending(turn) {
    const parts = [];
    if (turn.leftOut) {
        const left = ngettext(
            '%(count)s quote left out: not in the book word for word',
            '%(count)s quotes left out: not in the book word for word',
            turn.leftOut,
        );
        parts.push(make('p', { class: 'sure no' }, fill(left, { count: turn.leftOut })));
    }
    if (turn.state === 'stopped') parts.push(make('p', { class: 'small faint' }, gettext('Stopped. What is written stays.')));
    if (['failed', 'refused', 'interrupted'].includes(turn.state)) parts.push(trouble(turn));
    if (turn.text && turn.state !== 'failed') parts.push(copying(turn));
    return parts;
}

/** @param {Turn} turn */
function trouble(turn) {
    const isCut = turn.state === 'interrupted';
    const fact = isCut ? gettext('The answer was interrupted.') : turn.errorMessage || gettext('The answer failed.');
    const safe = turn.text ? gettext('What is here is kept.') : gettext('Your question is kept.');
    const again = make('button', { class: 'btn small do', type: 'button', 'data-do': 'again' }, icon('retry', 's'), gettext('Ask again'));
    return make('div', { class: 'notice bad', role: 'alert' }, icon('warning'), make('div', {}, make('b', {}, fact), ` ${safe}`), again);
}

/** @param {Turn} turn */
function copying(turn) {
    const copy = make('button', { class: 'tool small', type: 'button', 'data-do': 'copy', 'aria-label': gettext('Copy the answer') }, icon('copy', 's'));
    return make('div', { class: 'after', 'data-copy': turn.text.replace(/\[\d{1,3}\]/g, '') }, copy);
}
