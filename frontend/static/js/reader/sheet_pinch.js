// @ts-check
/** Zoom with two fingers, or with the wheel while Ctrl is held (which is how browsers tell of a touchpad's pinch). */

import { LEAST, MOST } from './sheet_layout.js';

const WHEEL = 0.0022; // of the zoom, for each pixel of the wheel
const NOTCH = 60; // pixels: one notch of a mouse wheel tells more than it means

/** @param {import('./sheets.js').Sheets} sheets */
export function wirePinch(sheets) {
    const { element } = sheets;
    let wanted = 0;
    /** @type {{ x: number, y: number }} */ let at = { x: 0, y: 0 };
    let isAwaitingFrame = false;
    let apart = 0;
    /** @type {any} */ let timer = null;

    /** @param {number} factor @param {{ x: number, y: number }} point */
    function by(factor, point) {
        wanted = Math.min(MOST, Math.max(LEAST, (wanted || sheets.percent) * factor));
        at = point;
        clearTimeout(timer);
        timer = setTimeout(() => (wanted = 0), 300);
        if (isAwaitingFrame) return;
        isAwaitingFrame = true;
        requestAnimationFrame(() => {
            isAwaitingFrame = false;
            if (wanted) sheets.setZoom(wanted, at);
        });
    }

    element.addEventListener('wheel', (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        const moved = Math.max(-NOTCH, Math.min(NOTCH, event.deltaMode ? event.deltaY * 20 : event.deltaY));
        by(Math.exp(-moved * WHEEL * (Math.abs(moved) < 20 ? 4 : 1)), { x: event.clientX, y: event.clientY });
    }, { passive: false });

    element.addEventListener('touchstart', (event) => {
        if (event.touches.length === 2) apart = distance(event.touches);
    }, { passive: true });
    element.addEventListener('touchmove', (event) => {
        if (event.touches.length !== 2 || !apart) return;
        event.preventDefault();
        const now = distance(event.touches);
        by(now / apart, middle(event.touches));
        apart = now;
    }, { passive: false });
    element.addEventListener('touchend', (event) => {
        if (event.touches.length < 2) apart = 0;
    });
}

/** @param {TouchList} touches */
const distance = ([one, other]) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);

/** @param {TouchList} touches */
const middle = ([one, other]) => ({ x: (one.clientX + other.clientX) / 2, y: (one.clientY + other.clientY) / 2 });
