// @ts-check
/**
 * The links of printed pages, laid over them: to a place in this book, or out of it in a new tab. Where one leads is told
 * beside it, as the file may say anything in its words.
 */

import { fragment, Refusal } from '../lib/api.js';
import { make } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';
import { isPlain } from './notes.js';

const TOGETHER = 64; // pages: books/formats/pdf/links.py looks at so many in one go
const LATER = 400; // milliseconds: pictures and words come first
const LONGEST = 120; // characters of a name
const SCHEMES = ['https:', 'http:', 'mailto:'];

/** @typedef {import('./sheets.js').Sheets} Sheets */
/** @typedef {import('./sheet_page.js').SheetPage} SheetPage */
/** @typedef {import('./sheet_words.js').Box} Box */
/** @typedef {[Box[], string | number, number]} Row boxes, an address or a page of the file, how far down that page */

/**
 * What one is told of an address: where it leads first, as its path may say anything. Null when it is not to be opened.
 * @param {string} address
 * @returns {{ host: string, rest: string } | null}
 */
export function toldOf(address) {
    const url = URL.canParse(address) ? new URL(address) : null;
    if (!url || !SCHEMES.includes(url.protocol)) return null;
    if (url.protocol === 'mailto:') return { host: url.pathname, rest: '' };
    return { host: url.host, rest: `${url.pathname}${url.search}${url.hash}`.replace(/^\/$/, '') };
}

/** @param {import('./desk.js').Desk} desk @param {Sheets} sheets */
export function wireLinks(desk, sheets) {
    /** @type {Map<number, Promise<Record<string, Row[]>>>} */
    const runs = new Map();
    const tip = new Tip(sheets.list);

    /** The links of a page and those around it, asked for once. @param {number} number */
    async function of(number) {
        const run = Math.floor(number / TOGETHER);
        const coming = runs.get(run) ?? later().then(() => fragment(`${sheets.address(number)}/links?v=${sheets.version}`)).then((answer) => JSON.parse(answer).links);
        runs.set(run, coming);
        try {
            return (await coming)[number] ?? [];
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            runs.delete(run); // the next page that is looked at asks again
            return [];
        }
    }

    sheets.addEventListener('page', async (event) => {
        const page = /** @type {SheetPage} */ (/** @type {CustomEvent} */ (event).detail);
        const rows = await of(sheets.numberOf(page.index));
        const links = rows.flatMap((row) => linkOf(row, page, sheets) ?? []);
        if (links.length && page.element.isConnected) page.element.append(make('div', { class: 'pagelinks' }, ...links));
    });
    sheets.list.addEventListener('click', (event) => {
        const link = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('.pagelinks a[data-sheet]'));
        if (!link || !isPlain(event)) return;
        event.preventDefault();
        tip.hide();
        follow(desk, sheets, Number(link.dataset.sheet), Number(link.dataset.down));
    });
}

/** @param {import('./desk.js').Desk} desk @param {Sheets} sheets @param {number} index @param {number} down */
function follow(desk, sheets, index, down) {
    desk.leave();
    sheets.go(index, { down });
    sheets.land(index, down);
    desk.say(sheets.nameOf(index));
}

/** @returns {Promise<void>} */
const later = () => new Promise((done) => setTimeout(done, LATER));

/** @param {Row} row @param {SheetPage} page @param {Sheets} sheets */
function linkOf([boxes, target, down], page, sheets) {
    const words = boxes.map((box) => page.words?.inside(box) ?? '').join(' ').trim();
    const name = words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words;
    const link = typeof target === 'number' ? inner(target, down, name, sheets) : outer(target, name);
    if (!link) return null;
    const [wide, high] = page.size;
    const whole = around(boxes);
    Object.assign(link.style, placed(whole, [0, 0, wide, high]));
    for (const box of boxes) {
        const part = make('i');
        Object.assign(part.style, placed(box, whole));
        link.append(part);
    }
    return link;
}

