// @ts-check
/**
 * Run before the first paint of the reader: the drawers and the type this reader keeps, so that nothing jumps.
 * A browser that keeps nothing yet begins with what the reader likes on others (`data-likings` of this script).
 */
(() => {
    const root = document.documentElement;
    const wide = matchMedia('(min-width: 84rem)').matches;
    const phone = matchMedia('(max-width: 60rem)').matches;
    /** @type {Record<string, string>} */
    let kept = {};
    try {
        const own = localStorage.getItem('reading');
        kept = JSON.parse(own ?? document.currentScript?.dataset.likings ?? '{}');
        if (!own) localStorage.setItem('reading', JSON.stringify(kept));
    } catch {
        // a broken note is no note
    }
    const { toc = 'open', chat = 'open', keys: _keys, theme = '', ...likings } = kept;
    document.body.dataset.toc = wide ? toc : 'shut';
    document.body.dataset.chat = phone ? 'shut' : chat;
    for (const [name, value] of Object.entries(likings)) {
        if (/^[a-z]+$/.test(name) && /^[a-z0-9]+$/.test(String(value))) root.dataset[name] = String(value);
    }
    if (!root.dataset.theme && /^(paper|sepia|dark)$/.test(theme) && !/(?:^|; )theme=/.test(document.cookie)) root.dataset.theme = theme;
    root.dataset.early = '';
})();
