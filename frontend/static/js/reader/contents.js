// @ts-check
/** The list of contents: where the reader is, how far they have read, and the keys that go through it. */

import { call } from '../lib/api.js';
import { make } from '../lib/dom.js';
import { gettext } from '../lib/words.js';

/** @param {import('./desk.js').Desk} desk */
export function wireContents(desk) {
    const list = document.querySelector('[data-part="contents"]');
    if (!list) return;
    const known = make('button', { class: 'link tiny', type: 'button', 'data-part': 'read-so-far', hidden: true }, gettext('I have read up to here'));
    const line = make('li', { class: 'limitline', 'data-part': 'you-are-here' }, make('span', {}, gettext('You are here')), known);
    /** Past what counts as read, the reader may say that all before it is known. */
    const tell = () => {
        const { section, offset } = desk.view.place;
        const { reach } = desk.reading;
        known.hidden = !reach || section < reach.section || (section === reach.section && offset <= reach.offset);
    };
    desk.track.addEventListener('shown', (event) => {
        const { entry } = /** @type {CustomEvent} */ (event).detail;
        if (entry) entry.closest('li').after(line);
        else list.prepend(line);
        tell();
    });
    desk.track.addEventListener('reach', (event) => {
        const reach = /** @type {CustomEvent} */ (event).detail;
        tell();
        desk.dispatchEvent(new CustomEvent('reach', { detail: { ...reach, title: reach.label } }));
    });
    known.addEventListener('click', async () => {
        const { section, offset } = desk.view.place;
        desk.track.reached(await call('PUT', `books/${desk.book}/reach`, { body: { section, offset } }));
        desk.say(gettext('Everything up to here counts as read.'));
    });
    list.addEventListener('keydown', (event) => keys(/** @type {KeyboardEvent} */ (event), list));
}

/** Arrows, Home and End go through the entries. @param {KeyboardEvent} event @param {Element} list */
function keys(event, list) {
    const entries = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('[data-go]'))];
    const at = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to === undefined || !entries[to]) return;
    event.preventDefault();
    entries[to].focus();
}
