// @ts-check
/** How this reader likes printed pages. Kept in this browser; pages/early_sheets.js reads the same note. */

import { zoomFrom } from './sheet_layout.js';

const NOTE = 'sheets';

/** @returns {{ zoom: import('./sheet_layout.js').Zoom, paper: string, text: Record<string, boolean> }} `text`: books shown as text */
export function keptSheets() {
    let kept;
    try {
        kept = JSON.parse(localStorage.getItem(NOTE) ?? '{}') ?? {};
    } catch {
        kept = {};
    }
    const paper = ['dim', 'dark'].includes(kept.paper) ? kept.paper : 'white';
    return { zoom: zoomFrom(kept.zoom) ?? 'width', paper, text: typeof kept.text === 'object' && kept.text ? kept.text : {} };
}

/** @param {Partial<ReturnType<typeof keptSheets>>} change */
export function keepSheets(change) {
    try {
        localStorage.setItem(NOTE, JSON.stringify({ ...keptSheets(), ...change }));
    } catch {
        // a browser that keeps nothing still reads
    }
}
