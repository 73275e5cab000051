// @ts-check
/**
 * When the reader's selection has settled: after the button is let go, after the handles of a phone stood still for a
 * moment, after the last key. Event: `selected` (detail: Selected | null).
 */

const STILL = 350; // milliseconds without a change, for handles and keys

export class SelectionWatch extends EventTarget {
    #text;
    #read;
    #isPressed = false;
    #isShown = false;
    /** @type {any} */ #timer = null;

    /** @param {HTMLElement} text @param {() => import('./view.js').Selected | null} read */
    constructor(text, read) {
        super();
        this.#text = text;
        this.#read = read;
        text.addEventListener('pointerdown', (event) => (this.#isPressed = event.pointerType !== 'touch'));
        addEventListener('pointerup', () => this.#released());
        addEventListener('pointercancel', () => this.#released());
        document.addEventListener('selectionchange', () => this.#changed());
    }

    #released() {
        if (!this.#isPressed) return;
        this.#isPressed = false;
        // The click that empties a selection does so after its button is up.
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#tell(), 0);
    }

    #changed() {
        const selected = getSelection();
        const isOurs = selected && !selected.isCollapsed && this.#text.contains(selected.anchorNode);
        clearTimeout(this.#timer);
        if (!isOurs) {
            if (this.#isShown && !isInPop(document.activeElement)) this.#say(null);
        } else if (!this.#isPressed) this.#timer = setTimeout(() => this.#tell(), STILL);
    }

    #tell() {
        const selected = this.#read();
        if (selected || this.#isShown) this.#say(selected);
    }

    /** @param {import('./view.js').Selected | null} selected */
    #say(selected) {
        this.#isShown = selected !== null;
        this.dispatchEvent(new CustomEvent('selected', { detail: selected }));
    }
}

/** Whether the focus is in a panel of ours: what is selected there is not the reader's choice in the text. @param {Element | null} element */
const isInPop = (element) => element?.closest('.pop') !== null && element !== null;
