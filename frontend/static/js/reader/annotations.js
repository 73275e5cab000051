// @ts-check
/** What a reader leaves in a book, and what conversations left there: the parts put together. */

import { Refusal } from '../lib/api.js';
import { isField, make, the } from '../lib/dom.js';
import { toast, undoable } from '../lib/toasts.js';
import { fill, gettext } from '../lib/words.js';
import { Bookmarks } from './annotations_bookmarks.js';
import { headingAt, Tabs } from './annotations_drawer.js';
import { Notebook } from './annotations_store.js';
import { copy, INKS, nameOf, withSource } from './annotations_words.js';
import { setDrawer } from './drawers.js';
import { Margin } from './margin.js';
import { Quotes } from './margin_quotes.js';
import { hasKeys, keepReading, keptReading } from './preferences.js';
import { Picker } from './selecting.js';

/** @typedef {import('./annotations_store.js').Mark} Mark */
/** @typedef {import('./view.js').Span} Span */
/** @typedef {import('./aloud_bar.js').AloudBar} AloudBar */
/** @typedef {import('./annotations_card.js').MarkCard} MarkCard */

const WRITTEN = 400; // milliseconds without a letter until a mark gets its new name
const floats = matchMedia('(max-width: 84rem)');

/**
 * What is wanted now and then is fetched when it is wanted first.
 * @template T
 * @param {() => Promise<T>} fetched
 * @returns {() => Promise<T>}
 */
function once(fetched) {
    /** @type {Promise<T> | null} */
    let coming = null;
    return () => (coming ??= fetched());
}

/** @param {import('./desk.js').Desk} desk */
export function wireAnnotations(desk) {
    const notebook = new Notebook(desk.book);
    const bookmarks = new Bookmarks(desk, notebook);
    const aloud = once(async () => new (await import('./aloud_bar.js')).AloudBar(desk));
    const card = once(async () => {
        const made = new (await import('./annotations_card.js')).MarkCard(desk, notebook);
        made.addEventListener('do', (event) => deeds.withMark(/** @type {CustomEvent} */ (event).detail));
        return made;
    });
    const deeds = new Deeds(desk, { notebook, card, aloud });
    const picker = new Picker(desk, (span) => notebook.marks.find((mark) => mark.kind !== 'bookmark' && isSame(mark, span))?.colour ?? '');
    picker.addEventListener('do', (event) => deeds.withWords(/** @type {CustomEvent} */ (event).detail));
    desk.layers.addEventListener('selected', () => void card(), { once: true }); // it may be wanted in a moment
    paintMarks(desk, notebook);
    notebook.addEventListener('refused', (event) => toast(/** @type {CustomEvent} */ (event).detail));
    notebook.addEventListener('conflict', (event) => deeds.choose(/** @type {CustomEvent} */ (event).detail));
    desk.layers.addEventListener('hit', (event) => {
        const { layer, id } = /** @type {CustomEvent} */ (event).detail;
        if (layer === 'marks') deeds.open(id);
    });
    wireMargin(desk, notebook, deeds);
    wireDrawer(desk, { notebook, bookmarks, deeds });
    wireButtons({ bookmarks, aloud });
    void notebook.load().catch(passed);
}

/** Inks change at once; what a note says is told a little later, not with every letter. @param {import('./desk.js').Desk} desk @param {Notebook} notebook */
function paintMarks(desk, notebook) {
    let shown = '';
    /** @type {any} */
    let timer = null;
    notebook.addEventListener('change', () => {
        const items = notebook.marks.filter(isInk).map(painted);
        const now = items.map(({ id, section, start, end, look }) => [id, section, start, end, look].join()).join(' ');
        clearTimeout(timer);
        if (now === shown) timer = setTimeout(() => desk.layers.paint('marks', items), WRITTEN);
        else desk.layers.paint('marks', items);
        shown = now;
    });
}

