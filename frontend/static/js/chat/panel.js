// @ts-check
/**
 * A chat: the exchange with the server, its view, the composer and the scope, put together.
 * Events: `cite` (detail: { citation, q, event }), `change`, `named` (detail: { conversation }): another conversation is
 * shown, or this one got its number; `wanted`: something beside the chat asks for it to be seen.
 */

import { given, the } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { Composer } from './composer.js';
import { editLast, wireDeeds } from './deeds.js';
import { Exchange } from './exchange.js';
import { Forgetful } from './forgetful.js';
import { ConversationMenu } from './menu.js';
import { showLearned } from './remembered.js';
import { fields, ScopeBar } from './scope.js';
import { placeAddress, quoteName, said } from './sentences.js';
import { TalkShelf } from './talk_shelf.js';
import { end, shown } from './thread.js';
import { suggest } from './tries.js';
import { ThreadView } from './view.js';

/** @typedef {import('./thread.js').Turn} Turn */
/** @typedef {import('./thread.js').About} About */

const PATIENCE = 1500; // milliseconds a line may be down before the page says so
const SHOWN = 6000; // milliseconds a sentence stays in the input bar
const TICK = 40; // milliseconds: words that come meanwhile are drawn together

export class ChatPanel extends EventTarget {
    #root;
    #data;
    #exchange;
    #composer;
    #scope;
    #view;
    #shelf;
    /** @type {About | null} */ #about = null;
    /** @type {ConversationMenu} */ menu;
    /** @type {Forgetful} */ forgetful;
    #isDrawing = false;
    /** @type {any} */ #offline = null;

    /**
     * @param {HTMLElement} root holds the parts of chat/_talk.html
     * @param {import('../lib/socket.js').Line} line
     * @param {{ address?: (conversation: number | null) => string }} [page] the address of a conversation in this page
     */
    constructor(root, line, { address = () => location.href } = {}) {
        super();
        this.#root = root;
        this.#data = given('chat-data');
        this.#exchange = new Exchange(line);
        this.#composer = new Composer(the('[data-part="composer"]', root));
        this.#scope = new ScopeBar(root);
        this.#view = new ThreadView(
            { flow: the('[data-part="flow"]', root), list: the('[data-part="thread"]', root), newest: the('[data-part="newest"]', root) },
            {
                address: (citation) => placeAddress(citation, this.thread.conversation),
                asker: () => /** @type {HTMLTemplateElement} */ (the('#asker')).content.cloneNode(true),
                book: () => this.#data.book,
                isUp: () => this.#exchange.isUp,
                isLate: (turn) => this.#exchange.isLate(turn),
            },
        );
        this.menu = new ConversationMenu(this);
        this.forgetful = new Forgetful(this);
        this.#shelf = new TalkShelf(this, address);
        this.#listen();
        wireDeeds(this);
        this.adopt(this.#data);
    }

    get root() {
        return this.#root;
    }

    get exchange() {
        return this.#exchange;
    }

    get thread() {
        return this.#exchange.thread;
    }

    get view() {
        return this.#view;
    }

    /** What is known of the conversation beside its words: its title, its scope, whether it is pinned. */
    get data() {
        return this.#data;
    }

    /** Whether another conversation is on its way: nothing is sent into this one. @param {boolean} isHeld */
    set isHeld(isHeld) {
        this.#composer.isHeld = isHeld;
        if (isHeld) this.#root.setAttribute('aria-busy', 'true');
        else this.#root.removeAttribute('aria-busy');
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
        this.#exchange.stop();
    }

