// @ts-check
/**
 * What the keyboard and a screen reader find of painted words: a button over the first line of each, named by its
 * label, in the order of the text. They catch no click: the words below stay selectable.
 * Event: `enter` (detail: { layer, item }).
 */

import { make } from '../lib/dom.js';
import { Overlay } from './margin_overlay.js';

/** @typedef {import('./view.js').Painted} Painted */

export class Reaches extends EventTarget {
    #overlay;
    #rects;
    /** @type {Map<string, { item: Painted, button: HTMLElement }>} */ #buttons = new Map();

    /** @param {HTMLElement} scroll @param {(item: Painted) => DOMRect[]} rects where words stand now */
    constructor(scroll, rects) {
        super();
        this.#overlay = new Overlay(scroll, 'reaches');
        this.#rects = rects;
    }

    /** @param {string} layer @param {Painted[]} items */
    show(layer, items) {
        // Known by its words and not by its id, which a new mark gets a moment later: the focus stays on its button.
        /** @type {Map<string, Painted>} */
        const wanted = new Map();
        for (const item of items) {
            let key = `${layer}:${item.section}:${item.start}:${item.end}`;
            while (wanted.has(key)) key += '+';
            wanted.set(key, item);
        }
        for (const [key, { button }] of this.#buttons) {
            if (!key.startsWith(`${layer}:`) || wanted.has(key)) continue;
            button.remove();
            this.#buttons.delete(key);
        }
        for (const [key, item] of wanted) {
            const button = this.#buttons.get(key)?.button ?? this.#button(layer, key);
            button.setAttribute('aria-label', item.label ?? '');
            this.#buttons.set(key, { item, button });
        }
        this.#order();
        this.settle();
    }

    /** Stand where the words stand now. */
    settle() {
        // All is measured before anything is moved: each measuring after a move would set the page anew.
        const measured = [...this.#buttons.values()].map(({ item, button }) => ({ button, rect: this.#rects(item)[0] }));
        this.#overlay.put(measured.map(({ button, rect }) => ({ element: button, rect: rect ?? null })));
    }

    /** Tab goes through them as one reads. */
    #order() {
        const sorted = [...this.#buttons.values()].sort(({ item: one }, { item: other }) => one.section - other.section || one.start - other.start);
        const now = [...this.#overlay.element.children];
        if (sorted.length === now.length && sorted.every(({ button }, i) => button === now[i])) return;
        this.#overlay.element.append(...sorted.map(({ button }) => button).filter((button) => button !== document.activeElement || !button.isConnected));
    }

    /** @param {string} layer @param {string} key */
    #button(layer, key) {
        const button = make('button', { class: 'inked', type: 'button' });
        button.addEventListener('click', () => {
            const found = this.#buttons.get(key);
            if (found) this.dispatchEvent(new CustomEvent('enter', { detail: { layer, item: found.item } }));
        });
        return button;
    }
}
