// @ts-check
/** The drawer's tabs: contents, notes, quotes. Arrows go between them (WAI-ARIA tabs). Event: `shown` (detail: the panel). */

import { the } from '../lib/dom.js';

export class Tabs extends EventTarget {
    /** @type {HTMLElement[]} */ #tabs;

    /** @param {HTMLElement} bar */
    constructor(bar) {
        super();
        this.#tabs = [.../** @type {NodeListOf<HTMLElement>} */ (bar.querySelectorAll('[role="tab"]'))];
        bar.addEventListener('click', ({ target }) => {
            const tab = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[role="tab"]'));
            if (tab) this.choose(tab);
        });
        bar.addEventListener('keydown', (event) => this.#walk(event));
    }

    /** @param {HTMLElement} tab */
    choose(tab) {
        for (const one of this.#tabs) {
            const isChosen = one === tab;
            one.setAttribute('aria-selected', String(isChosen));
            one.tabIndex = isChosen ? 0 : -1;
            panelOf(one).hidden = !isChosen;
        }
        this.dispatchEvent(new CustomEvent('shown', { detail: panelOf(tab) }));
    }

    /** @param {KeyboardEvent} event */
    #walk(event) {
        const by = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
        const now = this.#tabs.indexOf(/** @type {HTMLElement} */ (event.target));
        if (!by || now < 0) return;
        event.preventDefault();
        const next = Number.isFinite(by) ? (now + by + this.#tabs.length) % this.#tabs.length : by < 0 ? 0 : this.#tabs.length - 1;
        this.choose(this.#tabs[next]);
        this.#tabs[next].focus();
    }
}

/** @param {HTMLElement} tab */
const panelOf = (tab) => the(`#${tab.getAttribute('aria-controls')}`);

/** What a place is called in the contents. @param {{ section: number, start: number }} place */
export function headingAt({ section, start }) {
    let found = '';
    for (const entry of document.querySelectorAll('.toc [data-go]')) {
        const [at, from] = (entry.getAttribute('data-go') ?? '').split(':').map(Number);
        if (at < section || (at === section && from <= start)) found = (entry.querySelector('.words') ?? entry).textContent?.trim() ?? '';
    }
    return found;
}
