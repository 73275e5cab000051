// @ts-check
/**
 * The line below the text as a slider over the whole book: a click or a drag goes there, the keys too, and a tip says
 * what stands where the pointer is. Events: `go` (detail: share of the book), `turn` (detail: chapters on or back).
 */

const KEYS = /** @type {Record<string, number>} */ ({ ArrowRight: 0.01, ArrowUp: 0.01, ArrowLeft: -0.01, ArrowDown: -0.01 });
const SETTLED = 350; // milliseconds after the last key

export class Slider extends EventTarget {
    #line;
    #tip;
    #name;
    #share = 0;
    #isHeld = false;
    /** @type {any} */ #timer = null;

    /**
     * @param {HTMLElement} line
     * @param {HTMLElement} tip
     * @param {(share: number) => { title: string, where: string }} name what stands at a share of the book
     */
    constructor(line, tip, name) {
        super();
        this.#line = line;
        this.#tip = tip;
        this.#name = name;
        line.addEventListener('pointerdown', (event) => this.#down(event));
        line.addEventListener('pointermove', (event) => this.#show(this.#shareOf(event)));
        line.addEventListener('pointerup', (event) => this.#up(event));
        line.addEventListener('pointercancel', () => this.#hide());
        line.addEventListener('pointerleave', () => !this.#isHeld && this.#hide());
        line.addEventListener('keydown', (event) => this.#key(event));
        line.addEventListener('blur', () => this.#hide());
    }

    /** @param {number} share @param {string} words */
    set(share, words) {
        if (this.#timer) return; // the keys have moved the handle on: the text follows
        this.#put(share, words);
    }

    /** @param {number} share @param {string} words */
    #put(share, words) {
        this.#share = share;
        this.#line.setAttribute('aria-valuenow', String(Math.round(share * 100)));
        this.#line.setAttribute('aria-valuetext', words);
    }

    /** @param {PointerEvent} event */
    #down(event) {
        if (event.button) return;
        this.#isHeld = true;
        this.#line.setPointerCapture(event.pointerId);
        this.#show(this.#shareOf(event));
    }

    /** @param {PointerEvent} event */
    #up(event) {
        if (!this.#isHeld) return;
        this.#isHeld = false;
        if (event.pointerType !== 'mouse') this.#hide();
        this.dispatchEvent(new CustomEvent('go', { detail: this.#shareOf(event) }));
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const { key } = event;
        const by = KEYS[key];
        if (key === 'PageUp' || key === 'PageDown') this.dispatchEvent(new CustomEvent('turn', { detail: key === 'PageUp' ? 1 : -1 }));
        else if (by || key === 'Home' || key === 'End') this.#move(by ? this.#share + by : key === 'Home' ? 0 : 1);
        else return;
        event.preventDefault();
        event.stopPropagation();
    }

    /** Keys move the handle at once, the text when they rest. @param {number} share */
    #move(share) {
        const wanted = Math.min(1, Math.max(0, share));
        this.#show(wanted);
        const { title, where } = this.#name(wanted);
        this.#put(wanted, [title, where].filter(Boolean).join('. '));
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
            this.#timer = null;
            this.dispatchEvent(new CustomEvent('go', { detail: wanted }));
        }, SETTLED);
    }

    /** @param {PointerEvent} event */
    #shareOf({ clientX }) {
        const { left, width } = this.#line.getBoundingClientRect();
        return Math.min(1, Math.max(0, (clientX - left) / width));
    }

    /** @param {number} share */
    #show(share) {
        const { title, where } = this.#name(share);
        const [first, second] = this.#tip.children;
        first.textContent = title;
        second.textContent = where;
        this.#tip.hidden = false;
        const { width } = this.#line.getBoundingClientRect();
        const half = this.#tip.offsetWidth / 2;
        const centre = Math.min(Math.max(share * width, half), Math.max(half, width - half));
        this.#tip.style.left = `${centre + this.#line.offsetLeft}px`;
        this.#line.style.setProperty('--at', `${share * 100}%`);
        this.#line.classList.add('held');
    }

    #hide() {
        this.#isHeld = false;
        this.#tip.hidden = true;
        this.#line.classList.remove('held');
    }
}
