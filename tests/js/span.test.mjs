import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isHeld } from '../../frontend/static/js/reader/paint.js';
import { cuts, firstIndex, light, pieces, points, spanOf, units, unwrap, wordsOf, wrap } from '../../frontend/static/js/reader/span.js';
import { all, element, rangeBetween, section } from './dom.mjs';

const TRICKY = [
    'plain words', 'co\u00adop\u00ader\u00adate', '🇫🇷🇨🇳', 'שָׁלוֹם עֲלֵיכֶם', 'العربية', '\ud83d\ud83d\ude00', '\ude00\ud83d', '\u200d\ufe0f',
    'a 😀 in the middle', '𠮷野家の𠮷', 'e\u0301te\u0301 combining', '👨‍👩‍👧 family', 'lone \ud83d half', '第一回 甄士隐', ''];

test('code points are counted as Python counts them', () => {
    assert.equal(points('a😀b'), 3);
    assert.equal(points('𠮷野家'), 3);
    assert.equal(points('e\u0301'), 2);
    assert.equal(points('👨‍👩‍👧'), 5);
    assert.equal(points('\ud83d'), 1);
    assert.equal(points('\udc00\ud83d'), 2);
});

test('units and points undo each other at every character', () => {
    for (const text of TRICKY) {
        for (let i = 0; i <= points(text); i++) assert.equal(points(text.slice(0, units(text, i))), i, text);
        assert.equal(units(text, 10_000), text.length);
    }
});

test('every span of a tricky section is wrapped exactly, and unwrapping leaves the section as it was', () => {
    const make = () =>
        section(
            ['😀 I said ', element('em', {}, 'very ', element('strong', {}, 'loud𠮷ly')), ' to e\u0301mile.'],
            '𠮷野家の話。',
            [element('em', {}, 'The end 👨‍👩‍👧')],
        );
    const { text } = make();
    const characters = [...text];
    for (let start = 0; start < characters.length; start++) {
        for (let end = start + 1; end <= characters.length; end++) {
            const { root } = make();
            const before = root.textContent;
            const shape = pieces(root).map(({ node }) => node.nodeValue);
            const marks = wrap(root, start, end, { q: '1.1', on: true });
            const marked = marks.map((mark) => mark.textContent).join('');
            assert.equal(marked, characters.slice(start, end).join('').replaceAll('\n', ''));
            assert.equal(root.textContent, before);
            unwrap(marks);
            assert.equal(root.textContent, before);
            assert.deepEqual(pieces(root).map(({ node }) => node.nodeValue), shape);
            assert.equal(all(root, 'mark').length, 0);
        }
    }
});

test('two spans that overlap are both marked, and each can be taken away alone', () => {
    const { root, text } = section('The whale, the white whale, the sea.');
    const first = wrap(root, 4, 26, { q: '1.1' });
    const second = wrap(root, 15, 36, { q: '1.2', on: true });
    const words = (q) => all(root, 'mark').filter((mark) => mark.getAttribute('data-q') === q).map((mark) => mark.textContent).join('');
    assert.equal(words('1.1'), text.slice(4, 26));
    assert.equal(second.map((mark) => mark.textContent).join(''), text.slice(15, 36));
    unwrap(first);
    assert.equal(words('1.2'), text.slice(15, 36));
    unwrap(second);
    assert.equal(pieces(root).length, 1);
});

test('only the first mark takes the focus, and it is the first in the text', () => {
    const { root } = section('one two', 'three four');
    const marks = wrap(root, 4, 14, { q: 'place', on: true });
    assert.deepEqual(marks.map((mark) => mark.getAttribute('tabindex')), ['-1', null]);
    assert.equal(marks[0].getAttribute('class'), 'cited on');
});

test('line breaks of the template and marks of ours are not text of the book', () => {
    const { root } = section(['before ', element('a', { 'data-skip': '' }, '2'), 'after']);
    assert.deepEqual(pieces(root).map(({ node, start }) => [node.nodeValue, start]), [['before ', 0], ['after', 7]]);
});

