// @ts-check
/** What every page does: the theme button, and the keys that work everywhere. The server reads the theme's cookie. */

import { wireGlobalKeys } from '../lib/keys.js';
import { nextTheme, setTheme } from '../lib/theme.js';

for (const button of document.querySelectorAll('[data-theme-toggle]')) {
    button.addEventListener('click', () => setTheme(nextTheme()));
}
wireGlobalKeys(async () => (await import('../library/opener.js')).openOpener());
