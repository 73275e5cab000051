// @ts-check
/** What a reader does with printed pages: zoom, go to one, see them small, have them dark, or read the text instead. */

import { the } from '../lib/dom.js';
import { toast } from '../lib/toasts.js';
import { fill, gettext } from '../lib/words.js';
import { setDrawer, togglePanel } from './drawers.js';
import { LEAST, MOST, nextZoom, pageNamed } from './sheet_layout.js';
import { keepSheets, keptSheets } from './sheet_choice.js';
import { wireLinks } from './sheet_links.js';
import { Thumbs } from './sheet_thumbs.js';
import { wirePinch } from './sheet_pinch.js';

/** @typedef {import('./desk.js').Desk} Desk */
/** @typedef {import('./sheets.js').Sheets} Sheets */

/**
 * Wire the tools of a book that has printed pages.
 * @param {Desk} desk
 * @param {Sheets | null} sheets null while its text is shown instead
 * @returns {((by: number) => void) | null} larger or smaller, for the keys
 */
export function wireSheets(desk, sheets) {
    const panel = document.querySelector('[data-part="sheet-settings"]');
    if (!panel) return null;
    wireChoice(desk, /** @type {HTMLElement} */ (panel));
    if (!sheets) return null;
    const resize = wireZoom(sheets, /** @type {HTMLElement} */ (panel));
    wirePaper(/** @type {HTMLElement} */ (panel));
    wirePlace(desk, sheets);
    wireSpread(sheets, /** @type {HTMLElement} */ (panel));
    wirePinch(sheets);
    wireLinks(desk, sheets);
    desk.layers.addEventListener('unplaced', () => {
        toast(gettext('These words stand on no printed page, so nothing is marked. They can be seen in the text.'));
    });
    return resize;
}

/** Pages or text, kept for this book. @param {Desk} desk @param {HTMLElement} panel */
function wireChoice(desk, panel) {
    const now = document.body.dataset.view ?? 'text';
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (panel.querySelectorAll('[data-view-set]'))) {
        button.setAttribute('aria-pressed', String(button.dataset.viewSet === now));
        button.addEventListener('click', () => {
            if (button.dataset.viewSet === now) return;
            keepSheets({ text: { ...keptSheets().text, [desk.book]: button.dataset.viewSet === 'text' } });
            const { section, offset } = desk.view.place;
            const query = new URLSearchParams(location.search);
            query.delete('end');
            query.set('section', String(section));
            query.set('start', String(offset));
            location.replace(`?${query}`);
        });
    }
}

/** @param {Sheets} sheets @param {HTMLElement} panel */
function wireZoom(sheets, panel) {
    const said = the('[data-part="zoom"]', panel);
    const show = () => {
        said.textContent = fill(gettext('%(percent)s%'), { percent: sheets.percent });
        for (const button of panel.querySelectorAll('[data-zoom-set]')) button.setAttribute('aria-pressed', String(button.getAttribute('data-zoom-set') === sheets.zoom));
        for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (panel.querySelectorAll('[data-zoom-by]'))) {
            button.disabled = button.dataset.zoomBy === '1' ? sheets.percent >= MOST : sheets.percent <= LEAST;
        }
    };
    const resize = (/** @type {number} */ by) => sheets.setZoom(nextZoom(sheets.percent, by));
    panel.addEventListener('click', (event) => {
        const { zoomSet, zoomBy } = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('button'))?.dataset ?? {};
        if (zoomBy) resize(Number(zoomBy));
        else if (zoomSet) sheets.setZoom(/** @type {'width' | 'page'} */ (zoomSet));
    });
    sheets.addEventListener('zoom', () => {
        keepSheets({ zoom: sheets.zoom });
        show();
    });
    sheets.addEventListener('layout', show);
    sheets.addEventListener('sheet', show);
    show();
    return resize;
}

/** Say why two pages are not shown side by side, where there is no room for them. @param {Sheets} sheets @param {HTMLElement} panel */
function wireSpread(sheets, panel) {
    const hint = the('[data-part="no-spread"]', panel);
    const show = () => (hint.hidden = sheets.isDouble || document.documentElement.dataset.spread !== 'two');
    sheets.addEventListener('layout', show);
    show();
}

/** How bright the paper is. @param {HTMLElement} panel */
function wirePaper(panel) {
    const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (panel.querySelectorAll('[data-paper-set]'));
    const show = (/** @type {string} */ paper) => {
        document.body.dataset.paper = paper;
        for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.paperSet === paper));
    };
    for (const button of buttons) {
        button.addEventListener('click', () => {
            const paper = button.dataset.paperSet ?? '';
            keepSheets({ paper });
            show(paper);
        });
    }
    show(keptSheets().paper);
}

/** The line that says which page this is, and the panel to go to another. @param {Desk} desk @param {Sheets} sheets */
function wirePlace(desk, sheets) {
    const line = the('[data-part="sheet-name"]');
    const count = sheets.labels.length;
    const show = () => {
        const [label, number, last] = [sheets.labels[sheets.sheet], sheets.sheet + 1, sheets.beside + 1];
        let sentence = label === String(number) ? gettext('Page %(number)s of %(count)s') : gettext('Page %(number)s (%(label)s) of %(count)s');
        if (last !== number) sentence = gettext('Pages %(number)s–%(last)s of %(count)s');
        line.textContent = fill(sentence, { number, label, count, last });
    };
    const leap = (/** @type {number} */ index) => {
        desk.leave();
        sheets.go(index);
    };
    const go = (/** @type {number} */ index) => {
        leap(index);
        togglePanel('pages');
        sheets.element.focus({ preventScroll: true });
    };
    sheets.addEventListener('sheet', show);
    sheets.addEventListener('layout', show);
    show();
    const thumbs = new Thumbs(the('#pages'), sheets, { hasFocus: true });
    thumbs.addEventListener('go', (event) => go(/** @type {CustomEvent} */ (event).detail));
    new Thumbs(the('#drawer-pages'), sheets, { hasFocus: false }).addEventListener('go', (event) => {
        leap(/** @type {CustomEvent} */ (event).detail);
        if (!matchMedia('(max-width: 84rem)').matches) return; // beside the text it stays, and so does the focus
        setDrawer('toc', 'shut', { hasFocus: false });
        sheets.element.focus({ preventScroll: true });
    });
    the('[data-part="close-pages"]').addEventListener('click', () => togglePanel('pages'));
    wireGoTo(sheets, go);
}

/** The field that takes a label or a number. @param {Sheets} sheets @param {(index: number) => void} go */
function wireGoTo(sheets, go) {
    const form = /** @type {HTMLFormElement} */ (the('#pages form'));
    const field = /** @type {HTMLInputElement} */ (the('input', form));
    const wrong = the('[data-part="no-page"]', form);
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        const index = pageNamed(sheets.labels, field.value);
        wrong.hidden = index >= 0 || !field.value.trim();
        field.setAttribute('aria-invalid', String(!wrong.hidden));
        if (index < 0) return;
        field.value = '';
        go(index);
    });
}
