// @ts-check
/**
 * One conversation kept in step with the server over the page's line: what is asked goes out, frames come in, and what
 * was missed is asked for. Events: `change` (detail: the thread before), `begun` (it got its number), `behind` (something
 * was said that never came here), `gone` (it was deleted), `elsewhere` (something was asked in another one, or another one
 * went), `named` (detail: { conversation, title }; this one or another), `learned` (detail: ids of memories), `up`, `down`.
 */

import { asking, changed, choose, isOpen, keyOf, merge, reduce, resumes, shown, start } from './thread.js';

/** @typedef {import('./thread.js').Turn} Turn */
/** @typedef {import('./thread.js').Thread} Thread */
/** @typedef {import('./thread.js').Key} Key */

const PATIENCE = 60_000; // milliseconds without a word until it is asked what became of an answer
const LOOK = 5_000;

export class Exchange extends EventTarget {
    #line;
    #now;
    #thread = start(null, []);
    /** @type {Map<string, Record<string, any>>} frames of questions that are on their way, by nonce */ #sent = new Map();
    /** @type {Set<number>} replies that were asked for since the line came up */ #resumed = new Set();
    /** @type {Map<Key, number>} when something came for an open turn */ #heard = new Map();
    /** @type {Set<Key>} */ #late = new Set();
    #isOut = false;

