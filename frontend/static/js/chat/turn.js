// @ts-check
/** One question with its answer in the page. */

import { make } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { AnswerView } from './answer.js';
import { AskedView } from './asked.js';
import { ending } from './ending.js';
import { NotedLine } from './remembered.js';
import { stage } from './sentences.js';
import { Slips } from './slips.js';
import { isOpen } from './thread.js';

/** @typedef {import('./thread.js').Turn} Turn */
/** @typedef {import('./types.js').World} World */

export class TurnView {
    #world;
    #asked;
    #answer;
    #slips;
    #doing = make('p', { class: 'doing' });
    #end = make('div', { class: 'ending' });
    #noted = new NotedLine();
    #isDismissed = false;
    /** @type {Turn | null} */ #ended = null;

    /**
     * @param {Turn} turn
     * @param {World} world
     */
    constructor(turn, world) {
        this.#world = world;
        this.#asked = new AskedView(turn, world);
        this.#answer = new AnswerView(world);
        this.#slips = new Slips(world);
        this.element = make('article', { class: 'turn' }, this.#asked.element, this.#answer.element, this.#doing, this.#slips.element, this.#noted.element, this.#end);
    }

    /** @param {Turn} turn @param {Turn[]} versions of its question */
    show(turn, versions) {
        this.element.dataset.state = turn.state;
        if (turn.reply !== null) this.element.dataset.reply = String(turn.reply);
        this.#asked.show(turn, versions);
        this.#answer.show(turn);
        this.#slips.show(turn);
        this.#noted.show(turn);
        const isBeingWritten = isOpen(turn);
        this.#doing.textContent = isBeingWritten ? this.#stage(turn) : '';
        this.#doing.hidden = !isBeingWritten;
        if (isBeingWritten && this.#ended) this.#end.replaceChildren();
        if (!isBeingWritten && this.#ended !== turn) this.#close(turn);
        this.#ended = isBeingWritten ? null : turn;
    }

    /** Put away the line about what lies ahead. @param {Turn} turn */
    dismiss(turn) {
        this.#isDismissed = true;
        this.#close(turn);
    }

    /** @param {Turn} turn @param {(words: string) => void} ask */
    edit(turn, ask) {
        this.#asked.edit(turn.question, ask);
    }

    /** @param {Turn} turn */
    #stage(turn) {
        return this.#world.isLate(turn) ? gettext('Nothing came for a minute. Looking whether it is still being written') : stage(turn, this.#world.isUp());
    }

    /** Draw the end anew; the button that had the focus keeps it. @param {Turn} turn */
    #close(turn) {
        const focused = this.#end.contains(document.activeElement) ? document.activeElement?.getAttribute('data-do') : null;
        this.#end.replaceChildren(...ending(turn, { isDismissed: this.#isDismissed }));
        if (focused) /** @type {HTMLElement | null} */ (this.#end.querySelector(`[data-do="${focused}"]`))?.focus();
    }
}