/** @param {number} number @param {number} down @param {string} name @param {Sheets} sheets */
function inner(number, down, name, sheets) {
    const index = sheets.indexOf(number);
    if (index < 0) return null;
    const page = sheets.nameOf(index);
    const { section, offset } = sheets.startOf(index);
    const label = name ? fill(gettext('%(words)s (%(target)s)'), { words: name, target: page }) : page;
    return make('a', { href: `?section=${section}&start=${offset}`, draggable: 'false', 'aria-label': label, 'data-sheet': index, 'data-down': down, 'data-told': page });
}

/** @param {string} address @param {string} name */
function outer(address, name) {
    const told = toldOf(address);
    if (!told) return null;
    const sentence = name ? gettext('%(words)s (%(target)s, opens in a new tab)') : gettext('%(target)s (opens in a new tab)');
    const label = fill(sentence, { words: name, target: told.host });
    return make('a', { href: address, target: '_blank', rel: 'noopener noreferrer', draggable: 'false', 'aria-label': label, 'data-told': told.host, 'data-rest': told.rest || null, class: 'outside' });
}

/** @param {Box[]} boxes @returns {Box} */
function around(boxes) {
    const edge = (/** @type {number} */ at, /** @type {(...numbers: number[]) => number} */ most) => most(...boxes.map((box) => box[at]));
    return [edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)];
}

/** @param {Box} box @param {Box} within */
function placed([left, top, right, bottom], [x, y, across, down]) {
    const [wide, high] = [across - x, down - y];
    return { left: share((left - x) / wide), top: share((top - y) / high), width: share((right - left) / wide), height: share((bottom - top) / high) };
}

/** @param {number} part */
const share = (part) => `${(100 * part).toFixed(4)}%`;

/** Where the link leads that is under the pointer or has the focus; Escape takes it away (WCAG 1.4.13). */
class Tip {
    #element = make('p', { class: 'linktip', 'aria-hidden': 'true', hidden: true }, make('b'), make('span'));
    /** @type {any} */ #timer = null;

    /** @param {HTMLElement} list */
    constructor(list) {
        document.body.append(this.#element);
        const linkOf = (/** @type {Event} */ event) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.('.pagelinks a'));
        for (const come of ['pointerover', 'focusin']) {
            list.addEventListener(come, (event) => {
                const link = linkOf(event);
                const isShown = link && (come === 'focusin' ? link.matches(':focus-visible') : /** @type {PointerEvent} */ (event).pointerType === 'mouse');
                if (isShown) this.#show(link);
            });
        }
        for (const go of ['pointerout', 'focusout']) list.addEventListener(go, (event) => linkOf(event) && this.#later());
        this.#element.addEventListener('pointerenter', () => clearTimeout(this.#timer));
        this.#element.addEventListener('pointerleave', () => this.#later());
        for (const end of ['scroll', 'keydown']) document.addEventListener(end, (event) => (end === 'scroll' || /** @type {KeyboardEvent} */ (event).key === 'Escape') && this.hide(), { capture: true, passive: true });
    }

    /** @param {HTMLElement} link */
    #show(link) {
        clearTimeout(this.#timer);
        const [host, rest] = this.#element.children;
        host.textContent = link.dataset.told ?? '';
        rest.textContent = link.dataset.rest ?? '';
        this.#element.classList.toggle('outside', link.classList.contains('outside'));
        this.#element.hidden = false;
        const box = (link.firstElementChild ?? link).getBoundingClientRect();
        const { width, height } = this.#element.getBoundingClientRect();
        const top = box.bottom + 6 + height < innerHeight ? box.bottom + 6 : box.top - 6 - height;
        this.#element.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
        this.#element.style.top = `${top}px`;
    }

    #later() {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.hide(), 120);
    }

    hide() {
        clearTimeout(this.#timer);
        this.#element.hidden = true;
    }
}
