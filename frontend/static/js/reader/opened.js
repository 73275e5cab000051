// @ts-check
/** How a book is shown: its text set by the browser, or its printed pages; with what is laid over either. */

import { given, the } from '../lib/dom.js';
import { LeafLayers } from './leaf_layers.js';
import { Leaves } from './leaves.js';
import { SheetLayers } from './sheet_layers.js';
import { keptSheets } from './sheet_choice.js';
import { Sheets } from './sheets.js';

/**
 * @param {any} reading what books/views/reader.py tells the page
 * @param {HTMLElement} scroll
 * @returns {{ view: import('./view.js').View, layers: import('./view.js').Layers, leaves: Leaves | null, sheets: Sheets | null }} one of the two
 */
export function opened({ book, section, offset, starts, language }, scroll) {
    const text = the('[data-part="leaves"]', scroll);
    const list = /** @type {HTMLElement | null} */ (scroll.querySelector('[data-part="sheets"]'));
    const place = { section, offset };
    const count = starts.length;
    if (list && document.body.dataset.view === 'pages') {
        text.replaceChildren();
        const sheets = new Sheets({ scroll, list }, { book, count, place, language }, given('sheets-data'), keptSheets().zoom);
        return { view: sheets, layers: new SheetLayers(sheets), leaves: null, sheets };
    }
    const leaves = new Leaves({ scroll, list: text }, { book, count, place });
    return { view: leaves, layers: new LeafLayers(leaves), leaves, sheets: null };
}
