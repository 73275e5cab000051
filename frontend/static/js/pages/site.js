// @ts-check
/** What every page does: the theme button. The server reads the cookie, so the next page starts in the theme. */

import { nextTheme, setTheme } from '../lib/theme.js';

for (const button of document.querySelectorAll('[data-theme-toggle]')) {
    button.addEventListener('click', () => setTheme(nextTheme()));
}
