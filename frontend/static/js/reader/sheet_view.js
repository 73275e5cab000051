// @ts-check
/** All of the printed pages, for reader/opened.js to fetch at once. */

export { keptSheets } from './sheet_choice.js';
export { SheetLayers } from './sheet_layers.js';
export { wireSheets } from './sheet_tools.js';
export { Sheets } from './sheets.js';