/** What lies in the margin, and the list of all quotes. @param {import('./desk.js').Desk} desk @param {Notebook} notebook @param {Deeds} deeds */
function wireMargin(desk, notebook, deeds) {
    const quotes = new Quotes(desk.book);
    const margin = new Margin(desk, quotes, notebook);
    const talks = once(async () => new (await import('./margin_talks.js')).TalkMenu(desk));
    const list = once(async () => {
        const made = new (await import('./annotations_quotes.js')).QuoteList(the('[data-part="quotes-list"]'), quotes, headingAt);
        made.addEventListener('go', (event) => {
            away();
            void desk.open(/** @type {CustomEvent} */ (event).detail, 'found');
        });
        made.addEventListener('talk', (event) => void talks().then((menu) => menu.open(/** @type {CustomEvent} */ (event).detail)));
        return made;
    });
    const panel = the('#drawer-quotes');
    const look = () => {
        margin.look();
        void countQuotes(quotes).catch(passed);
        if (!panel.hidden) void list().then((made) => made.show());
    };
    let isWriting = desk.chat.isWriting;
    margin.addEventListener('talk', (event) => void talks().then((menu) => menu.choose(/** @type {CustomEvent} */ (event).detail)));
    margin.addEventListener('note', (event) => deeds.open(/** @type {CustomEvent} */ (event).detail));
    panel.addEventListener('shown', () => void list().then((made) => made.show()));
    desk.chat.addEventListener('change', () => {
        const wasWriting = isWriting;
        isWriting = desk.chat.isWriting;
        if (!wasWriting || isWriting) return;
        quotes.forget(); // an answer is whole: it may have quoted something
        look();
    });
    look();
}

/** Say on the tab how many quotes there are. @param {Quotes} quotes */
async function countQuotes(quotes) {
    const { items } = await quotes.counts();
    const all = items.reduce((sum, one) => sum + one.quotes, 0);
    the('[data-part="quotes-count"]').textContent = all ? String(all) : '';
}

/** @param {import('./desk.js').Desk} desk @param {{ notebook: Notebook, bookmarks: Bookmarks, deeds: Deeds }} parts */
function wireDrawer(desk, { notebook, bookmarks, deeds }) {
    const panel = the('#drawer-notes');
    const list = once(async () => {
        const made = new (await import('./annotations_list.js')).MarkList(panel, notebook, headingAt);
        made.addEventListener('do', (event) => {
            const { deed, mark } = /** @type {CustomEvent} */ (event).detail;
            if (deed === 'delete') return deeds.remove(mark);
            away();
            if (deed === 'edit') void deeds.edit(mark);
            else desk.go(mark);
        });
        return made;
    });
    const tabs = new Tabs(the('.tochead'));
    tabs.addEventListener('shown', (event) => /** @type {CustomEvent} */ (event).detail.dispatchEvent(new CustomEvent('shown')));
    panel.addEventListener('shown', () => void list().then((made) => made.show()));
    notebook.addEventListener('change', () => {
        const { length } = notebook.marks;
        the('[data-part="notes-count"]').textContent = length ? String(length) : '';
    });
    the('[data-do="bookmark"]', panel).addEventListener('click', () => void bookmarks.toggle());
}

/** @param {{ bookmarks: Bookmarks, aloud: () => Promise<AloudBar> }} parts */
function wireButtons({ bookmarks, aloud }) {
    the('.bar [data-do="bookmark"]').addEventListener('click', () => void bookmarks.toggle());
    for (const button of document.querySelectorAll('.bar [data-do="aloud"], #drawer-notes [data-do="aloud"]')) {
        button.addEventListener('click', () => void aloud().then((bar) => bar.toggle()));
    }
    document.addEventListener('keydown', (event) => {
        const isOther = event.isComposing || event.ctrlKey || event.metaKey || event.altKey || isField(event.target);
        if (isOther || event.key !== 'b' || !hasKeys() || document.querySelector('dialog[open]')) return;
        event.preventDefault();
        void bookmarks.toggle();
    });
}

/** What is done with words, and with marks. */
class Deeds {
    #desk;
    #notebook;
    #card;
    #aloud;

    /** @param {import('./desk.js').Desk} desk @param {{ notebook: Notebook, card: () => Promise<MarkCard>, aloud: () => Promise<AloudBar> }} parts */
    constructor(desk, { notebook, card, aloud }) {
        this.#desk = desk;
        this.#notebook = notebook;
        this.#card = card;
        this.#aloud = aloud;
    }

