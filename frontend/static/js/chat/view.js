// @ts-check
/** The thread in the page: one view for each turn of the branch that is shown, drawn again only where its turn changed. */

import { isOpen, keyOf, shown, versions } from './thread.js';
import { TurnView } from './turn.js';

const NEAR_END = 48; // pixels: who is further up reads, and is not pulled down

/** @typedef {import('./thread.js').Key} Key */
/** @typedef {import('./thread.js').Thread} Thread */

export class ThreadView {
    #flow;
    #list;
    #newest;
    #world;
    /** @type {Map<Key, { turn: import('./thread.js').Turn, of: number, view: TurnView }>} */ #shown = new Map();
    #isFollowing = true;

    /**
     * @param {{ flow: HTMLElement, list: HTMLElement, newest: HTMLElement }} parts
     * @param {import('./types.js').World} world
     */
    constructor({ flow, list, newest }, world) {
        this.#flow = flow;
        this.#list = list;
        this.#newest = newest;
        this.#world = world;
        newest.addEventListener('click', () => this.follow());
        flow.addEventListener('scroll', () => this.#scrolled(), { passive: true });
        // What is inside grows for other reasons too: a slip opens, the window is made narrow, a picture of the field.
        new ResizeObserver(() => this.#isFollowing && this.#toEnd()).observe(list);
    }

    /** @param {Thread} thread */
    show(thread) {
        const branch = shown(thread);
        const keys = new Set(branch.map(keyOf));
        this.#renameSent(branch);
        for (const [key, { view }] of this.#shown) if (!keys.has(key)) (view.element.remove(), this.#shown.delete(key));
        let grew = false;
        branch.forEach((turn, i) => {
            const known = this.#shown.get(keyOf(turn));
            const all = versions(thread, turn);
            if (known?.turn === turn && known.of === all.length && !isOpen(turn)) return;
            grew ||= known?.turn !== turn;
            const view = known?.view ?? new TurnView(turn, this.#world);
            view.show(turn, all);
            this.#shown.set(keyOf(turn), { turn, of: all.length, view });
            if (!known) this.#list.insertBefore(view.element, this.#list.children[i] ?? null);
        });
        if (this.#isFollowing) this.#toEnd();
        else if (grew && !this.#isAtEnd()) this.#newest.hidden = false;
    }

    /** Forget what is shown: another conversation comes. */
    clear() {
        this.#list.replaceChildren();
        this.#shown.clear();
        this.#newest.hidden = true;
        this.#isFollowing = true;
    }

    /** Show the end, and stay there. */
    follow() {
        this.#isFollowing = true;
        this.#toEnd();
    }

    /** Show one turn from its beginning. @param {Key} key */
    goTo(key) {
        const view = this.of(key);
        if (!view) return;
        this.#isFollowing = false;
        view.element.scrollIntoView({ block: 'start' });
    }

    /** Put the focus back on the arrows between versions. @param {Key} key @param {number} by */
    focusBranch(key, by) {
        const tools = this.of(key)?.element;
        /** @type {HTMLElement | null | undefined} */ (tools?.querySelector(`[data-do="${by < 0 ? 'before' : 'next'}"]`))?.focus({ preventScroll: true });
        tools?.scrollIntoView({ block: 'nearest' });
    }

    /** @param {Key} key */
    of(key) {
        return this.#shown.get(key)?.view ?? null;
    }

    /** A question that was sent gets its number; its view stays. @param {import('./thread.js').Turn[]} branch */
    #renameSent(branch) {
        for (const turn of branch) {
            const sent = turn.reply !== null && turn.nonce ? this.#shown.get(turn.nonce) : undefined;
            if (!sent) continue;
            this.#shown.delete(turn.nonce);
            this.#shown.set(keyOf(turn), sent);
        }
    }

    #scrolled() {
        this.#isFollowing = this.#isAtEnd();
        if (this.#isFollowing) this.#newest.hidden = true;
    }

    #toEnd() {
        this.#flow.scrollTop = this.#flow.scrollHeight;
        this.#newest.hidden = true;
    }

    #isAtEnd() {
        const { scrollTop, scrollHeight, clientHeight } = this.#flow;
        return scrollHeight - scrollTop - clientHeight < NEAR_END;
    }
}
