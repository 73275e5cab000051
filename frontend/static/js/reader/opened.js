// @ts-check
/**
 * How a book is shown: its text set by the browser, or its printed pages; with what is laid over either. The modules of
 * printed pages are fetched for books that have them and for no others.
 */

import { given, the } from '../lib/dom.js';
import { LeafLayers } from './leaf_layers.js';
import { Leaves } from './leaves.js';

/** @typedef {import('./sheets.js').Sheets} Sheets */
/** @typedef {(desk: import('./desk.js').Desk) => ((by: number) => void) | null} Wire gives what makes pages larger or smaller */

/**
 * @param {any} reading what books/views/reader.py tells the page
 * @param {HTMLElement} scroll
 * @returns {Promise<{
 *     view: import('./view.js').View, layers: import('./view.js').Layers, leaves: Leaves | null, sheets: Sheets | null, wireSheets: Wire,
 * }>} leaves or sheets
 */
export async function opened({ book, section, offset, starts, language }, scroll) {
    const text = the('[data-part="leaves"]', scroll);
    const list = /** @type {HTMLElement | null} */ (scroll.querySelector('[data-part="sheets"]'));
    const place = { section, offset };
    const count = starts.length;
    const printed = list && (await import('./sheet_view.js'));
    if (list && printed && document.body.dataset.view === 'pages') {
        text.replaceChildren();
        const sheets = new printed.Sheets({ scroll, list }, { book, count, place, language }, given('sheets-data'), printed.keptSheets().zoom);
        const layers = new printed.SheetLayers(sheets);
        return { view: sheets, layers, leaves: null, sheets, wireSheets: (desk) => printed.wireSheets(desk, sheets) };
    }
    const leaves = new Leaves({ scroll, list: text }, { book, count, place });
    const wireSheets = (/** @type {import('./desk.js').Desk} */ desk) => printed?.wireSheets(desk, null) ?? null;
    return { view: leaves, layers: new LeafLayers(leaves), leaves, sheets: null, wireSheets };
}
