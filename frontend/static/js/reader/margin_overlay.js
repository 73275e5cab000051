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
 * Put a box that is in the scrolling text above some words, or below them where there is more room.
 * @param {HTMLElement} box
 * @param {{ scroll: HTMLElement, rects: DOMRect[], isBelow?: boolean, gap?: number }} where
 */
export function stand(box, { scroll, rects, isBelow = false, gap = GAP }) {
    const room = scroll.getBoundingClientRect();
    const [first, last] = [rects[0], rects[rects.length - 1]];
    const [width, height] = [box.offsetWidth, box.offsetHeight];
    const hasRoomAbove = first.top - GAP - height >= room.top + EDGE;
    const isUnder = isBelow || (!hasRoomAbove && room.bottom - last.bottom > Math.min(first.top - room.top, height));
    const lowest = room.bottom - height - EDGE;
    const wished = isUnder ? Math.max(last.bottom, room.top) + gap : first.top - GAP - height;
    const top = Math.max(room.top + EDGE, Math.min(wished, lowest));
    const at = isUnder ? last : first;
    const middle = Math.min(Math.max((at.left + at.right) / 2, room.left), room.right);
    const left = Math.max(room.left + EDGE, Math.min(middle - width / 2, room.left + scroll.clientWidth - width - EDGE));
    box.classList.toggle('below', isUnder);
    box.style.top = `${top - room.top + scroll.scrollTop}px`;
    box.style.left = `${left - room.left + scroll.scrollLeft}px`;
    box.style.setProperty('--arrow', `${Math.max(16, Math.min(middle - left, width - 16))}px`);
}
