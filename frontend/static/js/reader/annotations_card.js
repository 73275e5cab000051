// @ts-check
/**
 * One mark of the reader, opened over the text: its inks, its note, what can be done with it.
 * Event: `do` (detail: { deed: 'ask' | 'copy' | 'delete', mark }).
 */

import { make, parsed, the } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { INKS, nameOf, short } from './annotations_words.js';
import { desktop, following, isPhone, stand } from './margin_overlay.js';

export class MarkCard extends EventTarget {
    #desk;
    #notebook;
    /** @type {HTMLElement | null} */ #box = null;
    #key = '';
    #isWriting = false;
    /** @type {Element | null} what had the focus before */ #from = null;

    /** @param {import('./desk.js').Desk} desk @param {import('./annotations_store.js').Notebook} notebook */
    constructor(desk, notebook) {
        super();
        this.#desk = desk;
        this.#notebook = notebook;
        notebook.addEventListener('change', () => this.#fill());
        following(desk.view, () => this.#stand());
        addEventListener('keydown', (event) => this.#keyed(event), { capture: true });
        document.addEventListener('pointerdown', ({ target }) => {
            if (!(/** @type {Element} */ (target).closest('.markcard'))) this.close({ isGentle: true });
        });
    }

    get isOpen() {
        return this.#box !== null;
    }

    /** @param {string} key @param {{ isWriting?: boolean }} [how] */
    open(key, { isWriting = false } = {}) {
        this.close({ isGentle: true });
        const mark = this.#notebook.mark(key);
        if (!mark) return;
        this.#from = document.activeElement;
        this.#key = key;
        this.#box = this.#made();
        desktop().append(this.#box);
        this.#fill();
        if (isWriting) this.#write();
        this.#stand();
        if (!isWriting) this.#box.focus({ preventScroll: true });
    }

    /** @param {{ isGentle?: boolean }} [how] gentle: the focus stays where the reader put it */
    close({ isGentle = false } = {}) {
        if (!this.#box) return;
        this.#box.remove();
        this.#box = null;
        this.#isWriting = false;
        if (isGentle) return;
        const back = /** @type {HTMLElement} */ (this.#from?.isConnected && this.#from !== document.body ? this.#from : this.#desk.view.element);
        back.focus({ preventScroll: true });
    }

    #made() {
        const template = /** @type {HTMLTemplateElement} */ (the('#markcard'));
        const box = /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
        box.addEventListener('click', (event) => this.#clicked(/** @type {Element} */ (event.target)));
        the('[data-part="field"]', box).addEventListener('input', () => this.#typed());
        return box;
    }

    /** Show the mark as it is. */
    #fill() {
        const [box, mark] = [this.#box, this.#notebook.mark(this.#key)];
        if (!box) return;
        if (!mark) return this.close({ isGentle: true });
        box.setAttribute('aria-label', nameOf(mark));
        for (const ink of box.querySelectorAll('[data-ink]')) ink.setAttribute('aria-pressed', String(ink.getAttribute('data-ink') === mark.colour));
        const quote = the('[data-part="quote"]', box);
        quote.textContent = short(mark.quote, 180);
        quote.lang = this.#desk.reading.language;
        quote.className = `quoted ${INKS[mark.colour]?.look ?? ''}`;
        the('[data-part="writing"]', box).hidden = !this.#isWriting;
        const note = the('[data-part="note"]', box);
        note.hidden = this.#isWriting || !mark.text;
        if (note.dataset.of !== `${mark.text}${mark.html}`) note.replaceChildren(...rendered(mark));
        note.dataset.of = `${mark.text}${mark.html}`;
        the('[data-part="conflict"]', box).hidden = mark.theirs === undefined;
        if (mark.theirs !== undefined) the('[data-part="theirs"]', box).textContent = mark.theirs || gettext('The note was emptied there.');
        the('[data-part="write"]', box).textContent = this.#isWriting ? gettext('Done') : mark.text ? gettext('Edit the note') : gettext('Write a note');
        this.#tell(mark);
    }

    /** @param {import('./annotations_store.js').Mark} mark */
    #tell({ isPending, text, theirs }) {
        const kept = the('[data-part="kept"]', /** @type {HTMLElement} */ (this.#box));
        const words = theirs !== undefined ? gettext('Changed on another device') : this.#notebook.isWaiting ? gettext('Kept on this device until the connection is back') : isPending ? gettext('Saving…') : text ? gettext('Saved') : '';
        if (kept.textContent !== words) kept.textContent = words;
    }

    #stand() {
        if (!this.#box) return;
        if (isPhone()) return this.#box.removeAttribute('style');
        const mark = this.#notebook.mark(this.#key);
        const rects = mark ? this.#desk.layers.rects(mark) : [];
        if (rects.length) stand(this.#box, { scroll: this.#desk.view.element, rects });
    }

    #write() {
        const box = /** @type {HTMLElement} */ (this.#box);
        this.#isWriting = true;
        this.#fill();
        const field = /** @type {HTMLTextAreaElement} */ (the('[data-part="field"]', box));
        field.value = this.#notebook.mark(this.#key)?.text ?? '';
        field.focus({ preventScroll: true });
        field.setSelectionRange(field.value.length, field.value.length);
        this.#stand();
    }

    #typed() {
        const field = /** @type {HTMLTextAreaElement} */ (the('[data-part="field"]', /** @type {HTMLElement} */ (this.#box)));
        this.#notebook.change(this.#key, { text: field.value });
    }

    /** @param {Element} target */
    #clicked(target) {
        const button = /** @type {HTMLElement | null} */ (target.closest('button'));
        if (!button) {
            if (target.closest('[data-part="note"]') && !target.closest('a') && getSelection()?.isCollapsed) this.#write();
            return;
        }
        const { ink, do: deed } = button.dataset;
        if (ink) return this.#notebook.change(this.#key, { colour: ink });
        if (deed === 'close') return this.close();
        if (deed === 'mine' || deed === 'theirs') return this.#choose(deed);
        if (deed === 'write') return this.#isWriting ? this.close() : this.#write();
        const mark = this.#notebook.mark(this.#key);
        if (!mark || !deed) return;
        if (deed !== 'copy') this.close({ isGentle: deed === 'ask' });
        this.dispatchEvent(new CustomEvent('do', { detail: { deed, mark } }));
    }

    /** Of two texts of the note, take one. @param {'mine' | 'theirs'} which */
    #choose(which) {
        if (which === 'mine') this.#notebook.keepMine(this.#key);
        else this.#notebook.takeTheirs(this.#key);
        const box = /** @type {HTMLElement} */ (this.#box);
        if (this.#isWriting) this.#write();
        else box.focus({ preventScroll: true });
    }

    /** @param {KeyboardEvent} event */
    #keyed(event) {
        if (!this.#box || event.isComposing || document.querySelector('dialog[open]')) return;
        const isDone = event.key === 'Enter' && (event.ctrlKey || event.metaKey) && this.#isWriting;
        if (event.key !== 'Escape' && !isDone) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        this.close();
    }
}

/**
 * A note as the server wrote it; its bare words until the server has.
 * @param {import('./annotations_store.js').Mark} mark
 * @returns {Node[]}
 */
export function rendered({ html, text }) {
    return html ? [...parsed(`<div>${html}</div>`).childNodes] : [make('p', { class: 'bare' }, text)];
}