    /**
     * Ask, after all that is shown.
     * @param {string} question
     * @param {{ about?: About | null, parent?: number | null }} [how] `parent`: the reply it follows instead
     */
    ask(question, { about = this.#about, parent = end(this.thread) } = {}) {
        const { conversation } = this.thread;
        const where = conversation === null ? fields(this.#scope.scope, this.#data.book) : this.thread.turns.length ? { parent } : {};
        const words = about && { kind: about.kind, book: about.book, section: about.section, start: about.start, end: about.end };
        this.#exchange.put({ question, about, parent }, { type: 'ask', text: question, conversation, ...where, ...(words && { about: words }) });
        this.#about = this.#composer.about = null;
        this.#view.follow();
        if (about) this.dispatchEvent(new CustomEvent('wanted'));
    }

    /** Ask what was asked once more, or put otherwise, beside its first answer. @param {Turn} turn @param {string} [question] */
    again(turn, question = turn.question) {
        if (turn.reply === null) this.ask(question, { about: turn.about, parent: turn.parent });
        else this.#exchange.again(turn, question);
        this.#view.follow();
    }

    /** Show words over the field: the next question is about them. @param {About | null} about */
    attach(about) {
        this.#about = this.#composer.about = about;
        if (!about) return;
        this.dispatchEvent(new CustomEvent('wanted'));
        this.focus();
    }

    /** Show another conversation without leaving the page. @param {number | null} conversation null: a new one @param {{ reply?: number }} [at] */
    async openConversation(conversation, { reply } = {}) {
        if (conversation !== this.thread.conversation || conversation === null) await this.#shelf.open(conversation);
        if (reply !== undefined && this.thread.turns.some((turn) => turn.reply === reply)) {
            if (!shown(this.thread).some((turn) => turn.reply === reply)) this.#exchange.choose(reply, { isTold: false });
            this.#draw();
            this.#view.goTo(reply);
        }
        this.dispatchEvent(new CustomEvent('wanted'));
    }

    /** Take up a conversation as books/views/talking.py tells it. @param {any} data */
    adopt(data) {
        this.#data = data;
        this.#view.clear();
        this.#exchange.adopt(data);
        this.#composer.draft = this.#draft();
        this.#about = this.#composer.about = null;
        this.#scope.scope = data;
        this.#scope.reach = data.reach;
        this.retitle(data.title);
        this.forgetful.show();
        the('[data-part="learned"]', this.#root).replaceChildren();
        this.#draw();
        this.#view.follow();
        void suggest(this);
    }

    /** @param {string} title */
    retitle(title) {
        this.#data.title = title;
        for (const part of this.#root.querySelectorAll('[data-part="title"]')) part.textContent = title || gettext('New conversation');
        the('[data-part="more"]', this.#root).hidden = this.#data.conversation === null;
    }

    /** Say where the reader has come to, which the limit goes by. @param {string} heading */
    reached(heading) {
        this.#data.reach = this.#scope.reach = heading;
    }

    toggleLimit() {
        this.#scope.toggleLimit();
    }

    /** Answer a question past the limit: from now on this conversation has none. @param {Turn} turn */
    async askUnlimited(turn) {
        this.#scope.scope = { ...this.#scope.scope, is_limited: false };
        if (await this.#rescope({ is_limited: false })) this.again(turn);
    }

    /** Say something to those who hear the page. @param {string} words */
    say(words) {
        the('[data-part="status"]', this.#root).textContent = words;
    }

    /** Say something to everybody: in the input bar, for a while. @param {string} words */
    tell(words) {
        const told = the('[data-part="told"]', this.#root);
        this.say(words);
        told.textContent = words;
        told.hidden = false;
        setTimeout(() => (told.hidden = told.textContent === words), SHOWN);
    }

    /** The quotes of the last answer that has any. @returns {{ citation: import('./thread.js').Citation, q: string }[]} */
    lastQuotes() {
        const turn = shown(this.thread).filter(({ citations }) => citations.length).at(-1);
        if (!turn) return [];
        const placed = turn.citations.filter(({ is_placed: isPlaced }) => isPlaced !== false);
        const sorted = placed.toSorted((one, other) => one.number - other.number);
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
        const when = (/** @type {EventTarget} */ from, /** @type {string} */ name, /** @type {(detail: any) => void} */ work) =>
            from.addEventListener(name, (event) => work(/** @type {CustomEvent} */ (event).detail));
        when(this.#composer, 'ask', (words) => this.ask(words));
        when(this.#composer, 'stop', () => this.stop());
        when(this.#composer, 'dropped', () => this.attach(null));
        when(this.#composer, 'last', () => editLast(this));
        when(this.#scope, 'change', (told) => void this.#rescope(told));
        when(this.#exchange, 'change', (before) => (this.#soon(), this.#tell(before)));
        when(this.#exchange, 'begun', () => this.#begun());
        when(this.#exchange, 'behind', () => void this.#shelf.catchUp());
        when(this.#exchange, 'learned', (ids) => void this.#learned(ids));
        when(this.#exchange, 'gone', () => void this.#shelf.lost());
        when(this.#exchange, 'up', () => this.#line({ isUp: true }));
        when(this.#exchange, 'down', () => this.#line({ isUp: false }));
    }

    /** @param {number[]} ids of what was learned from this conversation */
    #learned(ids) {
        const { conversation } = this.thread;
        return showLearned(the('[data-part="learned"]', this.#root), ids, () => this.thread.conversation === conversation);
    }

    /** The first question was accepted: the conversation has a number and a name. */
    #begun() {
        const { conversation, turns } = this.thread;
        Object.assign(this.#data, this.#scope.scope, { conversation });
        this.#composer.renameDraft(this.#draft());
        this.retitle(turns[0].question.slice(0, 80));
        this.#shelf.begun();
    }

    /** Change what is asked from the next question on. @param {Record<string, any>} some named as the server names it */
    async #rescope(some) {
        const { conversation } = this.thread;
        if (conversation !== null && !(await this.menu.patch(conversation, { ...some, ...(some.scope === 'book' && { book: this.#data.book }) }))) {
            this.#scope.scope = this.#data;
            return false;
        }
        Object.assign(this.#data, this.#scope.scope);
        if ('is_limited' in some) void suggest(this);
        return true;
    }

    /** @param {{ isUp: boolean }} line */
    #line({ isUp }) {
        clearTimeout(this.#offline);
        const notice = the('[data-part="offline"]', this.#root);
        if (isUp) notice.hidden = true;
        else this.#offline = setTimeout(() => (notice.hidden = false), PATIENCE);
        this.#soon();
    }

    /** Draw once for all frames that come in one tick of the screen. */
    #soon() {
        if (this.#isDrawing) return;
        this.#isDrawing = true;
        setTimeout(() => {
            this.#isDrawing = false;
            this.#draw();
        }, TICK);
    }

    #draw() {
        the('[data-part="hello"]', this.#root).hidden = this.thread.turns.length > 0;
        this.#view.show(this.thread);
        this.#composer.isWriting = this.#exchange.isWriting;
        this.dispatchEvent(new CustomEvent('change'));
    }

    /** Say stages and the end of the newest answer, not its words. @param {import('./thread.js').Thread} before */
    #tell(before) {
        const turn = shown(this.thread).at(-1);
        const old = before.turns.find(({ reply }) => reply === turn?.reply);
        if (!turn || (old && old.state === turn.state && old.citations.length === turn.citations.length)) return;
        this.say(said(turn, this.#exchange.isUp));
    }

    #draft() {
        const { conversation, book } = this.#data;
        return String(conversation ?? `new:${book ?? ''}`);
    }
}


