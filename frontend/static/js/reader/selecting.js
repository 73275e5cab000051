// @ts-check
/**
 * What can be done with selected words: a toolbar over them, a bar at the foot of a phone.
 * Event: `do` (detail: { deed, ink, words }): ask, explain, translate, ink, note, copy or aloud.
 */

import { isField, the } from '../lib/dom.js';
import { desktop, following, isPhone, stand } from './margin_overlay.js';
import { hasKeys } from './preferences.js';

/** @typedef {import('./view.js').Selected} Selected */

const HANDLES = 40; // pixels below the words on touch, where the handles hang
const INKS = ['yellow', 'pink', 'blue', 'lilac'];
/** @type {Record<string, string>} */
const KEYS = { a: 'ask', e: 'explain', n: 'note' };
const touch = matchMedia('(pointer: coarse)');

export class Picker extends EventTarget {
    #desk;
    /** @type {import('./selecting_words.js').Chooser | null} */ #chooser = null;
    /** @type {HTMLElement | null} */ #bar = null;
    /** @type {Selected | null} */ #words = null;
    #isInking = false;
    #inkOf;

    /** @param {import('./desk.js').Desk} desk @param {(span: import('./view.js').Span) => string} inkOf the ink words have already */
    constructor(desk, inkOf) {
        super();
        this.#desk = desk;
        this.#inkOf = inkOf;
        desk.layers.addEventListener('selected', (event) => {
            const words = /** @type {CustomEvent} */ (event).detail;
            if (words) {
                this.#chooser?.end();
                this.#show(words, { hasFocus: false });
            } else if (!this.#chooser?.isChoosing) this.close({ keepsSelection: true });
        });
        following(desk.view, () => this.#again());
        // Before everybody else: while words are selected, single keys are about them.
        addEventListener('keydown', (event) => this.#key(event), { capture: true });
        document.addEventListener('pointerdown', (event) => {
            const isOutside = !(/** @type {Element} */ (event.target).closest('.picker'));
            if (isOutside && (this.#chooser?.isChoosing ?? false)) this.close();
        });
    }

    get isOpen() {
        return this.#bar !== null;
    }

    /** @param {{ keepsSelection?: boolean, isGentle?: boolean }} [how] gentle: the focus stays where it is */
    close({ keepsSelection = false, isGentle = false } = {}) {
        if (!this.#bar) return;
        const hadFocus = this.#bar.contains(document.activeElement) || (this.#chooser?.isChoosing ?? false);
        this.#bar.remove();
        this.#bar = this.#words = null;
        this.#isInking = false;
        this.#chooser?.end();
        if (!keepsSelection) getSelection()?.removeAllRanges();
        if (hadFocus && !isGentle) this.#desk.view.element.focus({ preventScroll: true });
    }

    /** @param {Selected} words @param {{ hasFocus: boolean }} how */
    #show(words, { hasFocus }) {
        this.#words = words;
        const bar = this.#bar ?? this.#made();
        this.#bar = bar;
        const ink = this.#inkOf(words);
        for (const button of bar.querySelectorAll('[data-ink]')) button.setAttribute('aria-pressed', String(button.getAttribute('data-ink') === ink));
        if (!bar.isConnected) desktop().append(bar);
        this.#stand(words.rects);
        if (hasFocus && !bar.contains(document.activeElement)) buttons(bar)[0].focus({ preventScroll: true });
    }

    #made() {
        const template = /** @type {HTMLTemplateElement} */ (the('#picker'));
        const bar = /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
        bar.addEventListener('pointerdown', (event) => event.preventDefault()); // the words stay selected
        bar.addEventListener('mousedown', (event) => event.preventDefault());
        bar.addEventListener('click', (event) => {
            const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('button'));
            if (button) this.#do(button.dataset.do ?? 'ink', button.dataset.ink);
        });
        buttons(bar).forEach((button, i) => (button.tabIndex = i ? -1 : 0));
        return bar;
    }

    /** The words stand elsewhere now. */
    #again() {
        if (!this.#bar || !this.#words) return;
        const rects = this.#desk.layers.rects(this.#words);
        if (rects.length) this.#stand(rects);
    }

    /** Above the words; below them on touch, where the system's own menu is above. @param {DOMRect[]} rects */
    #stand(rects) {
        const bar = /** @type {HTMLElement} */ (this.#bar);
        if (isPhone()) bar.removeAttribute('style');
        else stand(bar, { scroll: this.#desk.view.element, rects, isBelow: touch.matches, gap: touch.matches ? HANDLES : undefined });
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
        const isTaken = this.#bar ? this.#keyOverWords(event) : this.#keyInText(event);
        if (!isTaken) return;
        event.preventDefault();
        event.stopImmediatePropagation();
    }

    /** @param {KeyboardEvent} event */
    #keyInText({ key, target }) {
        if (key !== 'Enter' || target !== this.#desk.view.element) return false;
        void this.#choose();
        return true;
    }

    /** Choose by the keyboard; what is needed for it is fetched with the first time. */
    async #choose() {
        const { Chooser } = await import('./selecting_words.js');
        if (!this.#chooser) {
            this.#chooser = new Chooser(this.#desk);
            this.#chooser.addEventListener('chosen', (event) => this.#show(/** @type {CustomEvent} */ (event).detail, { hasFocus: true }));
        }
        await this.#chooser.begin();
    }

    /** @param {KeyboardEvent} event @returns {boolean} whether the key was about the words */
    #keyOverWords({ key, target, shiftKey }) {
        const bar = /** @type {HTMLElement} */ (this.#bar);
        const isInside = bar.contains(/** @type {Node} */ (target));
        if (isField(target)) return false;
        if (key === 'Escape') return this.close(), true;
        if (isInside && this.#walk(bar, key, shiftKey)) return true;
        if (key === 'Enter' && !isInside && !(/** @type {Element} */ (target).closest('a, button'))) return buttons(bar)[0].focus(), true;
        if (!hasKeys()) return false;
        if (this.#isInking && /^[1-4]$/.test(key)) return this.#do('ink', INKS[Number(key) - 1]), true;
        this.#isInking = key === 'h' && !this.#isInking;
        bar.classList.toggle('numbered', this.#isInking);
        if (key === 'h') return true;
        if (KEYS[key]) return this.#do(KEYS[key]), true;
        return false;
    }

    /** Arrows inside the toolbar. @param {HTMLElement} bar @param {string} key @param {boolean} isMore */
    #walk(bar, key, isMore) {
        const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[key];
        if (!by) return false;
        if (key === 'ArrowDown' || key === 'ArrowUp') {
            if (this.#chooser?.isChoosing) void this.#chooser.move(by, { isMore });
            return (this.#chooser?.isChoosing ?? false);
        }
        const all = buttons(bar);
        const now = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
        const step = getComputedStyle(bar).direction === 'rtl' ? -by : by;
        const next = all[(now + step + all.length) % all.length];
        for (const button of all) button.tabIndex = button === next ? 0 : -1;
        next.focus();
        return true;
    }

    /** @param {string} deed @param {string} [ink] */
    #do(deed, ink) {
        const words = this.#words;
        if (!words) return;
        this.close({ isGentle: ['ask', 'explain', 'translate', 'note'].includes(deed) });
        this.dispatchEvent(new CustomEvent('do', { detail: { deed, ink, words } }));
    }
}

/** @param {HTMLElement} bar @returns {HTMLElement[]} */
const buttons = (bar) => /** @type {HTMLElement[]} */ ([...bar.querySelectorAll('button')]);
