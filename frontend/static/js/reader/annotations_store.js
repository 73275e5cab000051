// @ts-check
/**
 * The reader's marks in a book: shown at once, sent when the connection allows (annotations_outbox.js).
 * Events: `change`; `refused` (detail: the server's sentence); `conflict` (detail: the key of a note that another device
 * changed meanwhile: `keepMine` or `takeTheirs` goes on).
 */

import { call, Refusal } from '../lib/api.js';
import { applied, holds, joined, passes, pause } from './annotations_outbox.js';

const AT_ONCE = 200; // marks in one answer
const UNDO = 8000; // milliseconds until a mark is really deleted
const STILL = 500; // milliseconds without a letter before a note is sent

/** @typedef {import('./view.js').Span} Span */
/**
 * @typedef {Span & {
 *     key: string, id: number | null, kind: 'highlight' | 'note' | 'bookmark', colour: string, quote: string, text: string,
 *     html: string, version?: string, is_placed: boolean, isPending?: boolean, theirs?: string, created_at: string, updated_at: string,
 * }} Mark `theirs`: what another device made of the note meanwhile
 */

export class Notebook extends EventTarget {
    #book;
    /** @type {Mark[]} */ #known = [];
    /** @type {import('./annotations_outbox.js').Outbox} */ #outbox;
    /** @type {{ key: string, deed: import('./annotations_outbox.js').Deed } | null} */ #sent = null;
    /** @type {Map<string, string>} the key a mark got when the server knew it */ #later = new Map();
    /** @type {Mark[]} */ #shown = [];
    #state = '';
    #failures = 0;
    /** @type {any} */ #timer = null;
    #made = 0;

