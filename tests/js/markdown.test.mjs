import assert from 'node:assert/strict';
import { test } from 'node:test';

import { blocks, inlines } from '../../frontend/static/js/chat/markdown.js';

const text = (words) => ({ type: 'text', text: words });

test('paragraphs are parted by empty lines', () => {
    assert.deepEqual(blocks('One.\n\nTwo\nlines.'), [
        { type: 'p', inlines: [text('One.')] },
        { type: 'p', inlines: [text('Two\nlines.')] },
    ]);
});

test('lists keep their items and their first number', () => {
    assert.deepEqual(blocks('First:\n- a\n- b\n\n3. c\n4. d'), [
        { type: 'p', inlines: [text('First:')] },
        { type: 'ul', items: [[text('a')], [text('b')]] },
        { type: 'ol', items: [[text('c')], [text('d')]], start: 3 },
    ]);
});

test('a marker is a citation, also inside emphasis', () => {
    assert.deepEqual(inlines('So he says.[1] **Twice[2]**'), [
        text('So he says.'), { type: 'cite', number: 1 }, text(' '), { type: 'strong', text: 'Twice' }, { type: 'cite', number: 2 },
    ]);
});

test('strong, em and code are read; stars that mean nothing stay', () => {
    assert.deepEqual(inlines('**a** *b* `c*d` 2 * 3 * 4'), [
        { type: 'strong', text: 'a' }, text(' '), { type: 'em', text: 'b' }, text(' '), { type: 'code', text: 'c*d' }, text(' 2 * 3 * 4'),
    ]);
});

test('HTML, links and images stay text', () => {
    const hostile = '<img src=x onerror=alert(1)> [go](https://evil.example) ![i](https://evil.example/i.png)';
    assert.deepEqual(blocks(hostile), [{ type: 'p', inlines: [text(hostile)] }]);
});

test('an answer cut anywhere is readable, and its words are never lost', () => {
    const answer = '# Head\n\nWords **bold** and `code`.[1]\n\n- one\n- two *em*\n\n```\nx = 1\n```\nEnd.';
    for (let end = 0; end <= answer.length; end++) assert.ok(Array.isArray(blocks(answer.slice(0, end))));
    assert.deepEqual(blocks(answer).map(({ type }) => type), ['h', 'p', 'ul', 'pre', 'p']);
});

test('a quotation is read with its citation', () => {
    assert.deepEqual(blocks('He says:\n> I was one of that crew.[1]\n> My shouts.\n\nSo.'), [
        { type: 'p', inlines: [text('He says:')] },
        { type: 'quote', inlines: [text('I was one of that crew.'), { type: 'cite', number: 1 }, text('\nMy shouts.')] },
        { type: 'p', inlines: [text('So.')] },
    ]);
});

test('a chip follows its full stop at once', () => {
    assert.deepEqual(inlines('Said. [1] More'), [text('Said.'), { type: 'cite', number: 1 }, text(' More')]);
});
