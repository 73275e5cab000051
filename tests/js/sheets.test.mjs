import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nextZoom, pageNamed, rowsOf, SheetLayout, WHOLE, zoomFrom } from '../../frontend/static/js/reader/sheet_layout.js';
import { toldOf } from '../../frontend/static/js/reader/sheet_links.js';
import { widthFor } from '../../frontend/static/js/reader/sheet_page.js';
import { isDouble } from '../../frontend/static/js/reader/sheet_pinch.js';
import { downs, SheetWords } from '../../frontend/static/js/reader/sheet_words.js';

const LETTER = [6120, 7920];
const given = (sizes) => ({ sizes, starts: sizes.map((_, index) => [index >> 1, (index & 1) * 100]) });
const fitted = (sizes, room, zoom) => {
    const layout = new SheetLayout(given(sizes));
    layout.fit(room, zoom);
    return layout;
};

test('pages fit the width of the room, wider ones are made smaller', () => {
    const layout = fitted([LETTER, LETTER, LETTER, [9600, 5400]], { width: 640, height: 800 }, 'width');
    assert.equal(layout.box(0).width, 608);
    assert.equal(layout.box(3).width, 608);
    assert.ok(layout.box(3).height < layout.box(0).height);
    assert.equal(layout.box(0).left, 16);
    assert.equal(layout.width, 640);
});

test('fitting the width never blows a page up beyond one and a half', () => {
    assert.equal(fitted([LETTER], { width: 3000, height: 800 }, 'width').percent(0), 150);
});

test('a whole page fits the room', () => {
    const { width, height } = fitted([LETTER], { width: 900, height: 700 }, 'page').box(0);
    assert.ok(height <= 700 - 32 && width <= 900 - 32);
});

test('per cent are of the printed size, and a page wider than the room can be moved to its edge', () => {
    const layout = fitted([LETTER], { width: 390, height: 800 }, 400);
    assert.equal(layout.box(0).width, Math.round(6120 * WHOLE * 4));
    assert.equal(layout.box(0).left, 16);
    assert.equal(layout.width, layout.box(0).width + 32);
});

test('the page at a height is the one that stands there or comes next', () => {
    const layout = fitted(Array(5).fill(LETTER), { width: 640, height: 800 }, 'width');
    for (let index = 0; index < 5; index++) {
        const { top, height } = layout.box(index);
        assert.equal(layout.at(top), index);
        assert.equal(layout.at(top + height - 1), index);
    }
    assert.equal(layout.at(-50), 0);
    assert.equal(layout.at(1e9), 4);
});

test('no book is higher than a browser can draw', () => {
    assert.ok(fitted(Array(20_000).fill(LETTER), { width: 640, height: 800 }, 400).height < 31_000_000);
});

test('a place is on the last page that begins at it or before', () => {
    const layout = fitted(Array(4).fill(LETTER), { width: 640, height: 800 }, 'width');
    assert.deepEqual([[0, 0], [0, 99], [0, 100], [1, 0], [1, 500], [9, 0]].map(([section, offset]) => layout.pageOf(section, offset)), [0, 0, 1, 2, 3, 3]);
});

test('of pages that begin at one place the last has the words', () => {
    const layout = new SheetLayout({ sizes: Array(3).fill(LETTER), starts: [[0, 0], [0, 40], [0, 40]] });
    assert.equal(layout.pageOf(0, 40), 2);
    assert.deepEqual(layout.start(1), { section: 0, offset: 40 });
});

test('a page is named by its label first, then by its number', () => {
    const labels = ['i', 'ii', '1', '2'];
    assert.deepEqual(['II', '1', '3', ' 4 ', '9', 'x', ''].map((asked) => pageNamed(labels, asked)), [1, 2, 2, 3, -1, -1, -1]);
});

test('the zoom goes by steps and stays within bounds', () => {
    assert.deepEqual([nextZoom(87, 1), nextZoom(100, 1), nextZoom(100, -1), nextZoom(400, 1), nextZoom(50, -1)], [90, 110, 90, 400, 50]);
    assert.deepEqual([zoomFrom('page'), zoomFrom('900'), zoomFrom(10), zoomFrom('wide'), zoomFrom(undefined)], ['page', 400, 50, null, null]);
});

