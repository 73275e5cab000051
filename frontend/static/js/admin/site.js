// @ts-check
/**
 * The admin theme under our Content-Security-Policy, and in the look the reader chose for the rest of Mindory.
 * A classic script in the head: Alpine, which is deferred, finds everything ready.
 */
(() => {
    const page = /** @type {any} */ (globalThis);
    const root = document.documentElement;

    // The names of the theme's own functions and of the page that its attributes use.
    const GLOBALS = ['theme', 'searchForm', 'searchDropdown', 'searchCommand', 'getCurrentTab', 'sortRecords', 'moveRecords'];
    const known = () => ({
        ...Object.fromEntries(GLOBALS.filter((name) => name in page).map((name) => [name, page[name]])),
        localStorage,
        window: { location: { pathname: location.pathname, search: location.search } },
    });

    /** Styles are given as text in one place of the theme; a style attribute is forbidden, single properties are not. */
    const asProperties = (/** @type {string} */ text) =>
        Object.fromEntries(
            text
                .split(';')
                .map((each) => each.split(':').map((part) => part.trim()))
                .filter(([name, value]) => name && value),
        );

    document.addEventListener('alpine:init', () => {
        const { Alpine, MindoryExpressions } = page;
        Alpine.setEvaluator((/** @type {Element} */ el, /** @type {any} */ expression) => {
            const isStyle = el.getAttribute('x-bind:style') === expression;
            return (/** @type {(value: any) => void} */ receive = () => {}, { scope = {}, params = [] } = {}) => {
                const around = Alpine.mergeProxies([scope, ...Alpine.closestDataStack(el)]);
                let value =
                    typeof expression === 'function'
                        ? expression.apply(around, params)
                        : MindoryExpressions.evaluate(expression, around, known());
                if (typeof value === 'function') value = value.apply(around, params);
                if (value instanceof Promise) value.then(receive);
                else receive(isStyle && typeof value === 'string' ? asProperties(value) : value);
            };
        });
    });

    /** What the cookie of the site says, in the words of the admin theme. */
    const cookie = /(?:^|; )theme=(\w+)/.exec(document.cookie)?.[1] ?? '';
    localStorage.setItem('adminTheme', JSON.stringify({ dark: 'dark', paper: 'light', sepia: 'light' }[cookie] ?? 'auto'));

    new MutationObserver(() => {
        const isDark = root.classList.contains('dark');
        root.dataset.theme = isDark ? 'dark' : cookie === 'sepia' ? 'sepia' : 'paper';
        const chosen = JSON.parse(localStorage.getItem('adminTheme') ?? '"auto"');
        const kept = { dark: 'dark', light: cookie === 'sepia' ? 'sepia' : 'paper' }[/** @type {string} */ (chosen)] ?? '';
        document.cookie = `theme=${kept}; path=/; max-age=${kept ? 31536000 : 0}; samesite=lax`;
    }).observe(root, { attributes: true, attributeFilter: ['class'] });
})();
