// @ts-check
/** Run before the first paint of a book with printed pages: those, or its text, as this reader had it last. */
(() => {
    let kept = {};
    try {
        kept = JSON.parse(localStorage.getItem('sheets') ?? '{}') ?? {};
    } catch {
        // a broken note is no note
    }
    const { book = '', usual = 'pages' } = document.currentScript?.dataset ?? {};
    const { text = {}, paper = '' } = /** @type {any} */ (kept);
    const chosen = text?.[book];
    document.body.dataset.view = chosen === undefined ? usual : chosen ? 'text' : 'pages';
    if (document.body.dataset.view === 'text') document.getElementById('tab-pages')?.remove(); // there are none to see
    if (paper === 'dim' || paper === 'dark') document.body.dataset.paper = paper;
})();
