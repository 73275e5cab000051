// @ts-check
/** The contents and the chat beside the text, and the small panels over it: open, shut, focus, Escape. */

import { keepReading } from './preferences.js';

const floats = matchMedia('(max-width: 84rem)');
const phone = matchMedia('(max-width: 60rem)');

/** @typedef {'toc' | 'chat'} Drawer */

/** @param {Drawer} name */
export const isOpen = (name) => (document.body.dataset[name] ?? 'shut') !== 'shut';

/**
 * @param {Drawer} name
 * @param {'open' | 'shut' | 'full'} state
 * @param {{ hasFocus?: boolean }} [how] whether the focus goes with it
 */
export function setDrawer(name, state, { hasFocus = true } = {}) {
    const wasOpen = isOpen(name);
    document.body.dataset[name] = state;
    tell();
    if (!phone.matches && !(name === 'toc' && floats.matches)) keepReading({ [name]: state === 'full' ? 'open' : state });
    if (hasFocus && wasOpen !== isOpen(name)) moveFocus(name);
    document.dispatchEvent(new CustomEvent('drawer', { detail: { name, state } }));
}

/** @param {Drawer} name */
export const toggle = (name) => setDrawer(name, isOpen(name) ? 'shut' : 'open');

/** Shut what lies on top of the text. @returns {boolean} whether there was something */
export function closeTop() {
    const panel = document.querySelector('.pop[id]:not([hidden])');
    if (panel) {
        showPanel(/** @type {HTMLElement} */ (panel), false);
        return true;
    }
    if (isOpen('toc') && floats.matches) setDrawer('toc', 'shut');
    else if (isOpen('chat') && phone.matches) setDrawer('chat', 'shut');
    else return false;
    return true;
}

/** @param {string} id */
export function togglePanel(id) {
    const panel = document.getElementById(id);
    if (panel) showPanel(panel, panel.hidden);
}

/**
 * @param {HTMLElement} panel
 * @param {boolean} isShown
 */
function showPanel(panel, isShown) {
    for (const other of document.querySelectorAll('.pop[id]:not([hidden])')) if (other !== panel) showPanel(/** @type {HTMLElement} */ (other), false);
    panel.hidden = !isShown;
    const button = /** @type {HTMLElement | null} */ (document.querySelector(`[data-open="${panel.id}"]`));
    button?.setAttribute('aria-expanded', String(isShown));
    if (isShown) firstIn(panel)?.focus();
    else if (panel.contains(document.activeElement) || document.activeElement === document.body) button?.focus();
}

/** Where the focus goes in a panel: its field, else what is chosen, else what comes first. @param {HTMLElement} panel */
function firstIn(panel) {
    const wishes = ['input[type="search"]', '[aria-current], [aria-pressed="true"]', 'a, button'];
    return /** @type {HTMLElement | undefined} */ (wishes.map((wish) => panel.querySelector(wish)).find(Boolean));
}

/** Wire the buttons of the page. */
export function wireDrawers() {
    document.addEventListener('click', (event) => {
        const target = /** @type {Element} */ (event.target);
        const toggled = target.closest('[data-toggle]')?.getAttribute('data-toggle');
        const opened = target.closest('[data-open]')?.getAttribute('data-open');
        if (toggled) toggle(/** @type {Drawer} */ (toggled));
        if (opened) togglePanel(opened);
        else if (!target.closest('.pop')) for (const panel of document.querySelectorAll('.pop[id]:not([hidden])')) showPanel(/** @type {HTMLElement} */ (panel), false);
    });
    wireSheet();
    floats.addEventListener('change', tell);
    tell();
}

/** The chat of a phone is a sheet: pulled by its grip, or tapped to full height and back. */
function wireSheet() {
    const grip = /** @type {HTMLElement | null} */ (document.querySelector('[data-part="grab"]'));
    let from = 0;
    let isPulled = false;
    grip?.addEventListener('pointerdown', (event) => {
        from = event.clientY;
        grip.setPointerCapture(event.pointerId);
    });
    grip?.addEventListener('pointerup', ({ clientY }) => {
        const moved = clientY - from;
        isPulled = Math.abs(moved) > 24;
        if (moved < -24) setDrawer('chat', 'full');
        if (moved > 24) setDrawer('chat', document.body.dataset.chat === 'full' ? 'open' : 'shut');
    });
    grip?.addEventListener('click', () => {
        if (!isPulled) setDrawer('chat', document.body.dataset.chat === 'full' ? 'open' : 'full');
        isPulled = false;
    });
}

/** Say on the buttons what is open, and keep what lies behind a veil out of reach. */
function tell() {
    for (const name of /** @type {Drawer[]} */ (['toc', 'chat'])) {
        for (const button of document.querySelectorAll(`[data-toggle="${name}"][aria-expanded]`)) button.setAttribute('aria-expanded', String(isOpen(name)));
    }
    const isVeiled = isOpen('toc') && floats.matches;
    for (const part of document.querySelectorAll('.sheet, .panel')) part.toggleAttribute('inert', isVeiled);
}

/** @param {Drawer} name */
function moveFocus(name) {
    const [drawer, first] = name === 'toc' ? ['.toc', '[aria-current], [data-go]'] : ['.panel', 'textarea'];
    if (isOpen(name)) /** @type {HTMLElement | null} */ (document.querySelector(`${drawer} :is(${first})`))?.focus({ preventScroll: true });
    else /** @type {HTMLElement | null} */ (document.querySelector(`.bar [data-toggle="${name}"]`))?.focus();
}
