import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Exchange } from '../../frontend/static/js/chat/exchange.js';
import { idsIn, lineOf, sourceOf } from '../../frontend/static/js/chat/remembered.js';

globalThis.CustomEvent ??= class extends Event {
    constructor(type, { detail } = {}) {
        super(type);
        this.detail = detail;
    }
};

test('only keys of memories are looked up', () => {
    assert.deepEqual(idsIn(['memory:12', 'memory:7']), [12, 7]);
    assert.deepEqual(idsIn(['memory:', 'memory:1/../2', 'other:3', 'memory:-1', 'memory:1e3']), []);
});

test('the line says how many', () => {
    assert.equal(lineOf(1), 'Mindory remembered 1 thing');
    assert.equal(lineOf(2), 'Mindory remembered 2 things');
});

test('a source is a place of a book, a conversation, or nothing that can be opened', () => {
    const source = { kind: 'book', key: '', label: '', place: { book: 3, section: 1, start: 4, end: 9 } };
    assert.equal(sourceOf({ id: 12, session: null, source }), '/memory/12/place');
    assert.equal(sourceOf({ session: 'conversation:5', source: { ...source, place: null } }), '/talks/5/');
    assert.equal(sourceOf({ session: 'conversation:5/../6', source: { ...source, place: null } }), null);
    assert.equal(sourceOf({ session: null, source: { ...source, place: null } }), null);
});

test('what was learned is told where its conversation is shown, and nowhere else', () => {
    const line = new EventTarget();
    Object.assign(line, { isUp: true, send: () => {}, sendNow: () => {} });
    const made = new Exchange(line, { every: () => {} });
    made.adopt({ conversation: 3, replies: [], tip: null });
    const told = [];
    made.addEventListener('learned', ({ detail }) => told.push(detail));
    for (const conversation of [3, 4]) {
        line.dispatchEvent(new CustomEvent('frame', { detail: { type: 'memory.learned', conversation, memories: [conversation] } }));
    }
    assert.deepEqual(told, [[3]]);
});
