// @ts-check
/**
 * How this reader likes the page. Kept in this browser (pages/early.js reads the same note before the first paint) and
 * sent to the server, so that a browser that is new to the reader begins with it.
 */

import { call, Refusal } from '../lib/api.js';
import { the } from '../lib/dom.js';
import { chosenTheme, setTheme } from '../lib/theme.js';
import { fill, gettext } from '../lib/words.js';

export const SIZES = [15, 16, 17, 18, 19, 20, 21, 22, 24, 26, 28, 32];
const SHARED = new Set(['mode', 'size', 'lead', 'measure', 'margins', 'latin', 'cjk', 'para', 'justify', 'hyphens', 'upright', 'theme', 'keys', 'spread']);
const SEND_AFTER = 1200; // milliseconds
const root = document.documentElement;

/** @type {Record<string, string>} */
let unsent = {};
/** @type {any} */
let timer = null;

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
    for (const [name, value] of Object.entries(change)) if (SHARED.has(name)) unsent[name] = value;
    if (!Object.keys(unsent).length) return;
    clearTimeout(timer);
    timer = setTimeout(send, SEND_AFTER);
}

function send() {
    const change = unsent;
    unsent = {};
    if (!Object.keys(change).length) return;
    call('PATCH', 'me/reading', { body: change, keepalive: true }).catch((error) => {
        if (!(error instanceof Refusal)) throw error; // this browser has it; the others hear of the next change
    });
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
 * What a switch says when it was not touched: `on` unless the design has it otherwise.
 * @param {string} name
 */
function isOn(name) {
    const chosen = root.dataset[name];
    if (chosen || name !== 'justify') return chosen !== 'off';
    const words = document.querySelector('.leaf p');
    return words ? getComputedStyle(words).textAlign === 'justify' : false;
}

/**
 * Wire the panel "Type and theme".
 * @param {HTMLElement} panel
 * @param {() => void} changed the text was set anew
 * @returns {(by: number) => void} change the size, for the keys
 */
export function wirePreferences(panel, changed) {
    const apply = (/** @type {string} */ name, /** @type {string} */ value) => {
        if (value) root.dataset[name] = value;
        else delete root.dataset[name];
        keepReading({ [name]: value });
        changed();
        show(panel);
    };
    const resize = (/** @type {number} */ by) => apply('size', String(nextSize(size(), by)));
    panel.addEventListener('click', (event) => {
        const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('button'));
        if (!button) return;
        const { size: by, set, themeSet } = button.dataset;
        if (by) resize(Number(by));
        else if (set) apply(set, button.getAttribute('value') ?? '');
        else if (themeSet !== undefined) {
            setTheme(themeSet);
            keepReading({ theme: themeSet });
        }
        show(panel);
    });
    panel.addEventListener('change', (event) => {
        const { dataset, checked } = /** @type {HTMLInputElement} */ (event.target);
        if (dataset.part === 'keys') keepReading({ keys: checked ? '' : 'off' });
        else if (dataset.switch) apply(dataset.switch, checked ? (dataset.switch === 'justify' ? 'on' : '') : 'off');
    });
    const inKeys = /** @type {HTMLInputElement | null} */ (document.querySelector('#keys [data-switch-keys]'));
    inKeys?.addEventListener('change', () => {
        keepReading({ keys: inKeys.checked ? '' : 'off' });
        show(panel);
    });
    document.addEventListener('themechange', () => show(panel));
    addEventListener('pagehide', send);
    show(panel);
    return resize;
}

/** @param {HTMLElement} panel */
function show(panel) {
    for (const button of panel.querySelectorAll('button')) {
        const { set, themeSet } = button.dataset;
        if (set) button.setAttribute('aria-pressed', String((root.dataset[set] ?? '') === button.value));
        if (themeSet !== undefined) button.setAttribute('aria-pressed', String(chosenTheme() === themeSet));
    }
    the('[data-part="size"]', panel).textContent = fill(gettext('%(size)s px'), { size: size() });
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (panel.querySelectorAll('[data-switch]'))) box.checked = isOn(box.dataset.switch ?? '');
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('[data-part="keys"], [data-switch-keys]'))) box.checked = hasKeys();
}
