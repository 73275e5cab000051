import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sorted } from '../../frontend/static/js/library/drop.js';
import { isSame } from '../../frontend/static/js/library/kept.js';
import { passedOver } from '../../frontend/static/js/library/sending.js';
import { kindOf, nextPiece, pause } from '../../frontend/static/js/library/tus.js';

const MEGABYTE = 1024 * 1024;

test('a quick line takes larger pieces, a slow or broken one smaller ones, within bounds', () => {
    assert.equal(nextPiece(MEGABYTE, 0.3), 2 * MEGABYTE);
    assert.equal(nextPiece(MEGABYTE, 4), MEGABYTE);
    assert.equal(nextPiece(MEGABYTE, 20), MEGABYTE / 2);
    assert.equal(nextPiece(16 * MEGABYTE, 0.1), 16 * MEGABYTE);
    assert.equal(nextPiece(MEGABYTE / 4, Infinity), MEGABYTE / 4);
});

test('the tries come less and less often, and never at the same moment for all', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6, 99].map((tries) => pause(tries, 0.5)), [1, 2, 4, 8, 16, 30, 30]);
    assert.ok(pause(3, 0) < pause(3, 1));
});

test('what passes by itself is told from what does not', () => {
    assert.equal(kindOf(0, 'unreachable'), 'line');
    assert.equal(kindOf(502, 'unreachable'), 'line');
    assert.equal(kindOf(500, 'internal'), 'server');
    assert.equal(kindOf(429, 'too_many'), 'server');
    assert.equal(kindOf(503, 'server_full'), 'end');
    assert.equal(kindOf(409, 'wrong_offset'), 'offset');
    assert.equal(kindOf(404, 'not_found'), 'gone');
    assert.deepEqual([401, 403, 413, 422].map((status) => kindOf(status, 'x')), ['end', 'end', 'end', 'end']);
});

test('of a folder the books are taken, what the system put there is not even named', () => {
    const names = ['a/Tale.EPUB', 'a/.DS_Store', 'a/cover.jpg', 'a/.git/notes.txt', 'a/~$draft.docx', 'a/b/c.txt', 'a/Thumbs.db'];
    const files = names.map((path) => ({ name: path.split('/').at(-1), webkitRelativePath: path }));
    const found = sorted(files, ['.epub', '.txt', '.docx']);
    assert.deepEqual(found.files.map(({ name }) => name), ['Tale.EPUB', 'c.txt']);
    assert.deepEqual(found.others, ['cover.jpg']);
});

test('what is no book is said in one line', () => {
    assert.equal(passedOver(['a.jpg'], 2), 'Not a book, so left alone: a.jpg.');
    assert.equal(passedOver(['a.jpg', 'b.png', 'c.xls', 'd.exe', 'e.exe'], 2), 'Not books, so left alone: a.jpg, b.png, c.xls and 2 more.');
    assert.equal(passedOver(['a.jpg'], 0), 'No book that Mindory can read is in there.');
});

test('a file that is chosen again is known by its name, size and time', () => {
    const row = { name: 'a.pdf', size: 9, modified: 5 };
    assert.equal(isSame({ name: 'a.pdf', size: 9, lastModified: 5 }, row), true);
    assert.equal(isSame({ name: 'a.pdf', size: 9, lastModified: 6 }, row), false);
});
