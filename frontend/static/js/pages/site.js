// @ts-check
/** What every page does: theme, keys that work everywhere, what is here offline, and leaving nothing behind. */

import { wireGlobalKeys } from '../lib/keys.js';
import { forgetAll, wireOffline } from '../lib/offline.js';
import { nextTheme, setTheme } from '../lib/theme.js';

for (const button of document.querySelectorAll('[data-theme-toggle]')) {
    button.addEventListener('click', () => setTheme(nextTheme()));
}
const opener = () => import('../library/opener.js');
wireGlobalKeys(async () => (await opener()).openOpener());
// Fetched while nobody waits, so that the first letters after the keys are not lost.
setTimeout(async () => (await opener()).prepare(), 1500);
document.addEventListener('themechange', () => {
    const colour = getComputedStyle(document.body).backgroundColor;
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) meta.setAttribute('content', colour);
});
for (const form of document.querySelectorAll('form[action$="/account/logout/"]')) form.addEventListener('submit', () => void forgetAll());
wireOffline();
