// @ts-check
/** Without a connection: what is kept on this device (worker.js), the line that says so, and throwing it away. */

import { icon, make } from './dom.js';
import { gettext } from './words.js';

const KEPT = 'kept-';
const LOUD = 8000; // milliseconds until the line makes itself small
const root = document.documentElement;

/** Whether this page came from this device and not from the server. */
export const isKept = () => root.dataset.isKept !== undefined;

/** The books that can be read here without a connection, and their titles. @returns {Promise<Map<number, string>>} */
export async function keptBooks() {
    const found = new Map();
    if (!globalThis.caches) return found;
    for (const name of (await caches.keys()).filter((each) => each.startsWith(KEPT))) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            const book = /^\/books\/(\d+)\/$/.exec(new URL(request.url).pathname)?.[1];
            if (!book) continue;
            const page = new DOMParser().parseFromString((await (await cache.match(request))?.text()) ?? '', 'text/html');
            found.set(Number(book), page.title.replace(/ · Mindory$/, ''));
        }
    }
    return found;
}

/** Somebody leaves: nothing of theirs stays in this browser. */
export async function forgetAll() {
    try {
        localStorage.clear();
        sessionStorage.clear();
        for (const name of await caches.keys()) if (name.startsWith(KEPT)) await caches.delete(name);
    } catch {
        // a browser that keeps nothing has nothing to forget
    }
}

export function wireOffline() {
    register();
    const bar = make('div', { class: 'offlinebar', role: 'status' });
    bar.hidden = true;
    document.body.append(bar);
    const show = () => void say(bar);
    for (const event of ['online', 'offline']) addEventListener(event, show);
    show();
}

/** @param {HTMLElement} bar */
async function say(bar) {
    const isOff = !navigator.onLine;
    bar.hidden = (!isOff && !isKept()) || document.querySelector('[data-part="kept"]') !== null; // that page says it itself
    if (bar.hidden) return;
    if (!isOff && bar.dataset.was === 'off') return back(bar);
    bar.dataset.was = 'off';
    bar.replaceChildren(icon('server', 's'), make('span', {}, gettext('You are offline. What you have read here is still here.')));
    setTimeout(() => bar.dataset.was === 'off' && bar.lastElementChild?.replaceWith(make('span', {}, gettext('Offline'))), LOUD);
    await markAway();
}

/** The page is the kept one, and the server may be there again. @param {HTMLElement} bar */
function back(bar) {
    bar.dataset.was = 'on';
    const again = make('button', { class: 'btn small', type: 'button' }, gettext('Load the page again'));
    again.addEventListener('click', () => location.reload());
    bar.replaceChildren(make('span', {}, gettext('You are online again.')), again);
}

/** Books on the shelf that are not here stand back. */
async function markAway() {
    const shelf = document.querySelectorAll('[data-part="shelf"] > [data-book]');
    if (!shelf.length) return;
    const here = await keptBooks();
    for (const item of shelf) {
        const isAway = !here.has(Number(item.getAttribute('data-book')));
        item.classList.toggle('away', isAway);
        if (isAway) item.querySelector('a')?.setAttribute('title', gettext('Not on this device'));
    }
}

/** Have the worker, once the page is done with what matters more. */
function register() {
    const { worker } = root.dataset;
    if (!worker || !navigator.serviceWorker) return;
    const isFirst = !navigator.serviceWorker.controller;
    const soon = () => setTimeout(async () => {
        try {
            await navigator.serviceWorker.register(worker, { scope: '/' });
            const { active } = await navigator.serviceWorker.ready;
            if (isFirst) active?.postMessage({ keep: shown() });
        } catch {
            // a browser that does not want one works without
        }
    }, 1500);
    if (document.readyState === 'complete') soon();
    else addEventListener('load', soon);
}

/** What this page shows: it came before the worker was there. */
function shown() {
    const catalogue = /** @type {HTMLScriptElement | null} */ (document.querySelector('script[src^="/jsi18n/"]'))?.src;
    const sections = [...document.querySelectorAll('.leaf[data-section]')].map((leaf) => `${location.pathname}sections/${leaf.getAttribute('data-section')}`);
    return [location.pathname, ...(catalogue ? [catalogue] : []), ...(/^\/books\/\d+\/$/.test(location.pathname) ? sections : [])];
}