test('a block inside a block counts from its own start', () => {
    const inner = element('p', { 'data-start': 10, 'data-end': 15 }, 'inner');
    const root = element('article', {}, element('blockquote', { 'data-start': 10, 'data-end': 22 }, inner, 'loose'));
    assert.deepEqual(pieces(root).map(({ start }) => start), [10, 15]);
});

test('a span that is not in the section marks nothing', () => {
    const { root } = section('short');
    assert.deepEqual(cuts(pieces(root), 90, 99), []);
    assert.deepEqual(wrap(root, 90, 99, { q: 'x' }), []);
});

test('words of a formula are painted and not wrapped, and the rest is marked around them', () => {
    const formula = () => element('math', {}, element('mrow', {}, element('mi', {}, 'x'), element('mo', {}, '+'), element('mn', {}, '12')));
    const { text } = section(['let ', formula(), ' be']);
    for (let start = 0; start < text.length; start++) {
        for (let end = start + 1; end <= text.length; end++) {
            const { root } = section(['let ', formula(), ' be']);
            const marks = wrap(root, start, end, { q: 'q' });
            assert.equal(wordsOf(marks), text.slice(start, end));
            assert.equal(all(all(root, 'math')[0], 'mark').length, 0);
            assert.deepEqual(pieces(root).map(({ node }) => node.nodeValue).join(''), text);
            unwrap(marks);
            assert.equal(all(root, 'mark').length, 0);
            assert.ok(marks.every((mark) => !isHeld(mark)));
        }
    }
});

test('painted words change their colour with their mark', () => {
    const shown = new Map();
    globalThis.CSS = { highlights: shown };
    globalThis.Highlight = class { constructor(...ranges) { this.words = ranges.map(String); } };
    const { root } = section([element('math', {}, element('mi', {}, 'xyz'))]);
    const marks = wrap(root, 1, 2, { q: 'q' });
    assert.deepEqual([shown.get('cited-words').words, shown.get('cited-words-on').words], [['y'], []]);
    light(marks, true);
    assert.deepEqual([shown.get('cited-words').words, shown.get('cited-words-on').words], [[], ['y']]);
    unwrap(marks);
    assert.deepEqual(shown.get('cited-words-on').words, []);
    delete globalThis.CSS;
    delete globalThis.Highlight;
});

test('a selection becomes the span of its characters', () => {
    const { root, text } = section(['😀 I said ', element('em', {}, 'loud𠮷ly')], 'the end');
    const all = pieces(root);
    const characters = [...text];
    for (const first of all) {
        for (const last of all.slice(all.indexOf(first))) {
            for (let from = 0; from < first.length; from++) {
                const to = last.length;
                const range = rangeBetween(first.node, units(first.node.data, from), last.node, units(last.node.data, to));
                const span = spanOf(root, range);
                assert.deepEqual(span, { start: first.start + from, end: last.start + to });
                assert.ok(characters.slice(span.start, span.end).length > 0);
            }
        }
    }
});

test('a selection that cuts an emoji in two has all of it', () => {
    const { root } = section('a😀b');
    const { node } = pieces(root)[0];
    assert.deepEqual(spanOf(root, rangeBetween(node, 2, node, 4)), { start: 1, end: 3 });
    assert.deepEqual(spanOf(root, rangeBetween(node, 0, node, 2)), { start: 0, end: 2 });
});

test('a selection between elements begins with the next character and ends with the last one before', () => {
    const { root } = section('one', 'two');
    const [, first, , second] = root.childNodes;
    assert.deepEqual(spanOf(root, rangeBetween(root, 0, root, 4)), { start: 0, end: 8 });
    assert.deepEqual(spanOf(root, rangeBetween(first, 0, second, 0)), { start: 0, end: 3 });
    assert.equal(spanOf(root, rangeBetween(root, 4, root, 5)), null);
});

test('the first index is found in few steps', () => {
    for (let count = 0; count < 20; count++) {
        for (let at = 0; at <= count; at++) assert.equal(firstIndex(count, (i) => i >= at), at);
    }
});
