import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asking, isOpen, reduce, resumes, start } from '../../frontend/static/js/chat/thread.js';

const citation = { number: 1, book: 4, title: 'Moby-Dick', section: 41, heading: 'Moby Dick', start: 9, end: 24, quote: 'one of that crew' };
const FRAMES = [
    { type: 'reply.stage', reply: 7, seq: 1, stage: 'looking', passages: 6 },
    { type: 'reply.stage', reply: 7, seq: 2, stage: 'writing', passages: 6 },
    { type: 'reply.words', reply: 7, seq: 3, text: 'He was ' },
    { type: 'reply.citation', reply: 7, seq: 4, ...citation },
    { type: 'reply.words', reply: 7, seq: 5, text: 'one of them.[1]' },
    { type: 'reply.end', reply: 7, seq: 6, state: 'done', left_out: 1, error_code: '', error_message: '' },
];
const asked = () => reduce(asking(start(3, []), { nonce: 'n1', question: 'Who?' }), { type: 'reply.new', reply: 7, conversation: 3, book: 4, question: 'Who?', nonce: 'n1' });
const run = (thread, frames) => frames.reduce(reduce, thread);

test('the frames of a reply become its answer', () => {
    const [turn] = run(asked(), FRAMES).turns;
    assert.equal(turn.text, 'He was one of them.[1]');
    assert.equal(turn.state, 'done');
    assert.equal(turn.leftOut, 1);
    assert.equal(turn.citations[0].quote, 'one of that crew');
});

test('frames replayed from any place end in the same thread', () => {
    const whole = run(asked(), FRAMES);
    for (let heard = 0; heard <= FRAMES.length; heard++) {
        for (let from = 0; from <= heard; from++) {
            assert.deepEqual(run(run(asked(), FRAMES.slice(0, heard)), FRAMES.slice(from)), whole, `${heard} ${from}`);
        }
    }
});

test('a lost frame is asked for, and nothing is written past it', () => {
    const behind = run(asked(), [FRAMES[0], FRAMES[1], FRAMES[2], FRAMES[4]]);
    assert.equal(behind.turns[0].text, 'He was ');
    assert.deepEqual(resumes(behind, { all: false }), [{ type: 'resume', reply: 7, seq: 3 }]);
    assert.equal(run(behind, FRAMES.slice(3)).turns[0].text, 'He was one of them.[1]');
});

test('a page that was loaded in mid-answer goes on where the stored text stops', () => {
    const stored = { reply: 7, question: 'Who?', seq: 3, state: 'writing', text: 'He was ', citations: [], left_out: 0, error_code: '', error_message: '' };
    const loaded = start(3, [stored]);
    assert.deepEqual(resumes(loaded, { all: true }), [{ type: 'resume', reply: 7, seq: 3 }]);
    assert.equal(run(loaded, FRAMES).turns[0].text, 'He was one of them.[1]');
});

test('a stored reply replaces what the page has, but never a newer or finished one', () => {
    const stored = { type: 'reply.whole', reply: 7, seq: 6, state: 'done', text: 'He was one of them.[1]', citations: [citation], left_out: 1, error_code: '', error_message: '' };
    assert.equal(run(asked(), [...FRAMES.slice(0, 2), stored]).turns[0].state, 'done');
    const late = run(asked(), FRAMES.slice(0, 5));
    assert.equal(reduce(late, { ...stored, seq: 2, text: 'He', state: 'writing' }), late);
});

test('a frame that changes nothing returns the same thread', () => {
    const done = run(asked(), FRAMES);
    assert.equal(reduce(done, FRAMES[2]), done);
    assert.equal(reduce(done, { type: 'book', book: 4 }), done);
    assert.equal(reduce(done, { ...FRAMES[2], reply: 99 }), done);
});

test('a question is accepted once, also when it was sent twice', () => {
    const twice = reduce(asked(), { type: 'reply.new', reply: 7, conversation: 3, book: 4, question: 'Who?', nonce: 'n1' });
    assert.equal(twice.turns.length, 1);
});

test('a question asked on another page of this conversation appears here; others do not', () => {
    const other = { type: 'reply.new', reply: 8, conversation: 3, book: 4, question: 'Why?', nonce: 'x' };
    assert.equal(reduce(asked(), other).turns.length, 2);
    assert.equal(reduce(asked(), { ...other, conversation: 5 }).turns.length, 1);
    assert.equal(reduce(start(null, []), other).turns.length, 0);
});

test('the first question of a new conversation tells the page its number', () => {
    const thread = reduce(asking(start(null, []), { nonce: 'n1', question: 'Who?' }), { type: 'reply.new', reply: 7, conversation: 12, book: 4, question: 'Who?', nonce: 'n1' });
    assert.equal(thread.conversation, 12);
});

test('a refused question says why and is over', () => {
    const thread = reduce(asking(start(3, []), { nonce: 'n2', question: '' }), { type: 'refused', code: 'bad_question', message: 'Ask something.', nonce: 'n2' });
    assert.equal(thread.turns[0].errorMessage, 'Ask something.');
    assert.equal(isOpen(thread.turns[0]), false);
});
