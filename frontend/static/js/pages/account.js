// @ts-check
/** What the forms of accounts do with JavaScript; without it the buttons stay hidden and the forms still work. */

import { gettext } from '../lib/words.js';

for (const button of document.querySelectorAll('[data-show-password]')) {
    const field = button.parentElement?.querySelector('input');
    if (!(button instanceof HTMLButtonElement) || !field) continue;
    button.hidden = false;
    button.addEventListener('click', () => {
        const isShown = field.type === 'text';
        field.type = isShown ? 'password' : 'text';
        button.setAttribute('aria-pressed', String(!isShown));
    });
}

for (const button of document.querySelectorAll('[data-copy]')) {
    if (!(button instanceof HTMLButtonElement) || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener('click', async () => {
        const words = document.getElementById(button.dataset.copy ?? '')?.textContent ?? '';
        await navigator.clipboard.writeText(words);
        button.textContent = gettext('Copied');
    });
}
