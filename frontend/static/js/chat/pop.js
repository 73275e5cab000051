// @ts-check
/**
 * Small panels over the page, with the browser's own popovers (they shut by Escape and by a click beside them): placed at
 * their button, and as menus walked with the arrow keys.
 */

const GAP = 6; // pixels between a button and its panel
const EDGE = 8; // and to the edge of the window

/**
 * Show a panel at a button.
 * @param {HTMLElement} pop
 * @param {Element} button
 */
export function showAt(pop, button) {
    const at = button.getBoundingClientRect(); // first: a panel that the button stands in shuts, where `source` is not known
    /** @type {any} */ (pop).showPopover({ source: button });
    place(pop, at);
    button.setAttribute('aria-expanded', 'true');
    pop.addEventListener('toggle', (event) => shut(/** @type {ToggleEvent} */ (event), pop, button), { once: true });
    const first = pop.querySelector('[autofocus], [aria-checked="true"], [role^="menuitem"], a, button, input');
    /** @type {HTMLElement | null} */ (first)?.focus({ preventScroll: true });
}

/** @param {ToggleEvent} event @param {HTMLElement} pop @param {Element} button */
function shut(event, pop, button) {
    if (event.newState === 'open') return void pop.addEventListener('toggle', (next) => shut(/** @type {ToggleEvent} */ (next), pop, button), { once: true });
    button.setAttribute('aria-expanded', 'false');
    const focused = document.activeElement;
    if (focused === null || focused === document.body || pop.contains(focused)) /** @type {HTMLElement} */ (button).focus({ preventScroll: true });
}

/** Below the button, or above it where more room is; inside the window. @param {HTMLElement} pop @param {DOMRect} at */
function place(pop, at) {
    pop.style.maxHeight = '';
    const { width, height } = pop.getBoundingClientRect();
    const [above, below] = [at.top - GAP - EDGE, innerHeight - at.bottom - GAP - EDGE];
    const isBelow = below >= height || below >= above;
    const isRight = at.left + width > innerWidth - EDGE;
    const left = Math.min(Math.max(EDGE, isRight ? at.right - width : at.left), innerWidth - width - EDGE);
    pop.style.left = `${left}px`;
    pop.style.maxHeight = `${Math.max(above, below)}px`;
    pop.style.top = isBelow ? `${at.bottom + GAP}px` : `${Math.max(EDGE, at.top - GAP - Math.min(height, above))}px`;
}

/** Wire the keys of a panel. @param {HTMLElement} pop */
export function wirePop(pop) {
    pop.addEventListener('keydown', (event) => {
        if (event.key === 'Escape') event.stopPropagation(); // the browser shuts it; nothing else is meant
        if (pop.getAttribute('role') !== 'menu') return;
        const items = /** @type {HTMLElement[]} */ ([...pop.querySelectorAll('[role^="menuitem"]:not([hidden])')]);
        const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
        const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
        if (event.key === 'Tab') pop.hidePopover();
        if (to === undefined || !items.length) return;
        event.preventDefault();
        items[(to + items.length) % items.length].focus();
    });
}
