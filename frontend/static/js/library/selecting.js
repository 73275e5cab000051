// @ts-check
/** Choosing several books. Events: `remove`, `collect`, `take` (detail: their ids). */

import { the } from '../lib/dom.js';
import { fill, ngettext } from '../lib/words.js';

export class Selecting extends EventTarget {
    #root;
    #shelf;
    #bar;
    /** @type {HTMLElement | null} */ #last = null;

    /** @param {HTMLElement} root @param {import('./shelf.js').Shelf} shelf */
    constructor(root, shelf) {
        super();
        this.#root = root;
        this.#shelf = shelf;
        this.#bar = the('[data-part="selection"]');
        root.addEventListener('click', (event) => this.#click(event), { capture: true });
        root.addEventListener('change', (event) => /** @type {Element} */ (event.target).closest('.pick') && this.#show());
        this.#bar.addEventListener('click', (event) => this.#act(event));
        document.addEventListener('keydown', (event) => {
            if (event.key === 'Escape' && this.isOn && !document.querySelector('dialog[open], details.drops[open], .floating')) this.end();
        });
        shelf.addEventListener('change', () => this.isOn && this.#show());
    }

    get isOn() {
        return this.#root.classList.contains('selecting');
    }

    /** @returns {number[]} */
    get books() {
        return [...new Set(this.#boxes().filter((box) => box.checked).map((box) => Number(box.value)))];
    }

    /** What goes along when this one is dragged. @param {number} book */
    carried(book) {
        const { books } = this;
        return this.isOn && books.includes(book) ? books : [book];
    }

    begin() {
        this.#root.classList.add('selecting');
        this.#show();
    }

    end() {
        for (const box of this.#boxes()) box.checked = false;
        this.#root.classList.remove('selecting');
        this.#bar.hidden = true;
        this.#last = null;
        const button = /** @type {HTMLElement | null} */ (this.#root.querySelector('[data-do="select"]'));
        button?.setAttribute('aria-pressed', 'false');
        if (this.#bar.contains(document.activeElement)) button?.focus();
    }

    /** A click on a cover chooses it instead of opening it. @param {MouseEvent} event */
    #click(event) {
        const target = /** @type {Element} */ (event.target);
        if (target.closest('[data-do="select"]')) return this.isOn ? this.end() : this.begin();
        const item = /** @type {HTMLElement | null} */ (target.closest('.shelf li[data-book]'));
        if (!this.isOn || !item || target.closest('.pick, .more, .floating, .facts a')) return;
        event.preventDefault();
        event.stopPropagation();
        const box = /** @type {HTMLInputElement} */ (the('.pick input', item));
        box.checked = !box.checked;
        if (event.shiftKey && this.#last?.isConnected) this.#between(this.#last, item, box.checked);
        this.#last = item;
        this.#show();
    }

    /** @param {HTMLElement} one @param {HTMLElement} other @param {boolean} isChosen */
    #between(one, other, isChosen) {
        const { items } = this.#shelf;
        const [from, to] = [items.indexOf(one), items.indexOf(other)].sort((a, b) => a - b);
        for (const item of items.slice(from, to + 1)) /** @type {HTMLInputElement} */ (the('.pick input', item)).checked = isChosen;
    }

    /** @param {MouseEvent} event */
    #act(event) {
        const deed = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-do]'))?.dataset.do;
        if (deed === 'done') return this.end();
        if (deed === 'all') {
            const isAll = !this.#boxes().every((box) => box.checked);
            for (const box of this.#boxes()) box.checked = isAll;
            return this.#show();
        }
        const { books } = this;
        if (deed && books.length) this.dispatchEvent(new CustomEvent(deed, { detail: books }));
    }

    #show() {
        const count = this.books.length;
        this.#bar.hidden = false;
        this.#root.querySelector('[data-do="select"]')?.setAttribute('aria-pressed', 'true');
        the('[data-part="selected"]', this.#bar).textContent = fill(ngettext('%(count)s selected', '%(count)s selected', count), { count });
        the('[data-do="take"]', this.#bar).hidden = !this.#shelf.collection;
        for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.#bar.querySelectorAll('[data-do="collect"], [data-do="take"], [data-do="remove"]'))) {
            button.disabled = count === 0;
        }
    }

    #boxes() {
        return this.#shelf.items.map((item) => /** @type {HTMLInputElement} */ (the('.pick input', item)));
    }
}
