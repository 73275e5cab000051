// @ts-check
/** The library: shelf, collections, uploads, jobs and search put together. */

import { the } from '../lib/dom.js';
import { pageLine } from '../lib/socket.js';
import { fill, gettext, ngettext } from '../lib/words.js';
import { Browse } from '../library/browse.js';
import { Collections } from '../library/collections.js';
import { wireDragging } from '../library/dragging.js';
import { Groups } from '../library/groups.js';
import { Jobs } from '../library/jobs.js';
import { wireKeys } from '../library/keys.js';
import { Menu } from '../library/menu.js';
import { Removing } from '../library/removing.js';
import { Search } from '../library/search.js';
import { Selecting } from '../library/selecting.js';
import { wireSending } from '../library/sending.js';
import { Shelf } from '../library/shelf.js';

const OWN = 3000; // milliseconds

const root = the('#library');
const shelf = new Shelf(root);
const jobs = new Jobs(the('[data-part="jobs"]', root), shelf);
const browse = new Browse(root, shelf);
const menu = new Menu(root, shelf);
const collections = new Collections(shelf, browse);
const removing = new Removing(shelf, jobs);
const selecting = new Selecting(root, shelf);
const search = new Search(root);
const groups = new Groups(shelf, browse, () => selecting.isOn);

/** Show the parts that have something in them. */
function refresh() {
    const isEmpty = jobs.isEmpty && shelf.count === 0 && !shelf.isFiltered;
    the('[data-part="empty"]', root).hidden = !isEmpty;
    the('[data-part="head"]', root).hidden = isEmpty;
    the('[data-part="adding"]', root).hidden = jobs.isEmpty || (shelf.isFiltered && jobs.count === 0); // what failed is no news there
    shelf.section.hidden = shelf.count === 0 && !shelf.isFiltered;
    const title = jobs.count ? ngettext('Adding %(count)s book', 'Adding %(count)s books', jobs.count) : gettext('Adding books');
    the('[data-part="adding-title"]', root).textContent = fill(title, { count: jobs.count });
}

let waiting = 0;
/** The counts of the sidebar follow in a moment, however many books change at once. */
function recount() {
    clearTimeout(waiting);
    waiting = Number(setTimeout(() => void browse.sidebar(), 400));
}

jobs.addEventListener('change', refresh);
shelf.addEventListener('change', () => {
    refresh();
    recount();
    if (shelf.isFiltered && shelf.count === 0 && !shelf.section.querySelector('.nothing')) void browse.again();
});
for (const part of [menu, selecting, jobs]) {
    part.addEventListener('remove', (event) => void removing.remove(/** @type {CustomEvent} */ (event).detail));
    part.addEventListener('collect', (event) => void collections.choose(/** @type {CustomEvent} */ (event).detail));
    part.addEventListener('take', (event) => void collections.take(/** @type {CustomEvent} */ (event).detail));
}
menu.addEventListener('renamed', (event) => void jobs.refresh(/** @type {CustomEvent} */ (event).detail));
let changed = 0; // when this page last changed a collection: its own news is no news
collections.addEventListener('change', () => {
    changed = Date.now();
    recount();
    if (shelf.collection) void browse.again();
});
removing.addEventListener('change', () => {
    selecting.end();
    if (shelf.isGrouped) void browse.again();
});
browse.addEventListener('gone', () => {
    selecting.end();
    search.end();
});
search.addEventListener('cleared', () => {
    const kept = new URLSearchParams(shelf.section.dataset.query);
    const wasAsked = kept.has('q'); // the page came with the question
    kept.delete('q');
    const address = kept.size ? `/?${kept}` : '/';
    history.replaceState(null, '', address);
    if (wasAsked) void browse.go(address, { isNew: false, focus: 'none' });
});
wireDragging(root, (book) => selecting.carried(book), (collection, books, name) => void collections.put(collection, books, name));
wireKeys(root, { shelf, menu });
wireSending(root, jobs, refresh);

const line = pageLine();
let wasUp = false;
line.addEventListener('frame', (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail.type === 'book' || detail.type === 'book.gone') (void jobs.take(detail), groups.take(detail));
    if (detail.type === 'shelf.changed') {
        recount();
        if (shelf.collection && !selecting.isOn && Date.now() - changed > OWN) void browse.again();
    }
});
line.addEventListener('up', () => {
    // Frames may have been missed: look at every book that was on its way.
    if (wasUp) groups.stir();
    if (wasUp) for (const job of document.querySelectorAll('.job[data-book]')) void jobs.refresh(Number(/** @type {HTMLElement} */ (job).dataset.book));
    wasUp = true;
});
if (new URL(location.href).searchParams.has('new')) {
    history.replaceState(null, '', '/');
    collections.make();
}
refresh();
