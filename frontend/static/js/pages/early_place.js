// @ts-check
/**
 * Run before the first paint of a scrolled book: show the place it is opened at, as reader/leaves.js would, so that the
 * words are there before the modules are and nothing moves when those come. Pages, upright lines and printed pages wait
 * for their modules. `data-offset` of this script is the place in the section, `data-cited` says that it is a quote.
 */
(() => {
    const EDGE = 20; // pixels over the place; with leaves.js
    const QUOTE_AT = 0.22; // how far down the screen quoted words are shown; with desk.js
    const { offset = '0', cited } = document.currentScript?.dataset ?? {};
    const { mode, upright } = document.documentElement.dataset;
    const scroll = /** @type {HTMLElement} */ (document.getElementById('text'));
    if (document.body.dataset.view === 'pages' || mode === 'pages') return;
    if (scroll.dataset.writing === 'vertical' && upright !== 'off') return;
    const box = Number(offset) > 0 ? boxAt(Number(offset)) : null;
    if (box?.height) scroll.scrollTop += box.top - scroll.getBoundingClientRect().top - Math.max(EDGE, (cited ? QUOTE_AT : 0) * scroll.clientHeight);
    scroll.classList.add('placed');

    /** Where a character of the section is; as in reader/span.js. @param {number} wanted @returns {DOMRect | null} */
    function boxAt(wanted) {
        const blocks = /** @type {HTMLElement[]} */ ([...scroll.querySelectorAll('[data-start]')]);
        const block = blocks.findLast(({ dataset }) => Number(dataset.start) <= wanted && wanted < Number(dataset.end));
        if (!block) return null;
        const walker = document.createTreeWalker(block, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
            node instanceof Element && node.hasAttribute('data-skip') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
        );
        let at = Number(block.dataset.start);
        /** @type {HTMLElement | null} a block in it, that has been gone through */ let inner = null;
        while (walker.nextNode()) {
            const node = walker.currentNode;
            if (inner && !inner.contains(node)) [at, inner] = [Number(inner.dataset.end), null];
            if (node instanceof HTMLElement && node.dataset.start) inner ??= node;
            if (inner || node.nodeType !== Node.TEXT_NODE) continue;
            let unit = 0;
            for (const character of node.nodeValue ?? '') {
                if (at++ === wanted) return rangeOf(node, unit, unit + character.length);
                unit += character.length;
            }
        }
        return null;
    }

    /** @param {Node} node @param {number} start @param {number} end */
    function rangeOf(node, start, end) {
        const range = document.createRange();
        range.setStart(node, start);
        range.setEnd(node, end);
        return range.getBoundingClientRect();
    }
})();
