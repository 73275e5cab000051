import assert from 'node:assert/strict';
import { test } from 'node:test';

import { counts, isRunning, Pace, percent, standing } from '../../frontend/static/js/library/progress.js';
import { next } from '../../frontend/static/js/library/keys.js';
import { byBook, isTelling, placeOfHit } from '../../frontend/static/js/library/search.js';
import { objection } from '../../frontend/static/js/library/upload.js';
import { match, snippet } from '../../frontend/static/js/lib/snippet.js';

const RULES = { limit: 10 * 1024 * 1024 };

test('a file that is too large is refused before it is sent, with both sizes', () => {
    assert.match(objection({ name: 'a.epub', size: 10 * 1024 * 1024 + 1 }, RULES), /11 MB.* 10 MB/);
    assert.equal(objection({ name: 'a.EPUB', size: 10 * 1024 * 1024 }, RULES), '');
});

test('an empty file is refused; what a file is, the server decides', () => {
    assert.notEqual(objection({ name: 'a.txt', size: 0 }, RULES), '');
    assert.equal(objection({ name: 'tale.bin', size: 9 }, RULES), '');
});

test('the segments follow the steps', () => {
    const at = (state) => [['reading', 'recognising'], ['splitting', 'indexing'], ['embedding']].map((steps) => standing(steps, { state }));
    assert.deepEqual(at('queued'), ['kept', 'kept', 'kept']);
    assert.deepEqual(at('reading'), ['current', 'ahead', 'ahead']);
    assert.deepEqual(at('recognising'), ['current', 'ahead', 'ahead']);
    assert.deepEqual(at('indexing'), ['done', 'current', 'ahead']);
    assert.deepEqual(at('embedding'), ['done', 'done', 'current']);
    assert.equal(isRunning('failed'), false);
});

test('there is no percent of an unknown total', () => {
    assert.equal(percent({ done: 0, total: 0 }), 0);
    assert.equal(percent({ done: 2, total: 3 }), 66);
    assert.equal(counts({ state: 'reading', done: 0, total: 0 }, null), '');
    assert.equal(counts({ state: 'reading', done: 21, total: 117 }, null), '21 of 117');
});

test('the time left follows from how it went, and is not said too early', () => {
    const pace = new Pace();
    const frame = { state: 'embedding', done: 100, total: 1000 };
    assert.equal(pace.left(frame, 0), null);
    assert.equal(pace.left({ ...frame, done: 150 }, 1000), null);
    assert.equal(pace.left({ ...frame, done: 300 }, 4000), 14);
    assert.equal(counts({ ...frame, done: 300 }, 14), 'About 20 s left');
    assert.equal(pace.left({ ...frame, state: 'reading' }, 5000), null);
});

test('the searched words are found whole, else their longest part', () => {
    const text = 'The harpooneer was silent. The white whale rose.';
    assert.deepEqual(match(text, 'white whale'), { from: 31, to: 42 });
    assert.equal(text.slice(...Object.values(match(text, 'whales and harpooneers'))), 'harpooneer');
    assert.equal(match(text, 'xyz'), null);
    assert.deepEqual(match('贾宝玉初试云雨情', '宝玉是谁'), { from: 1, to: 3 });
});

test('what is found by its stem is shown as a whole word, with or without accents', () => {
    const text = 'Prince Andréy danced; Natásha was dancing.';
    assert.equal(text.slice(...Object.values(match(text, 'Natasha'))), 'Natásha');
    assert.equal(text.slice(...Object.values(match(text, 'dances'))), 'danced');
});

test('a snippet begins at its sentence and shows the words', () => {
    const long = `${'Before. '.repeat(30)}The white whale rose from the sea. ${'After. '.repeat(40)}`;
    const { before, match: words, after } = snippet(long, 'white whale');
    assert.equal(before, 'The ');
    assert.equal(words, 'white whale');
    assert.match(after, /^ rose from the sea\. .*After…$/);
});

test('a snippet never cuts a character in two', () => {
    for (let i = 80; i < 100; i++) {
        const { before, after } = snippet(`${'😀'.repeat(200)}x${'y'.repeat(i % 2)}whale${'😀'.repeat(200)}`, 'whale');
        assert.equal((before + after).isWellFormed?.() ?? true, true);
    }
});

test('a hit leads to the very words, counted in code points', () => {
    const hit = { book: 4, section: 7, start: 100, end: 120, text: '😀 the white whale' };
    assert.equal(placeOfHit(hit, 'white whale'), '/books/4/?section=7&start=106&end=117');
    assert.equal(placeOfHit(hit, 'zzz'), '/books/4/?section=7&start=100&end=120');
});

test('what is found stands by its book, the best book first', () => {
    const items = [{ book: 2, n: 1 }, { book: 1, n: 2 }, { book: 2, n: 3 }];
    assert.deepEqual(byBook(items), [[items[0], items[2]], [items[1]]]);
});

test('texts are searched for what says something', () => {
    assert.deepEqual(['se', 'sea', '海', 'あ'].map(isTelling), [false, true, true, true]);
});

test('arrows move over the covers as they stand', () => {
    const places = [0, 1, 2, 3, 4].map((n) => ({ left: (n % 3) * 100, top: Math.floor(n / 3) * 200 }));
    assert.equal(next(places, 0, 'ArrowRight'), 1);
    assert.equal(next(places, 0, 'ArrowLeft'), 0);
    assert.equal(next(places, 1, 'ArrowLeft', true), 2);
    assert.equal(next(places, 1, 'ArrowDown'), 4);
    assert.equal(next(places, 2, 'ArrowDown'), 4);
    assert.equal(next(places, 4, 'ArrowUp'), 1);
    assert.equal(next(places, 4, 'ArrowDown'), 4);
});
