import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cuts, firstIndex, pieces, points, units, unwrap, wrap } from '../../frontend/static/js/reader/span.js';
import { all, element, section } from './dom.mjs';

const TRICKY = ['plain words', 'a 😀 in the middle', '𠮷野家の𠮷', 'e\u0301te\u0301 combining', '👨‍👩‍👧 family', 'lone \ud83d half', '第一回 甄士隐', ''];

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

test('the first index is found in few steps', () => {
    for (let count = 0; count < 20; count++) {
        for (let at = 0; at <= count; at++) assert.equal(firstIndex(count, (i) => i >= at), at);
    }
});