    /** @param {number} book */
    constructor(book) {
        super();
        this.#book = book;
        this.#outbox = this.#kept();
        this.#show();
        addEventListener('online', () => this.#soon(0));
        addEventListener('pagehide', () => this.#leave());
        document.addEventListener('visibilitychange', () => !document.hidden && void this.refresh());
        addEventListener('focus', () => void this.refresh());
    }

    /** @returns {Mark[]} in the order of the text */
    get marks() {
        return this.#shown;
    }

    /** Whether something waits for the connection. */
    get isWaiting() {
        return this.#failures > 0 && (this.#sent !== null || Object.keys(this.#outbox).length > 0);
    }

    /** @param {string} key @returns {Mark | undefined} */
    mark(key) {
        const now = this.#later.get(key) ?? key;
        return this.#shown.find((mark) => mark.key === now);
    }

    /** Fetch them all. */
    async load() {
        const path = `books/${this.#book}/annotations`;
        const state = await call('GET', `${path}/state`);
        /** @type {Mark[]} */
        const all = [];
        while (all.length < state.count) {
            const { items } = await call('GET', `${path}?limit=${AT_ONCE}&offset=${all.length}`);
            if (!items.length) break;
            all.push(...items.map(keyed));
        }
        this.#known = all;
        this.#state = JSON.stringify(state);
        this.#show();
        this.#soon(0);
    }

    /** Look whether another device changed something. */
    async refresh() {
        if (document.hidden) return;
        try {
            const state = await call('GET', `books/${this.#book}/annotations/state`);
            if (JSON.stringify(state) !== this.#state) await this.load();
        } catch (error) {
            if (!(error instanceof Refusal)) throw error; // later, then
        }
    }

    /**
     * @param {Span & { kind?: string, colour?: string, quote: string, text?: string }} mark
     * @returns {string} its key
     */
    add({ kind = 'highlight', colour = 'yellow', section, start, end, quote, text = '' }) {
        const same = this.#shown.find((mark) => mark.section === section && mark.start === start && mark.end === end && (mark.kind === 'bookmark') === (kind === 'bookmark'));
        if (same) {
            if (kind !== 'bookmark') this.change(same.key, { colour });
            return same.key;
        }
        const key = `new-${Date.now().toString(36)}-${++this.#made}`;
        this.#do(key, { add: { kind, colour, section, start, end, quote, text, created_at: new Date().toISOString() } });
        return key;
    }

    /** @param {string} key @param {{ colour?: string, text?: string }} change */
    change(key, change) {
        const over = change.text === undefined ? undefined : this.#knownOf(key)?.version;
        this.#do(key, { change, ...(over === undefined ? {} : { over }) }, change.text === undefined ? 0 : STILL);
    }

    /** Of two texts of a note, take the one that was written here. @param {string} key */
    keepMine(key) {
        const deed = this.#outbox[this.#later.get(key) ?? key];
        if (!deed) return;
        deed.isHeld = false;
        deed.over = this.#knownOf(key)?.version;
        this.#changed();
        this.#soon(0);
    }

    /** Take the one that another device wrote. @param {string} key */
    takeTheirs(key) {
        delete this.#outbox[this.#later.get(key) ?? key];
        this.#changed();
    }

    /** The mark as the server has it. @param {string} key */
    #knownOf(key) {
        const now = this.#later.get(key) ?? key;
        return this.#known.find((mark) => mark.key === now);
    }

    /**
     * Delete a mark. It can be undone: for a while before the server hears of it, and later by making it anew.
     * @param {string} key
     * @returns {() => void} undo
     */
    remove(key) {
        const now = this.#later.get(key) ?? key;
        const before = this.#outbox[now];
        const mark = this.mark(now);
        this.#do(now, { remove: true, after: Date.now() + UNDO }, UNDO + 50);
        return () => {
            const name = this.#later.get(now) ?? now;
            if (!this.#outbox[name]?.remove) return void (mark && this.add(mark)); // deleted already
            if (before && name === now) this.#outbox[name] = before;
            else delete this.#outbox[name];
            this.#changed();
            this.#soon(0);
        };
    }

    /**
     * @param {string} key
     * @param {import('./annotations_outbox.js').Deed} deed
     * @param {number} [wait]
     */
    #do(key, deed, wait = 0) {
        const now = this.#later.get(key) ?? key;
        const whole = joined(this.#outbox[now], deed);
        if (whole) this.#outbox[now] = whole;
        else delete this.#outbox[now];
        this.#changed();
        this.#soon(wait);
    }

    #changed() {
        this.#keep();
        this.#show();
    }

    #show() {
        this.#shown = applied(this.#known, this.#whole());
        this.dispatchEvent(new CustomEvent('change'));
    }

    /** The outbox with what is on its way. @returns {import('./annotations_outbox.js').Outbox} */
    #whole() {
        if (!this.#sent) return this.#outbox;
        const { key, deed } = this.#sent;
        const next = this.#outbox[key];
        const whole = next ? joined(deed, next) : deed;
        return whole ? { ...this.#outbox, [key]: whole } : this.#outbox;
    }

    /** @param {number} wait */
    #soon(wait) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.#flush(), wait);
    }

    /** Send what waits, one after the other. */
    async #flush() {
        if (this.#sent) return;
        const now = Date.now();
        const waiting = Object.entries(this.#outbox).filter(([, { isHeld }]) => !isHeld);
        const due = waiting.find(([, { after }]) => (after ?? 0) <= now);
        if (!due) {
            const next = Math.min(...waiting.map(([, { after }]) => after ?? 0));
            if (Number.isFinite(next)) this.#soon(Math.max(0, next - now) + 10);
            return;
        }
        const [key, deed] = due;
        delete this.#outbox[key];
        if (deed.add) deed.isSent = true;
        this.#sent = { key, deed };
        try {
            const answer = await this.#send(key, deed);
            this.#sent = null;
            this.#failures = 0;
            this.#took(key, deed, answer);
        } catch (error) {
            this.#sent = null;
            if (!(error instanceof Refusal)) throw error;
            if (passes(error.status)) return this.#again(key, deed);
            if (error.status === 409 && deed.change?.text !== undefined) await this.#conflicted(key, deed);
            else this.#refused(error);
        }
        this.#soon(0);
    }

    /**
     * @param {string} key
     * @param {import('./annotations_outbox.js').Deed} deed
     * @param {{ keepalive?: boolean }} [how]
     */
    async #send(key, { add, change, over, remove, isSent }, how = {}) {
        const path = `books/${this.#book}/annotations`;
        if (add && remove) return isSent ? this.#unmake(add, how) : null; // else the server never heard of it
        if (remove) return call('DELETE', `${path}/${key}`, how);
        if (!add) return call('PATCH', `${path}/${key}`, { body: change, match: over, ...how });
        return this.#make(add, how);
    }

    /** @param {import('./annotations_outbox.js').Made} add @param {{ keepalive?: boolean }} how */
    #make({ kind, colour, section, start, end, text }, how) {
        return call('POST', `books/${this.#book}/annotations`, { body: { kind, colour, section, start, end, text }, ...how });
    }