test('a picture is never smaller than what the screen shows', () => {
    assert.deepEqual([200, 400, 760, 812, 2400, 2500, 9000, 20_000].map(widthFor), [240, 400, 800, 800, 2400, 4800, 9600, 9600]);
});

const LINES = [
    [0, 10, 100, 100, 500, 150, 'Two 😀 words ', 0, 3, 100, 200, 4, 1, 220, 280, 6, 5, 300, 500],
    [0, 23, 100, 170, 240, 220, 'below', 0, 5, 100, 240],
    [1, 0, 100, 300, 300, 350, 'שלום עולם', 0, 4, 220, 300, 5, 4, 100, 200],
];

test('words know their text, and characters of two units count as one', () => {
    const words = new SheetWords(LINES);
    assert.equal(words.text({ section: 0, start: 10, end: 28 }), 'Two 😀 words below');
    assert.equal(words.text({ section: 0, start: 14, end: 18 }), '😀 wo');
    assert.equal(words.text({ section: 1, start: 2, end: 4 }), 'ום');
});

test('the boxes of a span are line by line, and part of a word is its share', () => {
    const words = new SheetWords(LINES);
    assert.deepEqual(words.boxes({ section: 0, start: 14, end: 28 }), [[220, 100, 500, 150], [100, 170, 240, 220]]);
    assert.deepEqual(words.boxes({ section: 0, start: 16, end: 17 }), [[300, 100, 340, 150]]);
    assert.deepEqual(words.boxes({ section: 1, start: 0, end: 2 }), [[260, 300, 300, 350]]);
    assert.deepEqual(words.boxes({ section: 0, start: 21, end: 22 }), []);
    assert.deepEqual(words.boxes({ section: 7, start: 0, end: 9 }), []);
});

test('a character finds its line, a space the line it ends', () => {
    const words = new SheetWords(LINES);
    assert.equal(words.find(0, 21)?.start, 10);
    assert.equal(words.find(0, 23)?.start, 23);
    assert.equal(words.find(0, 40), null);
    assert.equal(words.near(0, 40)?.start, 23);
    assert.equal(words.below(160)?.start, 23);
    assert.equal(words.below(900), null);
});

test('words that run down the page are told by the long ones among them', () => {
    const word = (text, wide, high) => [0, 0, 0, 0, wide, high, text, 0, text.length, 0, wide];
    const { lines } = new SheetWords([word('winter', 50, 300), word('in', 50, 60), word('the', 50, 90), word('a', 50, 30), word('level words', 400, 50), word('ll', 20, 50)]);
    assert.deepEqual(downs(lines), [true, true, true, true, false, false]);
});

const ROOM = { width: 1400, height: 900 };
const double = (sizes, how = {}, zoom = 'width', room = ROOM) => {
    const layout = new SheetLayout({ ...given(sizes), ...how });
    layout.fit(room, zoom, true);
    return layout;
};

test('two by two after the cover; a page as wide as two is alone, and so is the last one', () => {
    assert.deepEqual(rowsOf(Array(5).fill(LETTER), 6120), [0, 1, 3]);
    assert.deepEqual(rowsOf(Array(4).fill(LETTER), 6120), [0, 1, 3]);
    assert.deepEqual(rowsOf([LETTER, LETTER, [12240, 7920], LETTER, LETTER], 6120), [0, 1, 2, 3]);
    assert.deepEqual(rowsOf(Array(4).fill([9600, 5400]), 9600), [0, 1, 3]);
    assert.deepEqual(rowsOf(Array(3).fill(LETTER), 0), [0, 1, 2]);
    assert.deepEqual(rowsOf([], 6120), []);
});

