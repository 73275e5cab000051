// @ts-check
/** The reader: text, contents, chat and keys put together. */

import { besideAddress, wireChat } from '../chat/beside.js';
import { ChatPanel } from '../chat/panel.js';
import { given, the } from '../lib/dom.js';
import { pageLine } from '../lib/socket.js';
import { toast } from '../lib/toasts.js';
import { gettext } from '../lib/words.js';
import { wireAnnotations } from '../reader/annotations.js';
import { wireContents } from '../reader/contents.js';
import { Desk } from '../reader/desk.js';
import { closeTop, isOpen, setDrawer, toggle, togglePanel, wireDrawers } from '../reader/drawers.js';
import { wireElsewhere } from '../reader/elsewhere.js';
import { Finder } from '../reader/find.js';
import { wireKept } from '../reader/kept.js';
import { wireKeys } from '../reader/keys.js';
import { isPlain, Notes } from '../reader/notes.js';
import { opened } from '../reader/opened.js';
import { wirePreferences } from '../reader/preferences.js';
import { Track } from '../reader/track.js';
import { wireTurning } from '../reader/turning.js';
import { wireZoom } from '../reader/zoom.js';

const reading = given('reading-data');
const { book, section, cited } = reading;
const scroll = the('[data-part="scroll"]');
const { view, layers, leaves, sheets, wireSheets } = await opened(reading, scroll);
const track = new Track(reading, the('.place'));
const line = pageLine();
const chat = new ChatPanel(the('#chat'), line, { address: besideAddress });
const desk = new Desk(reading, { view, layers, track, chat, line });
const notes = new Notes(scroll, book);
const backChip = the('[data-part="back"]');

/** The place an entry or a link names. @param {HTMLElement} link */
function placeOf(link) {
    const [at, start] = (link.dataset.go ?? '').split(':').map(Number);
    return { section: at, start };
}

view.addEventListener('place', (event) => track.show(/** @type {CustomEvent} */ (event).detail, { isNew: true }));
desk.addEventListener('back', (event) => (backChip.hidden = /** @type {CustomEvent} */ (event).detail === 0));

document.addEventListener('click', (event) => {
    const target = /** @type {Element} */ (event.target);
    const entry = /** @type {HTMLElement | null} */ (target.closest('.toc [data-go]'));
    if (entry) {
        event.preventDefault();
        desk.go(placeOf(entry));
        if (matchMedia('(max-width: 84rem)').matches) setDrawer('toc', 'shut', { hasFocus: false });
        scroll.focus({ preventScroll: true });
    }
    const link = /** @type {HTMLElement | null} */ (target.closest('a.goto[data-go]'));
    if (link && isPlain(event)) {
        event.preventDefault();
        notes.close({ isGentle: true });
        desk.go(placeOf(link));
    }
});

const finder = new Finder(the('#find'), book, () => view.place);
finder.addEventListener('found', async (event) => {
    const { span, isFirst } = /** @type {CustomEvent} */ (event).detail;
    const held = /** @type {HTMLElement | null} */ (document.activeElement);
    if (!isFirst) track.jump(); // from one place to the next: the way back leads to where the reader was before
    await (isFirst ? desk.open(span, 'found') : desk.arrive(span));
    if (held?.closest('#find')) held.focus({ preventScroll: true }); // so that the keys go on
});
finder.addEventListener('all', (event) => layers.paint?.('found', /** @type {CustomEvent} */ (event).detail));
track.isAtEnd = () => Boolean((leaves ?? sheets)?.isAtEnd);
track.addEventListener('go', (event) => {
    const held = /** @type {HTMLElement | null} */ (document.activeElement);
    desk.go(/** @type {CustomEvent} */ (event).detail, { at: 0, isGentle: false }); // the very place the line names
    if (held?.matches('[role="slider"]')) held.focus(); // its keys go on
});

notes.addEventListener('go', (event) => desk.go(/** @type {CustomEvent} */ (event).detail));
backChip.addEventListener('click', () => desk.back());
wireChat(desk);
wireAnnotations(desk);
wireZoom(scroll);
wireDrawers();
const resize = wirePreferences(the('#type'), () => (leaves ? leaves.restyle() : view.restore()));
const zoom = wireSheets(desk);
if (leaves) wireTurning(leaves);
wireContents(desk);
wireElsewhere(desk, location.search.includes('section='));
wireKeys({
    contents: () => toggle('toc'),
    chat: () => (isOpen('chat') ? chat.focus() : setDrawer('chat', 'open')),
    find: () => togglePanel('find'),
    turn: (by) => {
        track.jump();
        view.turn(by);
    },
    step: (by) => void view.step(by),
    side: (to) => Boolean((leaves ?? sheets)?.side(to)),
    scroll: (by) => (leaves ? leaves.line(by) : scroll.scrollBy({ top: by * 60, behavior: 'smooth' })),
    resize: zoom ?? resize,
    quote: (number) => {
        const quote = chat.lastQuotes().find(({ citation }) => citation.number === number && citation.book === book);
        if (quote) void desk.open(quote.citation, quote.q);
    },
    limit: () => chat.toggleLimit?.(),
    back: () => desk.back(),
    keys: () => /** @type {HTMLDialogElement} */ (the('#keys')).showModal(),
    escape: () => {
        if (notes.close() || closeTop()) return;
        if (chat.isWriting) chat.stop();
        else if (document.activeElement instanceof HTMLTextAreaElement) document.activeElement.blur();
    },
    fresh: () => void chat.openConversation(null).then(() => chat.focus()),
});

view.start();
wireKept(desk);
track.show(view.place, { isNew: false });
if (cited) void desk.arrive({ section, start: cited[0], end: cited[1] });
if (new URLSearchParams(location.search).has('lost')) toast(gettext('The words this comes from are no longer in the book. It is open where you stopped.'));
document.documentElement.dataset.isReady = 'true';
