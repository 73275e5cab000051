import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fill } from '../../frontend/static/js/lib/words.js';

test('numbers in sentences are written as the language of the page writes them', () => {
    assert.equal(fill('%(count)s words', { count: 1234567 }), '1,234,567 words');
    globalThis.document = { documentElement: { lang: 'de' } };
    assert.equal(fill('%(count)s words, %(name)s', { count: 1234567, name: '1000' }), '1.234.567 words, 1000');
    delete globalThis.document;
});
