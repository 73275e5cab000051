// @ts-check
/** Elements that stand over the text and move with it. Their places are given in pixels of the window. */

import { make } from '../lib/dom.js';

export class Overlay {
    #scroll;

    /** @param {HTMLElement} scroll what scrolls the text @param {string} name */
    constructor(scroll, name) {
        this.#scroll = scroll;
        this.element = make('div', { class: `overlay ${name}`, 'data-skip': true });
        scroll.append(this.element);
    }

    /**
     * Move elements to where rectangles of the window are; one without a rectangle is not shown.
     * @param {{ element: HTMLElement, rect: { left: number, top: number, width?: number, height?: number } | null }[]} all
     */
    put(all) {
        const { left: x, top: y } = this.element.getBoundingClientRect();
        for (const { element, rect } of all) {
            element.hidden = !rect;
            if (!rect) continue;
            element.style.left = `${rect.left - x}px`;
            element.style.top = `${rect.top - y}px`;
            if (rect.width !== undefined) element.style.width = `${rect.width}px`;
            if (rect.height !== undefined) element.style.height = `${rect.height}px`;
        }
    }

    /** The room of the text on the screen. */
    get room() {
        return this.#scroll.getBoundingClientRect();
    }
}

const GAP = 10; // pixels between words and what stands over them
const EDGE = 8;

/**
 * Put a box above some words, or below them where there is more room. It stands beside the text, not in it: the text
 * may run upright, or from right to left.
 * @param {HTMLElement} box
 * @param {{ scroll: HTMLElement, rects: DOMRect[], isBelow?: boolean, gap?: number }} where
 */
export function stand(box, { scroll, rects, isBelow = false, gap = GAP }) {
    const room = scroll.getBoundingClientRect();
    const seen = rects.filter(({ top, bottom, left, right }) => bottom > room.top && top < room.bottom && right > room.left && left < room.right);
    box.style.visibility = seen.length ? '' : 'hidden';
    if (!seen.length) return;
    const [first, last] = [seen[0], seen[seen.length - 1]];
    const [width, height] = [box.offsetWidth, box.offsetHeight];
    const hasRoomAbove = first.top - GAP - height >= room.top + EDGE;
    const isUnder = isBelow || (!hasRoomAbove && room.bottom - last.bottom > Math.min(first.top - room.top, height));
    const wished = isUnder ? last.bottom + gap : first.top - GAP - height;
    const top = Math.max(room.top + EDGE, Math.min(wished, room.bottom - height - EDGE));
    const at = isUnder ? last : first;
    const middle = Math.min(Math.max((at.left + at.right) / 2, room.left), room.right);
    const left = Math.max(room.left + EDGE, Math.min(middle - width / 2, room.left + scroll.clientWidth - width - EDGE));
    const from = /** @type {Element} */ (box.offsetParent ?? document.body).getBoundingClientRect();
    box.classList.toggle('below', isUnder);
    box.style.top = `${top - from.top}px`;
    box.style.left = `${left - from.left}px`;
    box.style.setProperty('--arrow', `${Math.max(16, Math.min(middle - left, width - 16))}px`);
}

/**
 * Call whenever the text stands elsewhere on the screen.
 * @param {import('./view.js').View} view
 * @param {() => void} moved
 */
export function following(view, moved) {
    view.addEventListener('layout', moved);
    view.element.addEventListener('scroll', moved, { passive: true });
}

/** What boxes over the text are put into. */
export const desktop = () => /** @type {HTMLElement} */ (document.querySelector('.sheet'));

/** Whether boxes over the text lie at the foot of the screen: css/marks.css says where. */
export const isPhone = () => matchMedia('(max-width: 60rem)').matches;
