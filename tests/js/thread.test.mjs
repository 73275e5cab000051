import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asking, choose, isOpen, merge, reduce, resumes, shown, start, versions } from '../../frontend/static/js/chat/thread.js';

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
    const stored = { reply: 7, parent: null, about: null, question: 'Who?', seq: 3, state: 'writing', text: 'He was ', citations: [], left_out: 0, error_code: '', error_message: '' };
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

const stored = (reply, parent, question = `Q${reply}`) => ({ reply, parent, question, about: null, seq: 1, state: 'done', text: '', html: [], citations: [], left_out: 0, ahead: 0, feedback: 0, error_code: '', error_message: '' });
// 1 - 2 - 3      the first branch
//   \ 4 - 5     the question 2 put otherwise
const TREE = [stored(1, null), stored(2, 1), stored(3, 2), stored(4, 1), stored(5, 4)];
const numbers = (thread) => shown(thread).map(({ reply }) => reply);

test('the branch that is shown leads from the beginning to the tip', () => {
    assert.deepEqual(numbers(start(9, TREE, 3)), [1, 2, 3]);
    assert.deepEqual(numbers(start(9, TREE, 5)), [1, 4, 5]);
    assert.deepEqual(numbers(start(9, TREE)), [1, 4, 5], 'without a tip the newest');
    assert.deepEqual(numbers(start(9, [], 7)), []);
});

test('another version of a question is shown to its newest end', () => {
    const thread = start(9, TREE, 3);
    const [, two] = shown(thread);
    assert.deepEqual(versions(thread, two).map(({ reply }) => reply), [2, 4]);
    assert.deepEqual(numbers(choose(thread, 4)), [1, 4, 5]);
    assert.deepEqual(numbers(choose(choose(thread, 4), 2)), [1, 2, 3]);
});

test('a question put otherwise stands beside the first one, which stays', () => {
    const thread = asking(start(9, TREE, 3), { nonce: 'n7', question: 'Who then?', parent: null });
    assert.deepEqual(shown(thread).map(({ question }) => question), ['Who then?']);
    const accepted = reduce(thread, { type: 'reply.new', reply: 6, conversation: 9, book: null, question: 'Who then?', nonce: 'n7', parent: null, about: null });
    assert.deepEqual(numbers(accepted), [6]);
    assert.deepEqual(numbers(choose(accepted, 1)), [1, 4, 5]);
});

test('frames of a branch that is not shown are taken in all the same', () => {
    const other = { ...stored(6, 3), state: 'writing', seq: 0 };
    const thread = choose(start(9, [...TREE, other], 6), 4);
    const done = reduce(reduce(thread, { type: 'reply.words', reply: 6, seq: 1, text: 'There.', html: { from: 0, blocks: ['<p>There.</p>'] } }), { type: 'reply.end', reply: 6, seq: 2, state: 'done', left_out: 0, ahead: 2, error_code: '', error_message: '' });
    assert.deepEqual(numbers(done), [1, 4, 5]);
    const turn = shown(choose(done, 3)).at(-1);
    assert.equal(turn.text, 'There.');
    assert.equal(turn.ahead, 2);
});

test('what another device asks, or shows, is shown here too, but not over a question on its way', () => {
    const asked = { type: 'reply.new', reply: 6, conversation: 9, book: null, question: 'And?', nonce: 'x', parent: 3, about: null };
    assert.deepEqual(numbers(reduce(start(9, TREE, 3), asked)), [1, 2, 3, 6]);
    assert.deepEqual(numbers(reduce(start(9, TREE, 3), { type: 'reply.chosen', reply: 5, conversation: 9 })), [1, 4, 5]);
    const sending = asking(start(9, TREE, 3), { nonce: 'n8', question: 'Mine' });
    assert.equal(shown(reduce(sending, asked)).at(-1).question, 'Mine');
    assert.equal(shown(reduce(sending, { type: 'reply.chosen', reply: 5, conversation: 9 })).at(-1).question, 'Mine');
});

test('blocks replace those from the first that changed', () => {
    const words = (seq, from, ...blocks) => ({ type: 'reply.words', reply: 7, seq, text: 'x', html: { from, blocks } });
    const turn = run(asked(), [words(1, 0, '<p>One'), words(2, 0, '<p>One.</p>', '<p>Tw'), { type: 'reply.words', reply: 7, seq: 3, text: 'y' }, words(4, 1, '<p>Two.</p>')]).turns[0];
    assert.deepEqual(turn.blocks, ['<p>One.</p>', '<p>Two.</p>']);
    const ended = run(asked(), [words(1, 0, '<ul>1', '<ul>2'), { type: 'reply.end', reply: 7, seq: 2, state: 'done', left_out: 0, ahead: 0, error_code: '', error_message: '', html: { from: 0, blocks: ['<ul>12'] } }]);
    assert.deepEqual(ended.turns[0].blocks, ['<ul>12']);
});

test('what was said while the line was down is added, and shown when it is the tip', () => {
    const merged = merge(start(9, TREE.slice(0, 3), 3), [...TREE, stored(6, 3)], 6);
    assert.deepEqual(numbers(merged), [1, 2, 3, 6]);
    assert.equal(merged.turns.length, 6);
});

test('a refused question goes when another is asked, which follows what came before', () => {
    const refused = reduce(asking(start(9, TREE, 3), { nonce: 'n1', question: '' }), { type: 'refused', code: 'bad', message: 'No.', nonce: 'n1' });
    const next = asking(refused, { nonce: 'n2', question: 'Yes?' });
    assert.deepEqual(shown(next).map(({ question }) => question), ['Q1', 'Q2', 'Q3', 'Yes?']);
});

test('replies that name one another in a ring do not hang the page', () => {
    assert.deepEqual(numbers(start(9, [stored(1, 2), stored(2, 1)], 2)), [1, 2]);
});