    /** @param {{ deed: string, ink?: string, words: import('./view.js').Selected }} what */
    withWords({ deed, ink, words }) {
        if (deed === 'ink') this.#ink(words, ink ?? 'yellow');
        if (deed === 'note') this.open(this.#ink(words, keptReading().ink ?? 'yellow', { isNew: true }), { isWriting: true });
        if (deed === 'copy') void this.#copy(words.text, words);
        if (deed === 'aloud') void this.#aloud().then((bar) => bar.begin({ section: words.section, offset: words.start }));
        if (deed === 'ask' || deed === 'explain' || deed === 'translate') this.#talk(deed, words, words.text);
    }

    /** @param {{ deed: string, mark: Mark }} what */
    withMark({ deed, mark }) {
        if (deed === 'delete') this.remove(mark);
        if (deed === 'copy') void this.#copy(mark.quote, mark);
        if (deed === 'ask') this.#talk('ask', mark, mark.quote);
    }

    /** Open the card of a mark. @param {string} key @param {{ isWriting?: boolean }} [how] */
    open(key, how) {
        void this.#card().then((card) => card.open(key, how));
    }

    /** A note was changed here and on another device: show both, at once where it is open. @param {string} key */
    choose(key) {
        const mark = this.#notebook.mark(key);
        if (!mark || document.querySelector('.markcard')?.contains(document.activeElement)) return;
        const look = make('button', { class: 'btn small', type: 'button' }, gettext('Show both'));
        const told = toast(gettext('A note of yours was changed on another device too.'), look);
        look.addEventListener('click', () => {
            told.remove();
            this.#desk.go(mark);
            this.open(key);
        });
    }

    /** @param {Mark} mark */
    remove(mark) {
        const words = mark.kind === 'bookmark' ? gettext('Bookmark removed') : mark.text ? gettext('Note deleted') : gettext('Highlight deleted');
        undoable(words, gettext('Undo'), this.#notebook.remove(mark.key));
    }

    /** Go to a mark and open it for writing. @param {Mark} mark */
    async edit(mark) {
        this.#desk.leave();
        if ((await this.#desk.view.show(mark.section, mark.start, { at: 0.3 })) !== null) this.open(mark.key, { isWriting: true });
    }

    /** Ink words; the ink they have already takes it away. @param {import('./view.js').Selected} words @param {string} ink @param {{ isNew?: boolean }} [how] @returns {string} the key of the mark */
    #ink({ section, start, end, text }, ink, { isNew = false } = {}) {
        const there = this.#notebook.marks.find((mark) => mark.kind !== 'bookmark' && isSame(mark, { section, start, end }));
        if (there && isNew) return there.key;
        if (there && there.colour === ink && !there.text) {
            this.remove(there);
            return there.key;
        }
        keepReading({ ink });
        const key = this.#notebook.add({ colour: ink, section, start, end, quote: text });
        this.#desk.say(fill(gettext('Highlighted, %(ink)s'), { ink: INKS[ink]?.name() ?? '' }));
        return key;
    }

    /** @param {'ask' | 'explain' | 'translate'} kind @param {Span} span @param {string} text */
    #talk(kind, { section, start, end }, text) {
        const about = { kind, book: this.#desk.book, section, start, end, text };
        const { chat } = this.#desk;
        setDrawer('chat', 'open', { hasFocus: false });
        if (kind === 'ask') chat.attach(about);
        else chat.ask(kind === 'explain' ? gettext('Explain these words.') : gettext('Translate these words.'), { about });
    }

    /** @param {string} text @param {Span} span */
    async #copy(text, span) {
        if (!(await copy(text))) return void toast(gettext('This browser did not let Mindory copy.'));
        const source = make('button', { class: 'btn small', type: 'button' }, gettext('Copy with its source'));
        const told = toast(gettext('Copied'), source);
        source.addEventListener('click', () => {
            const [title, authors] = ['.toc .about b', '.toc .about .tiny'].map((part) => document.querySelector(part)?.textContent?.trim() ?? '');
            const page = pageAt(this.#desk.reading.pages, span);
            void copy(withSource({ quote: text, title, authors, heading: headingAt(span), page })).then(() => (told.remove(), this.#desk.say(gettext('Copied'))));
        });
    }
}

/** What is printed on the page where a span begins. @param {[number, number, string][] | undefined} pages [section, start, label] @param {Span} span */
function pageAt(pages, { section, start }) {
    return (pages ?? []).filter(([at, from]) => at < section || (at === section && from <= start)).at(-1)?.[2] ?? '';
}

/** @param {Span} one @param {Span} other */
const isSame = (one, other) => one.section === other.section && one.start === other.start && one.end === other.end;

/** @param {Mark} mark */
const isInk = ({ kind, is_placed: isPlaced }) => kind !== 'bookmark' && isPlaced;

/** @param {Mark} mark @returns {import('./view.js').Painted} */
const painted = (mark) => ({ section: mark.section, start: mark.start, end: mark.end, id: mark.key, look: INKS[mark.colour]?.look ?? 'hl1', label: nameOf(mark) });

/** The drawer goes out of the way where it lies over the text. */
function away() {
    if (floats.matches) setDrawer('toc', 'shut', { hasFocus: false });
}

/** @param {unknown} error */
function passed(error) {
    if (!(error instanceof Refusal)) throw error; // the marks come with the next look
}
