// @ts-check
/** Making elements. Text only ever becomes a text node: nothing here parses HTML that a book or a model wrote. */

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes] null, undefined and false are left out
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        element.setAttribute(name, value === true ? '' : String(value));
    }
    element.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child || child === '')));
    return element;
}

/**
 * @param {string} name
 * @param {'' | 's' | 'l'} [size]
 * @returns {SVGSVGElement}
 */
export function icon(name, size = '') {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('class', size ? `icon ${size}` : 'icon');
    svg.setAttribute('aria-hidden', 'true');
    const use = document.createElementNS(space, 'use');
    use.setAttribute('href', `${document.documentElement.dataset.icons}#${name}`);
    svg.append(use);
    return svg;
}

/**
 * Read a fragment that our own server rendered.
 * @param {string} html
 * @returns {HTMLElement}
 */
export function parsed(html) {
    const template = document.createElement('template');
    template.innerHTML = html.trim();
    return /** @type {HTMLElement} */ (template.content.firstElementChild);
}

/**
 * The data the page came with, from `{{ value|json_script:"name" }}`.
 * @param {string} name
 * @returns {any}
 */
export function given(name) {
    const element = document.getElementById(name);
    return element ? JSON.parse(element.textContent ?? 'null') : null;
}

/**
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {T}
 */
export function the(selector, within = document) {
    const found = within.querySelector(selector);
    if (!found) throw new Error(`nothing here matches ${selector}`);
    return /** @type {T} */ (/** @type {unknown} */ (found));
}

/**
 * Whether a key pressed here is meant for a field and not for the page.
 * @param {EventTarget | null} target
 */
export function isField(target) {
    return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
