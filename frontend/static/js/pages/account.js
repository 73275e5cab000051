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

/** The reader's own note of this browser (pages/early.js) follows what the form sends to the server. */
const reading = document.querySelector('form[data-part="reading"]');
if (reading instanceof HTMLFormElement) {
    reading.addEventListener('submit', (event) => {
        const isForgotten = /** @type {HTMLButtonElement | null} */ (event.submitter)?.name === 'forget';
        try {
            const { toc, chat, ...kept } = JSON.parse(localStorage.getItem('reading') ?? '{}');
            const sent = Object.fromEntries([...new FormData(reading)].filter(([name]) => !/^(csrf|forget|keys)/.test(name)));
            const keys = new FormData(reading).has('keys') ? '' : 'off';
            localStorage.setItem('reading', JSON.stringify({ ...(isForgotten ? {} : { ...kept, ...sent, keys }), toc, chat }));
        } catch {
            // a browser that keeps nothing asks the server
        }
    });
}
