// @ts-check
/** The thread in the page: one view for each turn, drawn again only where its turn changed. */

import { TurnView } from './turn.js';

const NEAR_END = 48; // pixels: who is further up reads, and is not pulled down

export class ThreadView {
    #flow;
    #list;
    #newest;
    #world;
    /** @type {{ turn: import('./thread.js').Turn, view: TurnView }[]} */ #shown = [];

    /**
     * @param {{ flow: HTMLElement, list: HTMLElement, newest: HTMLElement }} parts
     * @param {import('./turn.js').World} world
     */
    constructor({ flow, list, newest }, world) {
        this.#flow = flow;
        this.#list = list;
        this.#newest = newest;
        this.#world = world;
        newest.addEventListener('click', () => this.follow());
        flow.addEventListener('scroll', () => this.#isAtEnd() && (newest.hidden = true));
    }

    /** @param {import('./thread.js').Thread} thread */
    show({ turns }) {
        const isFollowing = this.#isAtEnd();
        turns.forEach((turn, i) => {
            const shown = this.#shown[i];
            if (!shown) this.#add(turn);
            else if (shown.turn !== turn) {
                shown.view.show(turn);
                shown.turn = turn;
            }
        });
        if (isFollowing) this.follow();
        else this.#newest.hidden = false;
    }

    /** Show the end. */
    follow() {
        this.#flow.scrollTop = this.#flow.scrollHeight;
        this.#newest.hidden = true;
    }

    /** @param {import('./thread.js').Turn} turn */
    #add(turn) {
        const view = new TurnView(turn, this.#world);
        this.#shown.push({ turn, view });
        this.#list.append(view.element);
    }

    #isAtEnd() {
        const { scrollTop, scrollHeight, clientHeight } = this.#flow;
        return scrollHeight - scrollTop - clientHeight < NEAR_END;
    }
}
