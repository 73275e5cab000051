// @ts-check
/** The memory page: what is looked for, what is done with one thing, what is done with all. */

import { fragment, Refusal } from '../lib/api.js';
import { make, parsed, the } from '../lib/dom.js';
import { freshSidebar } from '../lib/sidebar.js';
import { pageLine } from '../lib/socket.js';
import { toast } from '../lib/toasts.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { addressOf } from '../memory/asked.js';
import { Facts } from '../memory/facts.js';
import { Finder, showKind } from '../memory/finder.js';
import { wireKeys } from '../memory/keys.js';
import { Telling } from '../memory/tell.js';
import { Whole } from '../memory/whole.js';

const root = the('#memory');
const finder = new Finder(root);
const facts = new Facts(the('[data-part="body"]', root));
const whole = new Whole(root);
const telling = new Telling(root);

/** The sum below the title, from the list of kinds that has just come. */
function sum() {
    const kinds = /** @type {HTMLElement | null} */ (root.querySelector('[data-part="kinds"]'));
    if (kinds && !finder.asked.on && !finder.asked.book) the('[data-part="sum"]', root).textContent = kinds.dataset.sum ?? '';
}

async function recount() {
    void freshSidebar();
    const place = root.querySelector('[data-part="kinds"]');
    try {
        const next = parsed(await fragment(`/memory/kinds?${finder.query}`));
        const held = document.activeElement?.closest('[data-part="kinds"]') ? document.activeElement.getAttribute('href') : null;
        place?.replaceWith(next);
        showKind(root);
        if (held) /** @type {HTMLElement | null} */ (next.querySelector(`[href="${CSS.escape(held)}"]`))?.focus();
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return; // the old counts are good enough
    }
    sum();
}

/** Show the list as it is now, and go to one thing in it. @param {number} id 0: the focus stays where it is */
async function again(id) {
    void freshSidebar();
    await finder.again();
    if (id) /** @type {HTMLElement | null} */ (root.querySelector(`.fact[data-memory="${id}"] .it`))?.focus();
}

finder.addEventListener('shown', sum);
facts.addEventListener('change', (event) => {
    const words = /** @type {CustomEvent} */ (event).detail;
    if (words) finder.say(words);
    void recount();
});
facts.addEventListener('again', (event) => void again(/** @type {CustomEvent} */ (event).detail));
whole.addEventListener('change', () => {
    void freshSidebar();
    void finder.again();
});
telling.addEventListener('told', (event) => void again(/** @type {CustomEvent} */ (event).detail));
showKind(root);
wireKeys({ finder, facts, telling });

// “Edit” below an answer leads to `?id=7&q=the words of it`.
const wanted = new URLSearchParams(location.search).get('id') ?? '';
const item = /^\d+$/.test(wanted) ? /** @type {HTMLElement | null} */ (root.querySelector(`.fact[data-memory="${wanted}"]`)) : null;
if (item) {
    history.replaceState(null, '', addressOf(finder.query));
    item.scrollIntoView({ block: 'center' });
    facts.act('edit', item);
}

// What is learned while one looks is offered and not put under one's hands.
pageLine().addEventListener('frame', (event) => {
    const { type, memories } = /** @type {CustomEvent} */ (event).detail;
    if (type !== 'memory.learned') return;
    void recount();
    const { length: count } = memories;
    const show = make('button', { class: 'btn small', type: 'button' }, gettext('Show'));
    const told = toast(fill(ngettext('%(count)s new thing is remembered.', '%(count)s new things are remembered.', count), { count }), show);
    show.addEventListener('click', () => {
        told.remove();
        void finder.go({ q: '', kind: '', book: '', on: '' });
    });
});
