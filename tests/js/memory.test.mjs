import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressOf, askedOf, dayAfter, daysBetween, forgotten, imported, isWord, pastDay, queryOf } from '../../frontend/static/js/memory/asked.js';

test('an address is read and written the same', () => {
    const query = 'q=a+b%26c&kind=likes&book=3&on=2026-03-19';
    assert.deepEqual(askedOf(`?${query}`), { q: 'a b&c', kind: 'likes', book: '3', on: '2026-03-19' });
    assert.equal(queryOf(askedOf(query)), query);
    assert.equal(queryOf(askedOf('?from=50&else=1')), '');
    assert.equal(addressOf(''), '/memory/');
    assert.equal(addressOf('q=x'), '/memory/?q=x');
});

test('days are counted over months, leap years and changes of the clock', () => {
    assert.equal(dayAfter('2026-02-27', 2), '2026-03-01');
    assert.equal(dayAfter('2024-02-28', 1), '2024-02-29');
    assert.equal(daysBetween('2026-03-01', '2026-04-01'), 31);
    for (let days = 0; days < 800; days++) assert.equal(daysBetween('2025-01-01', dayAfter('2025-01-01', days)), days);
});

test('only a day that is over is a past one', () => {
    assert.equal(pastDay('2026-03-18', '2026-03-19'), '2026-03-18');
    for (const value of ['2026-03-19', '2026-03-20', '', '2026-3-1', 'x']) assert.equal(pastDay(value, '2026-03-19'), '');
});

test('what became of an import is said in sentences, and nothing is said of nothing', () => {
    assert.equal(imported({ added: 2, repeated: 0, refused_count: 0 }), '2 added.');
    assert.equal(imported({ added: 0, repeated: 1, refused_count: 1200 }), '0 added. 1 was known already. 1,200 lines were left out.');
});

test('the word must be the word, in any letters', () => {
    assert.equal(isWord(' FORGET ', 'forget'), true);
    assert.equal(isWord('“forget”', 'forget'), true);
    assert.equal(isWord('忘记', '忘记'), true);
    for (const typed of ['', 'forge', 'forget it']) assert.equal(isWord(typed, 'forget'), false);
});

test('one thing that is forgotten is named, several are counted', () => {
    assert.equal(forgotten(1, 'you prefer hardbacks.'), 'Forgotten: you prefer hardbacks.');
    assert.equal(forgotten(1), '1 thing forgotten.');
    assert.equal(forgotten(3, 'x'), '3 things forgotten.');
});
