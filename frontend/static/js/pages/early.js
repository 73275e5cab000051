// @ts-check
/** Run before the first paint of the reader: the drawers and the type this reader keeps, so that nothing jumps. */
(() => {
    const root = document.documentElement;
    const wide = matchMedia('(min-width: 84rem)').matches;
    const phone = matchMedia('(max-width: 60rem)').matches;
    let kept = {};
    try {
        kept = JSON.parse(localStorage.getItem('reading') ?? '{}');
    } catch {
        // a broken note is no note
    }
    const { toc = 'open', chat = 'open', size = '', lead = '', measure = '', justify = '' } = /** @type {any} */ (kept);
    document.body.dataset.toc = wide ? toc : 'shut';
    document.body.dataset.chat = phone ? 'shut' : chat;
    for (const [name, value] of Object.entries({ size, lead, measure, justify })) {
        if (/^[a-z0-9]+$/.test(String(value))) root.dataset[name] = String(value);
    }
})();
