// @ts-check
/**
 * The service worker: the shell (scripts, sheets, drawings) comes from this device, and what one has read is there
 * without a connection. Served as /service-worker.js, behind `self.GIVEN` = { shell, offline } (mindory_web/installing.py).
 *
 * Nothing of a reader is ever shown to the next one. Every answer of the server says for whom it may be kept (`Kept-For`:
 * a name that says nothing, or `-`). There is one cache of what was read, and that name is part of its own; an answer that
 * names another reader, or nobody, has it thrown away, and so has signing out, before it is sent. What came for a page
 * that was asked for before that is not kept. Nothing is kept where the reader does not stay signed in (accounts/offline.py).
 */

const worker = /** @type {any} */ (globalThis);
const { shell, offline } = worker.GIVEN;
const SHELL = 'shell';
const KEPT = 'kept-';
const SEEN = '/kept-at'; // when the server was last reached
const LASTS = 14 * 24 * 3600 * 1000; // milliseconds without the server, until what is kept is thrown away
const BOOKS = 8; // that were opened last
const PARTS = 1500; // sections, pictures and pages of all of them
const PAGE = /^\/(?:books\/\d+\/)?$/;
const PART = /^\/books\/\d+\/(?:cover|sections\/\d+(?:\/note)?|pictures\/\d+|pages\/\d+(?:\/(?:words|links))?)$|^\/api\/v1\/books\/\d+\/(?:annotations|citations|places|reach|boxes)\b/;
const HASHED = /^\/static\/.+\.[0-9a-f]{12}\.\w+$/;
const OF_BOOK = /^(?:\/api\/v1)?\/books\/(\d+)\//;
const LEAVING = /^\/(?:account\/logout|settings\/delete|settings\/device)\/$/;
const REMOVING = /^(?:DELETE \/api\/v1\/books\/(\d+)|POST \/api\/v1\/shelf\/remove)$/;

let era = 0; // grows when everything is thrown away