    /**
     * @param {import('../lib/socket.js').Line} line
     * @param {{ now?: () => number, every?: (work: () => void, milliseconds: number) => void }} [clock] replaced in tests
     */
    constructor(line, { now = () => performance.now(), every = (work, milliseconds) => void setInterval(work, milliseconds) } = {}) {
        super();
        this.#line = line;
        this.#now = now;
        line.addEventListener('frame', (event) => this.#take(/** @type {CustomEvent} */ (event).detail));
        line.addEventListener('up', () => this.#cameUp());
        line.addEventListener('down', () => this.dispatchEvent(new CustomEvent('down')));
        every(() => this.look(), LOOK);
    }

    get thread() {
        return this.#thread;
    }

    get isUp() {
        return this.#line.isUp;
    }

    /** The answer at the end of what is shown, while it is being written. */
    get isWriting() {
        const last = shown(this.#thread).at(-1);
        return last !== undefined && isOpen(last);
    }

    /** Whether nothing came for this answer for a minute. @param {Turn} turn */
    isLate(turn) {
        return this.#late.has(keyOf(turn));
    }

    /** Take up a conversation as the server tells it. @param {{ conversation: number | null, replies: any[], tip?: number | null }} data */
    adopt({ conversation, replies, tip = null }) {
        const left = this.#thread.conversation;
        if (left !== null && left !== conversation) this.#line.sendNow({ type: 'leave', conversation: left });
        for (const kept of [this.#resumed, this.#sent, this.#heard, this.#late]) kept.clear();
        this.#isOut = false;
        this.#thread = start(conversation, replies, tip);
        if (this.#line.isUp) this.#cameUp();
    }

    /** Add what was said while nobody listened. @param {{ replies: any[], tip: number | null }} data */
    merge({ replies, tip }) {
        this.#become(merge(this.#thread, replies, tip));
        this.#catchUp({ all: true });
    }

    /** Send a question. @param {{ question: string, about?: any, parent?: number | null }} asked @param {Record<string, any>} frame */
    put(asked, frame) {
        const nonce = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
        this.#sent.set(nonce, { ...frame, nonce });
        this.#become(asking(this.#thread, { ...asked, nonce }));
        this.#heard.set(nonce, this.#now());
        this.#line.sendNow({ ...frame, nonce });
    }

    /** Ask what was asked once more, or put otherwise, beside its first answer. @param {Turn} turn @param {string} question */
    again(turn, question) {
        const text = question === turn.question ? {} : { text: question };
        this.put({ question, about: turn.about, parent: turn.parent }, { type: 'again', reply: turn.reply, ...text });
    }

    /** Go on with an answer that was cut short. @param {Turn} turn */
    goOn(turn) {
        this.put({ question: turn.question, about: turn.about, parent: turn.parent }, { type: 'continue', reply: turn.reply });
    }

    /** Stop what is being written, on whatever device it was asked. */
    stop() {
        for (const turn of shown(this.#thread)) if (turn.reply !== null && isOpen(turn)) this.#line.send({ type: 'stop', reply: turn.reply });
    }

    /** Show another branch, here and on the reader's other devices. @param {Key} key @param {{ isTold?: boolean }} [how] */
    choose(key, { isTold = true } = {}) {
        this.#become(choose(this.#thread, key));
        if (isTold && typeof this.#thread.tip === 'number') this.#line.sendNow({ type: 'choose', reply: this.#thread.tip });
    }

    /** Change what a turn says at once, before the server has answered. @param {number} reply @param {Partial<Turn>} some */
    change(reply, some) {
        this.#become(changed(this.#thread, reply, some));
    }

    /** Ask after answers of which nothing came for a long time: a page never waits for ever. */
    look() {
        if (!this.#line.isUp) return;
        for (const turn of this.#thread.turns.filter(isOpen)) {
            const key = keyOf(turn);
            if (!this.#heard.has(key)) this.#heard.set(key, this.#now());
            if (this.#now() - (this.#heard.get(key) ?? 0) < PATIENCE) continue;
            this.#heard.set(key, this.#now());
            this.#late.add(key);
            const frame = this.#sent.get(turn.nonce);
            if (turn.reply !== null) this.#line.sendNow({ type: 'resume', reply: turn.reply, seq: turn.seq });
            else if (frame) this.#line.sendNow(frame);
            this.dispatchEvent(new CustomEvent('change', { detail: this.#thread }));
        }
    }

    /** @param {any} frame */
    #take(frame) {
        if (frame.type === 'joined') return this.#joined(frame);
        if (frame.type === 'left') return this.#left(frame);
        if (frame.type === 'talk.named') return void this.dispatchEvent(new CustomEvent('named', { detail: frame }));
        if (frame.type === 'memory.learned') return this.#learned(frame);
        if (frame.type === 'talk.gone') return this.#went(frame);
        if (frame.type === 'refused' && !frame.nonce && this.#isOut) return this.#gone();
        const before = this.#thread;
        const next = reduce(before, frame);
        if (typeof frame.reply === 'number') this.#came(frame.reply);
        if (frame.type === 'reply.new' && frame.conversation !== next.conversation) this.dispatchEvent(new CustomEvent('elsewhere'));
        if (next === before) return;
        if (frame.type === 'reply.new' || frame.type === 'refused') this.#sent.delete(frame.nonce);
        this.#become(next);
        if (before.conversation === null && next.conversation !== null) this.dispatchEvent(new CustomEvent('begun'));
        this.#catchUp({ all: false });
    }

    /** Out of the room: a late answer to having left it before, or it is gone. Coming back tells which. @param {any} frame */
    #left({ conversation }) {
        if (conversation !== this.#thread.conversation) return;
        this.#isOut = true;
        this.#line.sendNow({ type: 'join', conversation });
    }

    /** @param {any} frame */
    #went({ conversation }) {
        if (conversation === this.#thread.conversation) this.#gone();
        else this.dispatchEvent(new CustomEvent('elsewhere'));
    }

    /** @param {any} frame */
    #learned({ conversation, memories }) {
        if (conversation === this.#thread.conversation) this.dispatchEvent(new CustomEvent('learned', { detail: memories }));
    }

    #gone() {
        this.#isOut = false;
        this.dispatchEvent(new CustomEvent('gone'));
    }

    /** @param {any} frame */
    #joined({ conversation, tip }) {
        if (conversation !== this.#thread.conversation) return;
        this.#isOut = false;
        if (tip === null) return;
        if (!this.#thread.turns.some(({ reply }) => reply === tip)) this.dispatchEvent(new CustomEvent('behind'));
    }

    /** @param {number} reply */
    #came(reply) {
        this.#heard.set(reply, this.#now());
        this.#late.delete(reply);
    }

    /** @param {Thread} thread */
    #become(thread) {
        const before = this.#thread;
        this.#thread = thread;
        if (thread !== before) this.dispatchEvent(new CustomEvent('change', { detail: before }));
    }

    /** @param {{ all: boolean }} which */
    #catchUp(which) {
        for (const frame of resumes(this.#thread, which)) if (!this.#resumed.has(frame.reply)) this.#resume(frame);
    }

    /** @param {{ reply: number }} frame */
    #resume(frame) {
        this.#resumed.add(frame.reply);
        this.#line.sendNow(frame);
    }

    /** The line is there: enter the room, send what waits (the same nonce is asked once), ask for what is missing. */
    #cameUp() {
        this.#resumed.clear();
        const { conversation } = this.#thread;
        if (conversation !== null) this.#line.sendNow({ type: 'join', conversation });
        for (const turn of this.#thread.turns) if (turn.state === 'sending') this.#line.sendNow(this.#sent.get(turn.nonce) ?? {});
        this.#catchUp({ all: true });
        this.dispatchEvent(new CustomEvent('up'));
    }
}
