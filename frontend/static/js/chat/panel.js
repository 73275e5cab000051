// @ts-check
/**
 * A chat: the thread, its view, the composer and the line, put together.
 * Events: `cite` (detail: { citation, q, event }), `named` (detail: { conversation, question }), `change`.
 */

import { given, make, the } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { Composer } from './composer.js';
import { asking, isOpen, reduce, resumes, start } from './thread.js';
import { outcome, quoteName, stage } from './turn.js';
import { ThreadView } from './view.js';

const PATIENCE = 1500; // milliseconds a line may be down before the page says so

export class ChatPanel extends EventTarget {
    #line;
    #book;
    #thread;
    #view;
    #composer;
    #root;
    #status;
    /** @type {Set<number>} replies that were asked for since the line came up */ #resumed = new Set();
    #isDrawing = false;
    /** @type {any} */ #patience = null;

    /**
     * @param {HTMLElement} root holds the parts of chat/_talk.html
     * @param {import('../lib/socket.js').Line} line
     */
    constructor(root, line) {
        super();
        const { conversation, book, replies } = given('chat-data');
        this.#root = root;
        this.#line = line;
        this.#book = book;
        this.#thread = start(conversation, replies);
        this.#status = the('[data-part="status"]', root);
        this.#composer = new Composer(the('[data-part="composer"]', root));
        this.#view = new ThreadView(
            { flow: the('[data-part="flow"]', root), list: the('[data-part="thread"]', root), newest: the('[data-part="newest"]', root) },
            { address: placeAddress, book, asker: () => /** @type {HTMLTemplateElement} */ (the('#asker')).content.cloneNode(true) },
        );
        this.#listen();
        this.#draw();
        this.#view.follow();
    }

    get thread() {
        return this.#thread;
    }

    get isWriting() {
        return this.#composer.isWriting;
    }

    focus() {
        this.#composer.focus();
    }

    follow() {
        this.#view.follow();
    }

    stop() {
        for (const turn of this.#thread.turns) {
            if (turn.reply !== null && isOpen(turn)) this.#line.send({ type: 'stop', reply: turn.reply });
        }
    }

    /** @param {string} question */
    ask(question) {
        this.#thread = asking(this.#thread, { nonce: crypto.randomUUID?.() ?? String(Math.random()).slice(2), question });
        this.#send(this.#thread.turns[this.#thread.turns.length - 1]);
        this.#draw();
        this.#view.follow();
    }

    /** The quotes of the last answer that has any. @returns {{ citation: import('./thread.js').Citation, q: string }[]} */
    lastQuotes() {
        const turn = this.#thread.turns.filter(({ citations }) => citations.length).at(-1);
        if (!turn) return [];
        const sorted = [...turn.citations].sort((one, other) => one.number - other.number);
        return sorted.map((citation) => ({ citation, q: quoteName(turn, citation.number) }));
    }

    /** Light a chip and its slip. @param {string} q */
    light(q) {
        for (const part of this.#root.querySelectorAll('.cite[data-q], .quote[data-q]')) {
            const isOn = part.getAttribute('data-q') === q;
            part.classList.toggle('on', isOn);
            if (isOn && part.matches('.quote')) part.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        }
    }

    #listen() {
        this.#composer.addEventListener('ask', (event) => this.ask(/** @type {CustomEvent} */ (event).detail));
        this.#composer.addEventListener('stop', () => this.stop());
        this.#line.addEventListener('frame', (event) => this.#take(/** @type {CustomEvent} */ (event).detail));
        this.#line.addEventListener('up', () => this.#cameUp());
        this.#line.addEventListener('down', () => this.#wentDown());
        this.#root.addEventListener('click', (event) => this.#click(event));
        if (this.#line.isUp) this.#cameUp();
    }

    /** @param {any} frame */
    #take(frame) {
        const before = this.#thread;
        this.#thread = reduce(before, frame);
        if (this.#thread === before) return;
        if (frame.type === 'reply.new' && before.conversation !== this.#thread.conversation) {
            const detail = { conversation: this.#thread.conversation, question: frame.question };
            this.dispatchEvent(new CustomEvent('named', { detail }));
        }
        this.#catchUp({ all: false });
        this.#soon();
        this.#tell(before);
    }

    /** @param {{ all: boolean }} which */
    #catchUp(which) {
        for (const frame of resumes(this.#thread, which)) {
            if (this.#resumed.has(frame.reply)) continue;
            this.#resumed.add(frame.reply);
            this.#line.sendNow(frame);
        }
    }

    #cameUp() {
        clearTimeout(this.#patience);
        the('[data-part="offline"]', this.#root).hidden = true;
        this.#resumed.clear();
        for (const turn of this.#thread.turns) if (turn.state === 'sending') this.#send(turn);
        this.#catchUp({ all: true });
    }

    #wentDown() {
        clearTimeout(this.#patience);
        this.#patience = setTimeout(() => (the('[data-part="offline"]', this.#root).hidden = false), PATIENCE);
    }

    /** A question sent again has the same nonce, so it is asked once. @param {import('./thread.js').Turn} turn */
    #send(turn) {
        const { conversation } = this.#thread;
        this.#line.sendNow({ type: 'ask', nonce: turn.nonce, text: turn.question, conversation, book: this.#book });
    }

    /** Draw once for all frames that come in one tick of the screen. */
    #soon() {
        if (this.#isDrawing) return;
        this.#isDrawing = true;
        setTimeout(() => {
            this.#isDrawing = false;
            this.#draw();
        }, 30);
    }

    #draw() {
        the('[data-part="hello"]', this.#root).hidden = this.#thread.turns.length > 0;
        this.#view.show(this.#thread);
        this.#composer.isWriting = this.#thread.turns.some(isOpen);
        this.#composer.last = this.#thread.turns.at(-1)?.question ?? '';
        this.dispatchEvent(new CustomEvent('change'));
    }

    /** Say stages and the end of the newest answer, not its words. @param {import('./thread.js').Thread} before */
    #tell(before) {
        const turn = this.#thread.turns.at(-1);
        const old = before.turns.find(({ reply }) => reply === turn?.reply);
        if (!turn || (old && old.state === turn.state && old.citations.length === turn.citations.length)) return;
        this.#status.textContent = isOpen(turn) ? stage(turn) : outcome(turn);
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const target = /** @type {Element} */ (event.target);
        const link = target.closest('a[data-q]');
        if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
            const q = link.getAttribute('data-q') ?? '';
            const citation = this.#citation(q);
            if (citation) this.dispatchEvent(new CustomEvent('cite', { detail: { citation, q, event } }));
        }
        const again = target.closest('[data-do="again"]')?.closest('.turn');
        if (again && !this.isWriting) this.ask(again.querySelector('.ask p')?.textContent ?? '');
        const copied = target.closest('[data-do="copy"]')?.closest('[data-copy]');
        if (copied) void this.#copy(copied.getAttribute('data-copy') ?? '');
    }

    /** @param {string} q */
    #citation(q) {
        for (const turn of this.#thread.turns) {
            const found = turn.citations.find(({ number }) => quoteName(turn, number) === q);
            if (found) return found;
        }
        return null;
    }

    /** @param {string} text */
    async #copy(text) {
        try {
            await navigator.clipboard.writeText(text);
        } catch {
            const field = make('textarea', { class: 'sr' }); // pages without TLS have no clipboard of their own
            field.textContent = text;
            document.body.append(field);
            /** @type {HTMLTextAreaElement} */ (field).select();
            document.execCommand('copy');
            field.remove();
        }
        this.#status.textContent = gettext('Copied');
    }
}

/** The page where the words of a citation are marked. @param {import('./thread.js').Citation} citation */
export function placeAddress({ book, section, start: from, end }) {
    return `/books/${book}/?section=${section}&start=${from}&end=${end}`;
}
