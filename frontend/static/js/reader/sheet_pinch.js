// @ts-check
/**
 * Zoom with two fingers, or with the wheel while Ctrl is held (which is how browsers tell of a touchpad's pinch). Fingers
 * that make a page smaller than its room leave it fitting; a double tap goes to twice that and back.
 */

import { LEAST, MOST } from './sheet_layout.js';

const WHEEL = 0.0022; // of the zoom, for each pixel of the wheel
const TAP = { long: 250, between: 320, far: 24 }; // milliseconds and pixels of a double tap
const NOTCH = 60; // pixels: one notch of a mouse wheel tells more than it means

/** @typedef {{ x: number, y: number, time: number }} Tap */

/**
 * Whether a tap is the second one of two.
 * @param {Tap | null} first
 * @param {Tap} second
 */
export const isDouble = (first, second) =>
    first !== null && second.time - first.time < TAP.between && Math.hypot(second.x - first.x, second.y - first.y) < TAP.far;

/** @param {import('./sheets.js').Sheets} sheets */
export function wirePinch(sheets) {
    const { element } = sheets;
    wireTaps(sheets);
    let wanted = 0;
    /** @type {{ x: number, y: number }} */ let at = { x: 0, y: 0 };
    let isAwaitingFrame = false;
    let apart = 0;
    /** @type {any} */ let timer = null;

    /** @param {number} factor @param {{ x: number, y: number }} point */
    function by(factor, point) {
        wanted = Math.min(MOST, Math.max(Math.min(LEAST, sheets.fitting), (wanted || sheets.percent) * factor));
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
        if (event.touches.length >= 2 || !apart) return;
        apart = 0;
        if ((wanted || sheets.percent) > sheets.fitting) return;
        wanted = 0; // nor what waits for the next frame
        sheets.setZoom('width', at);
    });
}

/** Two taps: twice as large as what fits, around what was tapped, and back. @param {import('./sheets.js').Sheets} sheets */
function wireTaps(sheets) {
    /** @type {Tap | null} */ let down = null;
    /** @type {Tap | null} */ let first = null;
    sheets.element.addEventListener('touchstart', ({ touches, timeStamp: time }) => {
        down = touches.length === 1 ? { x: touches[0].clientX, y: touches[0].clientY, time } : null;
    }, { passive: true });
    sheets.element.addEventListener('touchend', (event) => {
        const { clientX: x, clientY: y } = event.changedTouches[0];
        const tap = { x, y, time: event.timeStamp };
        const isTap = down && tap.time - down.time < TAP.long && Math.hypot(x - down.x, y - down.y) < TAP.far && getSelection()?.isCollapsed;
        const isSecond = isTap && isDouble(first, tap);
        first = isTap && !isSecond ? tap : null;
        if (!isSecond) return;
        event.preventDefault();
        if (sheets.percent > sheets.fitting + 1) sheets.setZoom('width', { x, y });
        else sheets.setZoom(Math.min(MOST, 2 * sheets.fitting), { x, y });
    }, { passive: false });
}

/** @param {TouchList} touches */
const distance = ([one, other]) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);

/** @param {TouchList} touches */
const middle = ([one, other]) => ({ x: (one.clientX + other.clientX) / 2, y: (one.clientY + other.clientY) / 2 });
