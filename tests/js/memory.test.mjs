import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressOf, askedOf, dayAfter, daysBetween, forgotten, imported, isWord, keptAs, pastDay, queryOf, startOf } from '../../frontend/static/js/memory/asked.js';

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

test('a day begins when it does in the zone of the page', () => {
    assert.equal(startOf('2021-06-01', 'UTC'), '2021-06-01T00:00:00.000Z');
    assert.equal(startOf('2021-06-01', 'Asia/Shanghai'), '2021-05-31T16:00:00.000Z');
    assert.equal(startOf('2021-06-01', 'America/New_York'), '2021-06-01T04:00:00.000Z');
    assert.equal(startOf('2026-03-29', 'Europe/Berlin'), '2026-03-28T23:00:00.000Z'); // the clocks change in this night
    assert.equal(startOf('2018-11-04', 'America/Sao_Paulo'), '2018-11-04T03:00:00.000Z'); // it began at one
    assert.equal(startOf('1000-01-01', 'UTC'), '1000-01-01T00:00:00.000Z');
});

test('what was known is not said to be remembered anew, and what is replaced is named', () => {
    const words = { kind: 'About you', known: 'I live in Porto.', other: 'I live in Porto.' };
    assert.equal(keptAs('repeated', words), 'You told this already.');
    assert.equal(keptAs('merged', words), 'You told this already: “I live in Porto.”');
    assert.equal(keptAs('new', words), 'Remembered as “About you”.');
    assert.equal(keptAs('superseding', words), 'Remembered as “About you”. Replaces: I live in Porto.');
    assert.equal(keptAs('superseding', { ...words, other: '' }), 'Remembered as “About you”.');
    assert.equal(keptAs('history', words), 'Kept as the past, before: I live in Porto.');
});