worker.addEventListener('install', (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener('message', (/** @type {any} */ event) => event.waitUntil(keepAll(event.data?.keep ?? [])));
worker.addEventListener('fetch', (/** @type {any} */ event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== worker.location.origin) return;
    if (request.method === 'POST' && LEAVING.test(url.pathname)) event.respondWith(leave(request));
    else if (REMOVING.test(`${request.method} ${url.pathname}`)) event.waitUntil(removed(request.clone(), url));
    else if (request.method !== 'GET') return;
    else if (HASHED.test(url.pathname) || url.pathname === '/jsi18n/') event.respondWith(fromShell(request, url));
    else if (request.mode === 'navigate') event.respondWith(page(event, url));
    else if (PART.test(url.pathname)) event.respondWith(part(event, url));
});

async function install() {
    const cache = await caches.open(SHELL);
    const there = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
    const missing = shell.filter((/** @type {string} */ address) => !there.has(address));
    while (missing.length) await cache.addAll(missing.splice(0, 8));
    await cache.put(offline, await fetch(offline, { cache: 'reload' }));
    await worker.skipWaiting();
}

async function activate() {
    const cache = await caches.open(SHELL);
    const current = new Set([...shell, offline]);
    for (const request of await cache.keys()) if (!current.has(new URL(request.url).pathname)) await cache.delete(request);
    await worker.registration.navigationPreload?.enable();
    await worker.clients.claim();
}

// --- Whose it is ------------------------------------------------------------------------------

/** The caches of what readers read; there is one, or none. */
const keptNames = async () => (await caches.keys()).filter((name) => name.startsWith(KEPT));

/** Throw away what was read. */
async function forget() {
    era += 1;
    for (const name of await keptNames()) await caches.delete(name);
}

/**
 * The cache an answer may be kept in, if any. It is emptied first when it was another reader's.
 * @param {Response} response
 * @param {number} since the era in which it was asked for
 */
async function cacheFor(response, since) {
    const whose = response.headers.get('Kept-For');
    if (whose === null || since !== era) return null;
    const name = KEPT + whose;
    if (whose === '-' || (await keptNames()).some((other) => other !== name)) await forget();
    if (whose === '-') return null;
    const cache = await caches.open(name);
    await cache.put(SEEN, new Response(String(Date.now())));
    return cache;
}

/** What is kept, when it is not too old. */
async function kept() {
    const [name] = await keptNames();
    if (!name) return null;
    const cache = await caches.open(name);
    const seen = Number(await (await cache.match(SEEN))?.text());
    if (Date.now() - seen < LASTS && seen <= Date.now()) return cache;
    await forget();
    return null;
}

// --- Keeping ----------------------------------------------------------------------------------

/** @param {Response} response @param {URL} url @param {number} since */
async function keep(response, url, since) {
    const cache = await cacheFor(response, since);
    const now = era; // whose it is was decided
    const book = OF_BOOK.exec(url.pathname)?.[1];
    if (!cache || response.redirected) return;
    if ((response.status === 404 || response.status === 410) && book && PAGE.test(url.pathname)) return removeBook(cache, book);
    if (!response.ok || (url.pathname === '/' && url.search)) return;
    const isPage = PAGE.test(url.pathname);
    if (!isPage && !PART.test(url.pathname)) return;
    await cache.put(isPage ? url.pathname : url.pathname + url.search, response);
    if (now !== era) return forget(); // somebody left in between
    await trim(cache);
}

/** Keep what a page shows that was there before this worker. @param {string[]} addresses */
async function keepAll(addresses) {
    for (const address of addresses) {
        const url = new URL(address, worker.location.origin);
        const since = era;
        const isShell = url.pathname === '/jsi18n/';
        if (url.origin !== worker.location.origin || !(isShell || PAGE.test(url.pathname) || PART.test(url.pathname))) continue;
        try {
            const response = await fetch(url, { headers: { Accept: 'text/html', ...(isShell || PAGE.test(url.pathname) ? {} : { 'X-Requested-With': 'fetch' }) } });
            if (isShell) await keepShell(response, url);
            else await keep(response, url, since);
        } catch {
            return; // the connection went; it is asked for again when it is shown again
        }
    }
}

/** Leave out the books opened longest ago, and the oldest parts. @param {Cache} cache */
async function trim(cache) {
    const all = (await cache.keys()).map(({ url }) => new URL(url));
    const books = all.filter(({ pathname }) => PAGE.test(pathname) && pathname !== '/');
    for (const { pathname } of books.slice(0, -BOOKS)) await removeBook(cache, OF_BOOK.exec(pathname)?.[1] ?? '');
    const parts = all.filter(({ pathname }) => PART.test(pathname));
    for (const url of parts.slice(0, -PARTS)) await cache.delete(url.href);
}

/** @param {Cache} cache @param {string} book */
async function removeBook(cache, book) {
    for (const request of await cache.keys()) if (OF_BOOK.exec(new URL(request.url).pathname)?.[1] === book) await cache.delete(request);
}

/** What a page asks to be removed goes from here as well. @param {Request} request @param {URL} url */
async function removed(request, url) {
    const one = /^\/api\/v1\/books\/(\d+)$/.exec(url.pathname);
    const books = one ? [one[1]] : ((await request.json()).books ?? []);
    for (const name of await keptNames()) for (const book of books) await removeBook(await caches.open(name), String(book));
}

// --- Answering --------------------------------------------------------------------------------

/** @param {Request} request @param {URL} url */
async function fromShell(request, url) {
    const cache = await caches.open(SHELL);
    const there = await cache.match(url.href, { ignoreVary: true });
    if (there && url.pathname !== '/jsi18n/') return there;
    try {
        const response = await fetch(request);
        await keepShell(response.clone(), url);
        return response;
    } catch (error) {
        const other = there ?? (url.pathname === '/jsi18n/' ? await cache.match(url.href, { ignoreVary: true, ignoreSearch: true }) : null);
        if (other) return other;
        throw error;
    }
}

/** @param {Response} response @param {URL} url */
async function keepShell(response, url) {
    if (response.ok && response.type === 'basic') await (await caches.open(SHELL)).put(url.href, response);
}

/** A page: from the server, else as it was kept, else the page that says what is here. @param {any} event @param {URL} url */
async function page(event, url) {
    const since = era;
    try {
        const response = (await event.preloadResponse) ?? (await fetch(event.request));
        event.waitUntil(keep(PAGE.test(url.pathname) ? response.clone() : response, url, since)); // of others only the name counts
        return response;
    } catch {
        const there = PAGE.test(url.pathname) && (await (await kept())?.match(url.pathname, { ignoreVary: true }));
        return there ? marked(there) : isOffline();
    }
}

/** A part of a page. @param {any} event @param {URL} url */
async function part(event, url) {
    const since = era;
    try {
        const response = await fetch(event.request);
        event.waitUntil(keep(response.clone(), url, since));
        return response;
    } catch (error) {
        const there = await (await kept())?.match(url.href, { ignoreVary: true });
        if (there) return there;
        throw error;
    }
}

/** A kept page, marked as one. @param {Response} response */
async function marked(response) {
    const headers = new Headers(response.headers);
    for (const name of ['Content-Encoding', 'Content-Length']) headers.delete(name);
    return new Response((await response.text()).replace('<html ', '<html data-is-kept '), { headers });
}

async function isOffline() {
    await kept(); // what is too old goes, and is not listed there
    return (await (await caches.open(SHELL)).match(offline, { ignoreVary: true })) ?? Response.error();
}

/** Somebody leaves this browser, or does not want it to keep anything. @param {Request} request */
async function leave(request) {
    await forget();
    try {
        return await fetch(request);
    } catch {
        return isOffline();
    } finally {
        await forget();
    }
}
