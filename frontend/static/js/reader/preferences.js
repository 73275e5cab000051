// @ts-check
/** How this reader likes the page. Kept in this browser; pages/early.js reads the same note before the first paint. */

import { the } from '../lib/dom.js';
import { chosenTheme, setTheme } from '../lib/theme.js';
import { fill, gettext } from '../lib/words.js';

export const SIZES = [15, 16, 17, 18, 19, 20, 21, 22, 24, 26, 28];
const root = document.documentElement;

/** @returns {Record<string, string>} */
export function keptReading() {
    try {
        return JSON.parse(localStorage.getItem('reading') ?? '{}');
    } catch {
        return {};
    }
}

/** @param {Record<string, string>} change */
export function keepReading(change) {
    try {
        localStorage.setItem('reading', JSON.stringify({ ...keptReading(), ...change }));
    } catch {
        // a browser that keeps nothing still reads
    }
}

/** Whether single keys do something (WCAG 2.1.4). */
export const hasKeys = () => keptReading().keys !== 'off';

/** The size in pixels, as chosen or as the page sets it. */
function size() {
    const leaf = document.querySelector('.leaf');
    return Number(root.dataset.size) || Math.round(Number.parseFloat(leaf ? getComputedStyle(leaf).fontSize : '19'));
}

/**
 * The next size in a direction.
 * @param {number} now
 * @param {number} by
 */
export function nextSize(now, by) {
    const further = SIZES.filter((one) => (by > 0 ? one > now : one < now));
    return (by > 0 ? further[0] : further.at(-1)) ?? now;
}

/**
 * Wire the panel "Type and theme".
 * @param {HTMLElement} panel
 * @param {() => void} changed the text was set anew
 * @returns {(by: number) => void} change the size, for the keys
 */
export function wirePreferences(panel, changed) {
    const resize = (/** @type {number} */ by) => apply('size', String(nextSize(size(), by)), panel, changed);
    panel.addEventListener('click', (event) => {
        const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('button'));
        if (!button) return;
        const { size: by, set, themeSet } = button.dataset;
        if (by) resize(Number(by));
        else if (set) apply(set, button.getAttribute('value') ?? '', panel, changed);
        else if (themeSet !== undefined) setTheme(themeSet);
        show(panel);
    });
    panel.addEventListener('change', (event) => {
        const { dataset, checked } = /** @type {HTMLInputElement} */ (event.target);
        if (dataset.part === 'justify') apply('justify', checked ? 'on' : '', panel, changed);
        if (dataset.part === 'keys') keepReading({ keys: checked ? '' : 'off' });
    });
    show(panel);
    return resize;
}

/**
 * @param {string} name
 * @param {string} value '' is as the design has it
 * @param {HTMLElement} panel
 * @param {() => void} changed
 */
function apply(name, value, panel, changed) {
    if (value) root.dataset[name] = value;
    else delete root.dataset[name];
    keepReading({ [name]: value });
    changed();
    show(panel);
}

/** @param {HTMLElement} panel */
function show(panel) {
    for (const button of panel.querySelectorAll('button')) {
        const { set, themeSet } = button.dataset;
        if (set) button.setAttribute('aria-pressed', String((root.dataset[set] ?? '') === button.value));
        if (themeSet !== undefined) button.setAttribute('aria-pressed', String(chosenTheme() === themeSet));
    }
    the('[data-part="size"]', panel).textContent = fill(gettext('%(size)s px'), { size: size() });
    /** @type {HTMLInputElement} */ (the('[data-part="justify"]', panel)).checked = root.dataset.justify === 'on';
    /** @type {HTMLInputElement} */ (the('[data-part="keys"]', panel)).checked = hasKeys();
}
