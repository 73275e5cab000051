// @ts-check
/** The reader: text, contents, chat and keys put together. */

import { ChatPanel, placeAddress } from '../chat/panel.js';
import { given, the } from '../lib/dom.js';
import { pageLine } from '../lib/socket.js';
import { closeTop, isOpen, setDrawer, toggle, togglePanel, wireDrawers } from '../reader/drawers.js';
import { Finder } from '../reader/find.js';
import { wireKeys } from '../reader/keys.js';
import { Leaves } from '../reader/leaves.js';
import { Marks } from '../reader/marks.js';
import { isPlain, Notes } from '../reader/notes.js';
import { wirePreferences } from '../reader/preferences.js';
import { Track } from '../reader/track.js';
import { wireZoom } from '../reader/zoom.js';

const QUOTE_AT = 0.22; // how far down the screen quoted words are shown

const reading = given('reading-data');
const { book, section, offset, starts, cited } = reading;
const leaves = new Leaves(
    { scroll: the('[data-part="scroll"]'), list: the('[data-part="leaves"]') },
    { book, count: starts.length, place: { section, offset } },
);
const marks = new Marks(leaves);
const track = new Track(reading, the('.place'));
const line = pageLine();
const chat = new ChatPanel(the('#chat'), line);
const notes = new Notes(the('[data-part="scroll"]'), book);
const backChip = the('[data-part="back"]');
/** @type {import('../reader/leaves.js').Place[]} where the reader was before going to a quote, a link or a note */
const trail = [];

/**
 * Go to words of this book and mark exactly them.
 * @param {{ section: number, start: number, end: number }} place
 * @param {string} q
 */
async function open(place, q) {
    leave();
    if (!(await leaves.show(place.section, place.start, { at: QUOTE_AT, isGentle: true }))) return;
    marks.point({ ...place, q });
    chat.light(q);
}

/** Remember this place, to come back to it. */
function leave() {
    trail.push(leaves.place);
    backChip.hidden = false;
}

function goBack() {
    const place = trail.pop();
    backChip.hidden = trail.length === 0;
    if (place) void leaves.show(place.section, place.offset, { isGentle: true });
}

/** Follow a link of the book. @param {{ section: number, start: number }} place */
function follow({ section: at, start }) {
    leave();
    notes.close({ isGentle: true });
    void leaves.show(at, start, { at: start ? QUOTE_AT : 0, isGentle: true });
    the('[data-part="scroll"]').focus({ preventScroll: true });
}

function showQuotes() {
    const ours = chat.lastQuotes().filter(({ citation }) => citation.book === book);
    marks.show(ours.map(({ citation, q }) => ({ q, section: citation.section, start: citation.start, end: citation.end })));
    const all = chat.thread.turns.flatMap(({ citations }) => citations).filter((citation) => citation.book === book);
    track.tick(all.map((citation) => ({ section: citation.section, offset: citation.start })));
}

chat.addEventListener('change', showQuotes);
chat.addEventListener('cite', (event) => {
    const { citation, q, event: click } = /** @type {CustomEvent} */ (event).detail;
    click.preventDefault();
    if (citation.book !== book) return location.assign(placeAddress(citation));
    if (document.body.dataset.chat === 'full') setDrawer('chat', 'open', { hasFocus: false });
    void open(citation, q);
});
chat.addEventListener('named', (event) => {
    const { conversation, question } = /** @type {CustomEvent} */ (event).detail;
    the('#chat [data-part="title"]').textContent = question;
    history.replaceState(null, '', `?conversation=${conversation}`);
});
leaves.addEventListener('place', (event) => track.show(/** @type {CustomEvent} */ (event).detail, { isNew: true }));

document.addEventListener('click', (event) => {
    const target = /** @type {Element} */ (event.target);
    const entry = /** @type {HTMLElement | null} */ (target.closest('.toc [data-go]'));
    if (entry) {
        event.preventDefault();
        const [at, start] = (entry.dataset.go ?? '').split(':').map(Number);
        void leaves.show(at, start);
        if (matchMedia('(max-width: 84rem)').matches) setDrawer('toc', 'shut', { hasFocus: false });
        the('[data-part="scroll"]').focus({ preventScroll: true });
    }
    const link = /** @type {HTMLElement | null} */ (target.closest('a.goto[data-go]'));
    if (link && isPlain(event)) {
        event.preventDefault();
        const [at, start] = (link.dataset.go ?? '').split(':').map(Number);
        follow({ section: at, start });
    }
    const mark = target.closest('mark.cited[data-q]');
    if (mark) chat.light(mark.getAttribute('data-q') ?? '');
});

const finder = new Finder(the('#find'), book);
finder.addEventListener('found', (event) => {
    togglePanel('find');
    void open(/** @type {CustomEvent} */ (event).detail, 'found');
});

notes.addEventListener('go', (event) => follow(/** @type {CustomEvent} */ (event).detail));
backChip.addEventListener('click', goBack);
wireZoom(the('[data-part="scroll"]'));
wireDrawers();
const resize = wirePreferences(the('#type'), () => leaves.restore());
wireKeys({
    contents: () => toggle('toc'),
    chat: () => (isOpen('chat') ? chat.focus() : setDrawer('chat', 'open')),
    find: () => togglePanel('find'),
    turn: (by) => leaves.turn(by),
    resize,
    quote: (number) => {
        const quote = chat.lastQuotes().find(({ citation }) => citation.number === number && citation.book === book);
        if (quote) void open(quote.citation, quote.q);
    },
    back: goBack,
    keys: () => /** @type {HTMLDialogElement} */ (the('#keys')).showModal(),
    escape: () => {
        if (notes.close() || closeTop()) return;
        if (chat.isWriting) chat.stop();
        else if (document.activeElement instanceof HTMLTextAreaElement) document.activeElement.blur();
    },
    fresh: () => location.assign('?conversation=new'),
});

leaves.start();
track.show(leaves.place, { isNew: false });
showQuotes();
if (cited) {
    const [start, end] = cited;
    void leaves.show(section, start, { at: QUOTE_AT }).then(() => marks.point({ section, start, end, q: 'place' }));
}
document.documentElement.dataset.isReady = 'true';