test('two pages touch in the middle of the room, the cover stands above them', () => {
    const layout = double(Array(5).fill(LETTER));
    const [cover, left, right, next] = [0, 1, 2, 3].map((index) => layout.box(index));
    assert.equal(left.left + left.width, right.left);
    assert.equal(left.top, right.top);
    assert.ok(Math.abs(left.left + left.width - 700) < 2);
    assert.equal(cover.width, left.width);
    assert.ok(Math.abs(cover.left + cover.width / 2 - 700) < 2);
    assert.ok(next.top > left.top + left.height);
    assert.deepEqual([0, 1, 2].map((index) => layout.sideOf(index)), ['', 'left', 'right']);
});

test('two pages are read from the right where the book is', () => {
    const layout = double(Array(5).fill(LETTER), { is_rtl: true });
    assert.ok(layout.box(1).left > layout.box(2).left);
    assert.deepEqual([1, 2].map((index) => layout.sideOf(index)), ['right', 'left']);
});

test('a height is where the first of two pages stands, and one goes on by two', () => {
    const layout = double(Array(6).fill(LETTER));
    const { top, height } = layout.box(2);
    assert.deepEqual([layout.at(top + 5), layout.lastAt(top + 5)], [1, 2]);
    assert.deepEqual([layout.at(top + height + 30), layout.lastAt(1e9)], [3, 5]);
    assert.deepEqual([layout.beside(0, 1), layout.beside(2, 1), layout.beside(4, -1), layout.beside(5, 9), layout.beside(0, -1)], [1, 3, 1, 5, 0]);
    assert.deepEqual([layout.lastWith(0), layout.lastWith(1), layout.lastWith(5)], [0, 2, 5]);
});

test('two pages fit the room as one does, and one column is left where it is narrow', () => {
    const whole = double(Array(5).fill(LETTER), {}, 'page', { width: 1400, height: 700 });
    assert.ok(whole.box(1).height <= 700 - 32);
    assert.ok(whole.row(1).width <= 1400 - 32);
    assert.ok(double(Array(5).fill(LETTER)).row(2).width <= 1400 - 32);
    assert.equal(double(Array(5).fill(LETTER), {}, 'width', { width: 640, height: 800 }).isDouble, false);
    assert.equal(double(Array(5).fill(LETTER), {}, 200).percent(3), 200);
    assert.equal(double(Array(5).fill(LETTER), {}, 200).fitting(3), double(Array(5).fill(LETTER)).percent(3));
});

test('a lower page stands in the middle of its row', () => {
    const layout = double([LETTER, LETTER, [6120, 3960]]);
    const [high, low] = [layout.box(1), layout.box(2)];
    assert.ok(Math.abs(high.top + high.height / 2 - low.top - low.height / 2) <= 1);
});

test('of an address one is told the host first, and only of what may be opened', () => {
    assert.deepEqual(toldOf('https://example.org/a?b=1#c'), { host: 'example.org', rest: '/a?b=1#c' });
    assert.deepEqual(toldOf('https://bank.example@elsewhere.example/'), { host: 'elsewhere.example', rest: '' });
    assert.deepEqual(toldOf('mailto:a@b.example?subject=x'), { host: 'a@b.example', rest: '' });
    assert.equal(toldOf('https://exämple.org/')?.host, 'xn--exmple-cua.org');
    for (const address of ['javascript:alert(1)', 'data:text/html,x', '/account/logout/', 'https://', '']) assert.equal(toldOf(address), null);
});

test('the words in a box are those whose middle is in it', () => {
    const words = new SheetWords([[0, 10, 100, 100, 400, 120, 'The tide tables ', 0, 3, 100, 140, 4, 4, 150, 200, 9, 6, 210, 280]]);
    assert.equal(words.inside([145, 95, 300, 125]), 'tide tables');
    assert.equal(words.inside([90, 95, 130, 125]), 'The');
    assert.equal(words.inside([90, 300, 300, 320]), '');
});

test('two taps near each other are a double one', () => {
    const tap = { x: 100, y: 100, time: 1000 };
    assert.equal(isDouble(null, tap), false);
    assert.equal(isDouble(tap, { x: 110, y: 95, time: 1200 }), true);
    assert.equal(isDouble(tap, { x: 160, y: 95, time: 1200 }), false);
    assert.equal(isDouble(tap, { x: 100, y: 100, time: 1500 }), false);
});
