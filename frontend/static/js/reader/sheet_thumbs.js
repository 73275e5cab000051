// @ts-check
/**
 * All pages of the book, small: in a panel that opens over the text, or in the drawer beside it, where the page in view
 * stays in sight. Event: `go` (detail: a page from 0). Pictures are fetched as they come near the view.
 */

import { make, the } from '../lib/dom.js';

const WIDTH = 240;
const AGAIN = 5000; // milliseconds
const WAIT = 150; // milliseconds a page must stay near the view

export class Thumbs extends EventTarget {
    #panel;
    #list;
    #sheets;
    #hasFocus;
    #isMade = false;
    /** @type {Map<Element, any>} */ #waiting = new Map();
    /** @type {IntersectionObserver | null} */ #seen = null;

    /**
     * @param {HTMLElement} panel
     * @param {import('./sheets.js').Sheets} sheets
     * @param {{ hasFocus: boolean }} how whether the focus goes to the page in view when the panel opens
     */
    constructor(panel, sheets, { hasFocus }) {
        super();
        this.#panel = panel;
        this.#list = the('[data-part="thumbs"]', panel);
        this.#sheets = sheets;
        this.#hasFocus = hasFocus;
        new MutationObserver(() => !panel.hidden && this.#open()).observe(panel, { attributes: true, attributeFilter: ['hidden'] });
        sheets.addEventListener('sheet', () => this.#follow());
        sheets.addEventListener('layout', () => !panel.hidden && this.#isMade && this.#point());
        this.#list.addEventListener('click', (event) => {
            const thumb = /** @type {Element} */ (event.target).closest('[data-sheet]');
            if (thumb) this.dispatchEvent(new CustomEvent('go', { detail: Number(thumb.getAttribute('data-sheet')) }));
        });
        this.#list.addEventListener('keydown', (event) => this.#walk(event));
    }

    #open() {
        if (!this.#isMade) this.#make();
        this.#isMade = true;
        const thumb = this.#point();
        if (!thumb) return;
        this.#show(thumb);
        if (this.#hasFocus) thumb.focus({ preventScroll: true });
    }

    /** The reader came to another page: it is shown in the list, unless someone is at work there. */
    #follow() {
        if (this.#panel.hidden || !this.#isMade) return;
        const thumb = this.#point();
        if (!thumb || this.#list.matches(':hover') || this.#list.contains(document.activeElement)) return;
        const [box, room] = [thumb.getBoundingClientRect(), this.#list.getBoundingClientRect()];
        if (box.top < room.top || box.bottom > room.bottom) this.#show(thumb);
    }

    /** Bring a page into the upper half of the list. @param {HTMLElement} thumb */
    #show(thumb) {
        this.#list.scrollTop += thumb.getBoundingClientRect().top - this.#list.getBoundingClientRect().top - this.#list.clientHeight / 3;
    }

    #make() {
        this.#seen = new IntersectionObserver((entries) => entries.forEach((entry) => this.#near(entry)), { root: this.#list, rootMargin: '300px 0px' });
        const thumbs = this.#sheets.labels.map((label, index) => {
            const [wide, high] = this.#sheets.sizeOf(index);
            const picture = make('span', { class: 'paper' });
            picture.style.aspectRatio = `${wide} / ${high}`;
            return make('button', { class: 'thumb', type: 'button', tabindex: -1, 'data-sheet': index, 'aria-label': this.#sheets.nameOf(index) }, picture, make('span', { class: 'tiny num', 'aria-hidden': 'true' }, label));
        });
        this.#list.replaceChildren(...thumbs);
        for (const thumb of thumbs) this.#seen.observe(thumb);
    }

    /** @param {IntersectionObserverEntry} entry */
    #near({ target, isIntersecting }) {
        clearTimeout(this.#waiting.get(target));
        this.#waiting.delete(target);
        if (isIntersecting) this.#waiting.set(target, setTimeout(() => this.#draw(/** @type {HTMLElement} */ (target)), WAIT));
    }

    /** @param {HTMLElement} thumb */
    #draw(thumb) {
        const paper = the('.paper', thumb);
        if (paper.firstChild) return;
        const picture = /** @type {HTMLImageElement} */ (make('img', { alt: '', draggable: 'false', decoding: 'async' }));
        picture.src = this.#sheets.picture(Number(thumb.dataset.sheet), WIDTH);
        picture.addEventListener('load', () => this.#seen?.unobserve(thumb));
        picture.addEventListener('error', () => {
            picture.remove();
            setTimeout(() => this.#waiting.has(thumb) && this.#draw(thumb), AGAIN);
        });
        paper.append(picture);
    }

    /** Show which page is in view, and the one beside it; the first of them is the one that Tab comes to. */
    #point() {
        const { children } = this.#list;
        this.#list.toggleAttribute('data-double', this.#sheets.isDouble);
        this.#list.dir = this.#sheets.isRtl ? 'rtl' : '';
        const [now, beside] = [children[this.#sheets.sheet], children[this.#sheets.beside]];
        for (const old of this.#list.querySelectorAll('[aria-current], .beside')) {
            if (old !== now) old.removeAttribute('aria-current');
            if (old !== beside || beside === now) old.classList.remove('beside');
        }
        for (const old of this.#list.querySelectorAll('[tabindex="0"]')) if (old !== now) old.setAttribute('tabindex', '-1');
        now?.setAttribute('aria-current', 'page');
        now?.setAttribute('tabindex', '0');
        if (beside !== now) beside?.classList.add('beside');
        return /** @type {HTMLElement | undefined} */ (now);
    }

    /** Arrows go from page to page. @param {KeyboardEvent} event */
    #walk(event) {
        const now = [...this.#list.children].indexOf(/** @type {Element} */ (document.activeElement));
        if (now < 0) return;
        const across = getComputedStyle(this.#list).gridTemplateColumns.split(' ').length;
        const by = /** @type {Record<string, number>} */ ({ ArrowLeft: this.#sheets.isRtl ? 1 : -1, ArrowRight: this.#sheets.isRtl ? -1 : 1, ArrowUp: -across, ArrowDown: across, Home: -now, End: this.#list.children.length - 1 - now })[event.key];
        if (by === undefined) return;
        event.preventDefault();
        const next = /** @type {HTMLElement | undefined} */ (this.#list.children[now + by]);
        if (!next) return;
        /** @type {HTMLElement} */ (document.activeElement).tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
    }
}
