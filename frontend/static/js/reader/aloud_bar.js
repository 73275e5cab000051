// @ts-check
/** Reading aloud on the page: its bar, the sentence in colour and in view, the voice one chose last. */

import { make, the } from '../lib/dom.js';
import { toast } from '../lib/toasts.js';
import { fill, gettext } from '../lib/words.js';
import { Aloud } from './aloud.js';
import { sentences } from './aloud_sentences.js';
import { BrowserSpeaker } from './aloud_voice.js';
import { keepReading, keptReading } from './preferences.js';
import { textOf } from './selecting_text.js';

const RATES = [0.75, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2];
const SHOWN_AT = 0.25; // how far down the screen a sentence is shown that was out of sight

export class AloudBar {
    #desk;
    #bar = the('[data-part="aloud"]');
    #rate = /** @type {HTMLSelectElement} */ (the('[data-part="rate"]', this.#bar));
    #voice = /** @type {HTMLSelectElement} */ (the('[data-part="voice"]', this.#bar));
    #speaker = new BrowserSpeaker();
    #aloud;
    /** @type {import('./view.js').Span | null} */ #now = null;

    /** @param {import('./desk.js').Desk} desk */
    constructor(desk) {
        this.#desk = desk;
        const { language, starts } = desk.reading;
        this.#aloud = new Aloud(this.#speaker, async (section) => sentences(await textOf(desk.book, section), language), starts.length);
        this.#aloud.addEventListener('sentence', (event) => this.#follow(/** @type {CustomEvent} */ (event).detail));
        this.#aloud.addEventListener('state', () => this.#show());
        this.#aloud.addEventListener('failed', () => toast(gettext('The voice of this browser stopped. Try another one.')));
        the('.sheet').append(this.#bar);
        this.#bar.addEventListener('click', ({ target }) => this.#clicked(/** @type {Element} */ (target).closest('[data-do]')?.getAttribute('data-do') ?? ''));
        this.#bar.addEventListener('change', () => this.#chose());
        this.#bar.addEventListener('keydown', (event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            this.#aloud.stop();
        });
        addEventListener('pagehide', () => this.#aloud.stop());
    }

    get isOpen() {
        return this.#aloud.state !== 'stopped';
    }

    /** Read from a place on, or say why not. @param {{ section: number, offset: number }} place */
    async begin(place) {
        const { language } = this.#desk.reading;
        const voices = await this.#speaker.voices(language);
        if (!voices.length) {
            const any = await this.#speaker.voices('');
            const words = any.length
                ? fill(gettext('No voice on this device speaks the language of this book (%(language)s).'), { language: languageName(language) })
                : gettext('This browser has no voice to read aloud with.');
            return void toast(words);
        }
        const kept = keptReading();
        const chosen = voices.find(({ id }) => id === kept[`voice-${language}`]) ?? voices[0];
        this.#voice.replaceChildren(...voices.map(({ id, name }) => make('option', { value: id, selected: id === chosen.id }, name)));
        const rate = RATES.includes(Number(kept.rate)) ? Number(kept.rate) : 1;
        this.#rate.replaceChildren(...RATES.map((one) => make('option', { value: one, selected: one === rate }, `${one.toLocaleString(document.documentElement.lang)}×`)));
        this.#aloud.how = { voice: chosen.id, language, rate };
        await this.#aloud.begin(place);
    }

    /** The button of the page: begin here, or stop. */
    toggle() {
        if (this.isOpen) this.#aloud.stop();
        else void this.begin(this.#desk.view.place);
    }

    /** @param {string} deed */
    #clicked(deed) {
        if (deed === 'pause') void (this.#aloud.state === 'reading' ? this.#aloud.pause() : this.#aloud.resume());
        if (deed === 'before') void this.#aloud.skip(-1);
        if (deed === 'after') void this.#aloud.skip(1);
        if (deed === 'stop') this.#aloud.stop();
    }

    #chose() {
        const { language } = this.#desk.reading;
        this.#aloud.how = { voice: this.#voice.value, language, rate: Number(this.#rate.value) };
        keepReading({ [`voice-${language}`]: this.#voice.value, rate: this.#rate.value });
        void this.#aloud.again();
    }

    #show() {
        const { state } = this.#aloud;
        const hadFocus = this.#bar.contains(document.activeElement);
        this.#bar.hidden = state === 'stopped';
        this.#bar.classList.toggle('paused', state === 'paused');
        the('[data-do="pause"]', this.#bar).setAttribute('aria-label', state === 'paused' ? gettext('Go on') : gettext('Pause'));
        for (const button of document.querySelectorAll('.bar [data-do="aloud"]')) button.setAttribute('aria-pressed', String(state !== 'stopped'));
        if (state !== 'stopped') return;
        this.#now = null;
        this.#desk.layers.paint('aloud', []);
        if (hadFocus) this.#desk.view.element.focus({ preventScroll: true });
    }

    /** Colour the sentence. It is brought into view, unless the reader went to look at something else. @param {import('./view.js').Span} span */
    #follow(span) {
        const { layers, view } = this.#desk;
        const isFollowing = !this.#now || this.#isSeen(this.#now);
        this.#now = span;
        layers.paint('aloud', [{ ...span, id: '', look: 'aloud' }]);
        if (isFollowing && !this.#isSeen(span, { whole: true })) {
            void view.show(span.section, span.start, { at: SHOWN_AT, isGentle: true });
        }
    }

    /** @param {import('./view.js').Span} span @param {{ whole?: boolean }} [how] */
    #isSeen(span, { whole = false } = {}) {
        const room = this.#desk.view.element.getBoundingClientRect();
        const lowest = Math.min(room.bottom, this.#bar.hidden ? room.bottom : this.#bar.getBoundingClientRect().top);
        const rects = this.#desk.layers.rects(span);
        const inside = rects.filter(({ top, bottom, left, right }) => top >= room.top - 1 && bottom <= lowest + 1 && left >= room.left - 1 && right <= room.right + 1);
        return rects.length > 0 && (whole ? inside.length === rects.length || rects[0].top < room.top + 40 : inside.length > 0);
    }
}

/** @param {string} tag */
function languageName(tag) {
    try {
        return new Intl.DisplayNames([document.documentElement.lang], { type: 'language' }).of(tag) ?? tag;
    } catch {
        return tag;
    }
}