    /** Delete a mark that the server may have or not: the same words are marked once only. @param {import('./annotations_outbox.js').Made} add @param {{ keepalive?: boolean }} how */
    async #unmake(add, how) {
        const made = await this.#make(add, how);
        await call('DELETE', `books/${this.#book}/annotations/${made.id}`, how);
        return made;
    }

    /** @param {string} key @param {import('./annotations_outbox.js').Deed} deed @param {any} answer */
    #took(key, { add, change, remove }, answer) {
        const others = this.#known.filter((mark) => mark.key !== key && mark.id !== answer?.id);
        this.#known = remove || !answer ? others : [...others, keyed(answer)];
        const next = this.#outbox[key];
        if (answer && next?.change?.text !== undefined && (add ?? change)?.text !== undefined) next.over = answer.version; // written over our own words
        if (answer && String(answer.id) !== key) {
            const now = String(answer.id);
            this.#later.set(key, now);
            const waiting = this.#outbox[key];
            delete this.#outbox[key];
            if (waiting) this.#outbox[now] = waiting;
        }
        this.#changed();
    }

    /** @param {string} key @param {import('./annotations_outbox.js').Deed} deed */
    #again(key, deed) {
        const next = this.#outbox[key];
        const whole = next ? joined(deed, next) : deed;
        if (whole) this.#outbox[key] = whole;
        this.#failures += 1;
        this.#changed();
        this.#soon(pause(this.#failures));
    }

    /** Another device changed the note first. Nothing of either is lost: the reader chooses. @param {string} key @param {import('./annotations_outbox.js').Deed} deed */
    async #conflicted(key, deed) {
        const next = this.#outbox[key];
        const mine = /** @type {import('./annotations_outbox.js').Deed} */ (next ? joined(deed, next) : deed);
        this.#outbox[key] = { ...mine, isHeld: true };
        this.#keep();
        const theirs = await call('GET', `books/${this.#book}/annotations/${key}`).catch((error) => this.#refused(error));
        if (!theirs) return;
        this.#known = [...this.#known.filter((mark) => mark.key !== key), keyed(theirs)];
        if (holds(mine.change?.text ?? '', theirs.text)) return this.keepMine(key);
        this.#changed();
        this.dispatchEvent(new CustomEvent('conflict', { detail: key }));
    }

    /** @param {Refusal} error */
    #refused(error) {
        this.#keep();
        if (error.status !== 404) this.dispatchEvent(new CustomEvent('refused', { detail: error.message }));
        this.#state = '';
        void this.refresh();
    }

    /** The page goes: send what may be sent, without waiting. It stays kept, and is sent again if it did not arrive. */
    #leave() {
        for (const [key, deed] of Object.entries(this.#whole())) this.#send(key, deed, { keepalive: true }).catch(() => {});
    }

    get #name() {
        return `annotations:${this.#book}`;
    }

    #keep() {
        const whole = this.#whole();
        try {
            if (Object.keys(whole).length) localStorage.setItem(this.#name, JSON.stringify(whole));
            else localStorage.removeItem(this.#name);
        } catch {
            // a browser that keeps nothing sends all the same
        }
    }

    /** @returns {import('./annotations_outbox.js').Outbox} */
    #kept() {
        try {
            return JSON.parse(localStorage.getItem(this.#name) ?? '{}') ?? {};
        } catch {
            return {};
        }
    }
}

/** @param {any} item @returns {Mark} */
const keyed = (item) => ({ ...item, key: String(item.id) });
