/** The expressions of the admin theme's attributes, carried out without `eval`. */

import assert from 'node:assert/strict';
import test from 'node:test';

import '../../frontend/static/js/admin/expressions.js';

const { evaluate, parse } = globalThis.MindoryExpressions;

test('literals, operators and their order', () => {
    assert.equal(evaluate('1 + 2 * 3 - 4', {}), 3);
    assert.equal(evaluate("'a' + \"b\" + 1", {}), 'ab1');
    assert.equal(evaluate('!false && null === null', {}), true);
    assert.equal(evaluate('-2 < 1 && 3 >= 3', {}), true);
    assert.equal(evaluate('2 - 1 - 1', {}), 0);
    assert.equal(evaluate("theme == 'dark' && 'moon' || theme == 'light' && 'sun' || 'auto'", { theme: 'light' }), 'sun');
});

test('names come from the scope, members and calls keep their object', () => {
    const scope = { open: false, count: { add(by) { return (this.total += by); }, total: 1 }, say(word) { return `${word}${this.open}`; } };

    assert.equal(evaluate('count.add(2)', scope), 3);
    assert.equal(evaluate("say('is ')", scope), 'is false');
    assert.equal(evaluate("['a', 'b'].includes('b') && count['total']", scope), 3);
    assert.equal(evaluate('missing?.deep', { missing: null }), undefined);
});

test('what is set is set where it is', () => {
    const scope = { open: true, inner: {} };
    evaluate("open = !open; inner.word = 'x'; if (!open) { inner.word = inner.word + 'y' } else inner.no = 1", scope);

    assert.deepEqual(scope, { open: false, inner: { word: 'xy' } });
});

test('objects, classes by condition, and arrow functions', () => {
    assert.deepEqual(evaluate("{'rotate-90': open, plain: 1, open}", { open: true }), { 'rotate-90': true, plain: 1, open: true });
    assert.deepEqual(evaluate('[1, 2].map(each => each + step)', { step: 10 }), [11, 12]);
    assert.equal(evaluate("(a, b) => a ? b : 'no'", {})(true, 'yes'), 'yes');
    const scope = { seen: null };
    evaluate('value => seen = value', scope)(7);
    assert.equal(scope.seen, 7);
});

test('only the globals that are given are known', () => {
    assert.equal(evaluate('Math.max(1, 2)', {}, { Math }), 2);
    assert.throws(() => evaluate('document.cookie', {}), ReferenceError);
    assert.throws(() => evaluate('globalThis', {}), ReferenceError);
});

test('no way leads to the machinery behind a value', () => {
    for (const text of ["''.constructor", "''['constructor']", "''['con' + 'structor']('x')()", '[].__proto__', '({}).constructor.constructor']) {
        assert.throws(() => evaluate(text, {}), undefined, text);
    }
});

test('what cannot be read is refused', () => {
    for (const text of ['a b', '1 +', '(1', "'open", 'a = ', '1 = 2', '`x`', 'new X()']) {
        assert.throws(() => evaluate(text, { a: 1, b: 2 }), undefined, text);
    }
    assert.equal(parse('a; b').kind, 'steps');
});
