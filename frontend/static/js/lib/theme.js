// @ts-check
/** The theme: an attribute of the page and a cookie for the server, which writes the attribute at once. */

const YEAR = 60 * 60 * 24 * 365;
const THEMES = ['paper', 'sepia', 'dark'];

/** The theme the reader chose, or '' when the page follows the system. */
export function chosenTheme() {
    return document.documentElement.dataset.theme ?? '';
}

/** The theme that the small button goes to next. */
export function nextTheme() {
    const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'paper';
    const now = chosenTheme() || system;
    return THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
}

/** @param {string} theme '' follows the system */
export function setTheme(theme) {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    keepCookie('theme', theme);
    document.dispatchEvent(new CustomEvent('themechange', { detail: theme }));
}

/**
 * @param {string} name
 * @param {string} value '' forgets the cookie
 */
export function keepCookie(name, value) {
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${value ? YEAR : 0}; samesite=lax`;
}
