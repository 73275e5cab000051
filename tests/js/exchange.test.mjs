import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Exchange } from '../../frontend/static/js/chat/exchange.js';
import { kept } from '../../frontend/static/js/chat/html.js';
import { bare, placeAddress, withQuotes } from '../../frontend/static/js/chat/sentences.js';
import { fields, scopeName } from '../../frontend/static/js/chat/scope.js';

globalThis.CustomEvent ??= class extends Event {
    constructor(type, { detail } = {}) {
        super(type);
        this.detail = detail;
    }
};

/** A line that keeps what was sent, and says what it is told to. */
class FakeLine extends EventTarget {
    isUp = true;
    sent = [];
    send(frame) {
        this.sent.push(frame);
    }
    sendNow(frame) {
        if (this.isUp) this.sent.push(frame);
    }
    hear(...frames) {
        for (const frame of frames) this.dispatchEvent(new CustomEvent('frame', { detail: frame }));
    }
    fall() {
        this.isUp = false;
        this.dispatchEvent(new CustomEvent('down'));
    }
    rise() {
        this.isUp = true;
        this.sent = [];
        this.dispatchEvent(new CustomEvent('up'));
    }
}

const writing = (reply) => ({ reply, parent: null, question: 'Q', about: null, seq: 3, state: 'writing', text: '', html: [], citations: [], left_out: 0, ahead: 0, feedback: 0, error_code: '', error_message: '' });
const quote = { number: 1, book: 4, title: 'Moby-Dick', section: 40, heading: 'Moby Dick', start: 9, end: 24, quote: 'one of that\ncrew' };

function exchange(data = { conversation: 3, replies: [], tip: null }) {
    const line = new FakeLine();
    const clock = { now: 0, work: () => {} };
    const made = new Exchange(line, { now: () => clock.now, every: (work) => (clock.work = work) });
    made.adopt(data);
    return { line, made, clock };
}

const names = (line) => line.sent.map(({ type }) => type);

test('a conversation is joined, and joined again after the line was down', () => {
    const { line, made } = exchange({ conversation: 3, replies: [writing(7)], tip: 7 });
    assert.deepEqual(line.sent, [{ type: 'join', conversation: 3 }, { type: 'resume', reply: 7, seq: 3 }]);
    line.fall();
    line.rise();
    assert.deepEqual(line.sent, [{ type: 'join', conversation: 3 }, { type: 'resume', reply: 7, seq: 3 }]);
    line.sent = [];
    made.adopt({ conversation: 5, replies: [], tip: null });
    assert.deepEqual(line.sent, [{ type: 'leave', conversation: 3 }, { type: 'join', conversation: 5 }]);
});

test('a question that did not come through is sent again with its nonce', () => {
    const { line, made } = exchange();
    line.fall();
    made.put({ question: 'Who?' }, { type: 'ask', text: 'Who?', conversation: 3 });
    line.rise();
    const asked = line.sent.filter(({ type }) => type === 'ask');
    assert.equal(asked.length, 1);
    line.hear({ type: 'reply.new', reply: 8, conversation: 3, question: 'Who?', nonce: asked[0].nonce, parent: null, about: null });
    line.fall();
    line.rise();
    assert.deepEqual(names(line), ['join', 'resume']);
});

test('an answer of which nothing comes for a minute is asked for, and said to be late', () => {
    const { line, made, clock } = exchange({ conversation: 3, replies: [writing(7)], tip: 7 });
    clock.work();
    clock.now = 59_000;
    line.sent = [];
    clock.work();
    assert.deepEqual(line.sent, []);
    clock.now = 61_000;
    clock.work();
    assert.deepEqual(line.sent, [{ type: 'resume', reply: 7, seq: 3 }]);
    assert.equal(made.isLate(made.thread.turns[0]), true);
    line.hear({ type: 'reply.words', reply: 7, seq: 4, text: 'So' });
    assert.equal(made.isLate(made.thread.turns[0]), false);
});

test('a tip this page never heard of means that it is behind; a deleted conversation is gone', () => {
    const { line, made } = exchange({ conversation: 3, replies: [writing(7)], tip: 7 });
    const heard = [];
    for (const name of ['behind', 'gone']) made.addEventListener(name, () => heard.push(name));
    line.hear({ type: 'joined', conversation: 3, tip: 7 }, { type: 'joined', conversation: 3, tip: 9 }, { type: 'left', conversation: 4 }, { type: 'left', conversation: 3 });
    assert.deepEqual(heard, ['behind']);
    line.hear({ type: 'refused', code: 'not_found', message: 'Gone.' });
    assert.deepEqual(heard, ['behind', 'gone']);
});

test('a room that was left a moment ago and entered again is not gone', () => {
    const { line, made } = exchange();
    made.addEventListener('gone', () => assert.fail());
    line.hear({ type: 'left', conversation: 3 });
    assert.deepEqual(line.sent.at(-1), { type: 'join', conversation: 3 });
    line.hear({ type: 'joined', conversation: 3, tip: null }, { type: 'refused', code: 'bad_frame', message: 'x' });
});

test('a question asked in another conversation is told, so that lists are fetched anew', () => {
    const { line, made } = exchange();
    let told = 0;
    made.addEventListener('elsewhere', () => told++);
    line.hear({ type: 'reply.new', reply: 8, conversation: 4, question: 'Who?', nonce: 'x', parent: null, about: null });
    line.hear({ type: 'reply.new', reply: 9, conversation: 3, question: 'Who?', nonce: 'y', parent: null, about: null });
    assert.equal(told, 1);
});

test('a name is told for any conversation; one that went elsewhere is not this one', () => {
    const { line, made } = exchange();
    const heard = [];
    for (const name of ['named', 'gone', 'elsewhere']) made.addEventListener(name, ({ detail }) => heard.push([name, detail?.title]));
    line.hear({ type: 'talk.named', conversation: 3, title: 'Lamps' }, { type: 'talk.named', conversation: 4, title: 'Whales' });
    line.hear({ type: 'talk.gone', conversation: 4 }, { type: 'talk.gone', conversation: 3 });
    assert.deepEqual(heard, [['named', 'Lamps'], ['named', 'Whales'], ['elsewhere', undefined], ['gone', undefined]]);
});

test('only what an answer may hold stays of its HTML', () => {
    assert.equal(kept('A', 'href', 'https://example.org/'), 'https://example.org/');
    for (const href of ['javascript:alert(1)', 'data:text/html,x', '/settings/', ' javascript:x']) assert.equal(kept('A', 'href', href), null);
    assert.equal(kept('A', 'onclick', 'x'), null);
    assert.equal(kept('P', 'style', 'x'), null);
    assert.equal(kept('P', 'class', 'h composer'), 'h');
    assert.equal(kept('P', 'id', 'ask'), null);
    assert.equal(kept('OL', 'start', '3'), '3');
    assert.equal(kept('A', 'data-n', '12'), '12');
    assert.equal(kept('A', 'data-q', '7.1'), null);
});

test('an answer is copied bare, or with its quotes as footnotes', () => {
    const turn = { text: 'He was.[1] And [9] more.', citations: [quote] };
    assert.equal(bare(turn), 'He was. And more.');
    assert.equal(withQuotes(turn, 4), 'He was.[^1] And more.\n\n[^1]: “one of that crew” (Moby Dick)');
});

test('the server is told of a scope only what belongs to it', () => {
    const books = [{ id: 4, title: 'Moby-Dick' }, { id: 5, title: 'Walden' }];
    assert.deepEqual(fields({ scope: 'book', books, collection: null, is_limited: true }, 4), { scope: 'book', is_limited: true, book: 4 });
    assert.deepEqual(fields({ scope: 'books', books, collection: null, is_limited: false }, 4), { scope: 'books', is_limited: false, books: [4, 5] });
    assert.equal(scopeName({ scope: 'books', books, collection: null, is_limited: false }), '2 books');
    assert.equal(scopeName({ scope: 'collection', books: [], collection: { id: 1, name: 'Sea' }, is_limited: false }), 'Sea');
});

test('the address of a quote takes its conversation along', () => {
    assert.equal(placeAddress(quote), '/books/4/?section=40&start=9&end=24');
    assert.equal(placeAddress(quote, 3), '/books/4/?section=40&start=9&end=24&conversation=3');
});
