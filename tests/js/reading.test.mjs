import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Axis, wayOf } from '../../frontend/static/js/reader/axis.js';
import { chapterAt, chapters, entryAt, pageAt, placeAt } from '../../frontend/static/js/reader/chapters.js';
import { deviceName } from '../../frontend/static/js/reader/device.js';
import { offered, whenWords } from '../../frontend/static/js/reader/elsewhere.js';
import { isEnough, nearest } from '../../frontend/static/js/reader/find.js';
import { leftWords, measure, minutes, pace } from '../../frontend/static/js/reader/pace.js';
import { columns, pagesIn } from '../../frontend/static/js/reader/setting.js';
import { runTo } from '../../frontend/static/js/reader/track.js';
import { swiped, wheeled } from '../../frontend/static/js/reader/turning.js';

const how = (isPaged, isUpright, isRtl) => wayOf({ isPaged, isUpright, isRtl });

test('pages lie beside each other, upright ones below each other, and upright lines go to the left', () => {
    assert.deepEqual([how(false, false, false), how(false, false, true), how(false, true, false)], ['down', 'down', 'left']);
    assert.deepEqual([how(true, false, false), how(true, false, true), how(true, true, false)], ['right', 'left', 'down']);
});

test('a position counts from where the text begins, whichever way it goes', () => {
    const box = { left: 10, right: 30, top: 5, bottom: 9 };
    const axis = new Axis({ scrollLeft: -70, scrollTop: 3, clientWidth: 100, clientHeight: 50, scrollWidth: 400, scrollHeight: 200 });
    axis.way = 'left';
    assert.deepEqual([axis.at, axis.size, axis.most, axis.near(box), axis.far(box)], [70, 100, 300, -30, -10]);
    axis.way = 'down';
    assert.deepEqual([axis.at, axis.size, axis.most, axis.near(box), axis.far(box)], [3, 50, 150, 5, 9]);
});

test('a wide window has two columns of a fair length, a narrow one has one', () => {
    assert.deepEqual(columns({ width: 1440, em: 19, measure: 33, margin: 56 }), { count: 2, side: 56 });
    assert.deepEqual(columns({ width: 1032, em: 19, measure: 33, margin: 56 }), { count: 1, side: 202 });
    assert.deepEqual(columns({ width: 390, em: 18, measure: 33, margin: 22 }), { count: 1, side: 22 });
    assert.equal(columns({ width: 390, em: 32, measure: 33, margin: 0 }).side, 20);
});

test('a section fills whole pages', () => {
    assert.deepEqual([pagesIn(200, 1000), pagesIn(956, 1000), pagesIn(1003, 1000), pagesIn(1956, 1000)], [1, 1, 1, 2]);
});

test('one gesture of the wheel turns one page, a long one turns again', () => {
    let state = { now: 0, last: 0, turned: 0, sum: 0 };
    const turns = [];
    for (let now = 1000; now < 1700; now += 20) {
        const turn = wheeled(state, { now, delta: 12 });
        state = turn.state;
        turns.push(turn.by);
    }
    assert.equal(turns.reduce((sum, by) => sum + by), 2);
    assert.equal(turns.indexOf(1), 2);
    assert.equal(wheeled(state, { now: 3000, delta: -100 }).by, -1);
});

test('a swipe turns when it is far or quick', () => {
    assert.equal(swiped({ moved: 100, time: 900, page: 390 }), 1);
    assert.equal(swiped({ moved: -60, time: 100, page: 390 }), -1);
    assert.equal(swiped({ moved: 60, time: 900, page: 390 }), 0);
    assert.equal(swiped({ moved: 12, time: 10, page: 390 }), 0);
});

const ENTRIES = [
    { section: 0, start: 0, depth: 0, title: 'Preface' },
    { section: 1, start: 0, depth: 0, title: 'Part One' },
    { section: 1, start: 9, depth: 1, title: 'Chapter 1. The Quay' },
    { section: 2, start: 0, depth: 1, title: 'CHAPTER II' },
    { section: 4, start: 7, depth: 1, title: '第三章' },
];

test('a place stands under the last entry before it', () => {
    const at = (section, offset) => entryAt(ENTRIES, { section, offset });
    assert.deepEqual([at(0, 0), at(1, 8), at(1, 9), at(3, 500), at(4, 6), at(4, 7), at(9, 0)], [0, 1, 2, 3, 3, 4, 4]);
    assert.equal(entryAt([{ section: 2, start: 0, depth: 0, title: '' }], { section: 1, offset: 5 }), -1);
});

test('forewords and parts are not counted as chapters where most entries are chapters', () => {
    assert.deepEqual(chapters(ENTRIES), [2, 3, 4]);
    assert.deepEqual(chapterAt(ENTRIES, { section: 2, offset: 3 }), { number: 2, count: 3 });
    assert.equal(chapterAt(ENTRIES, { section: 0, offset: 3 }), null);
    assert.deepEqual(chapters([{ depth: 0, title: 'The Quay' }, { depth: 0, title: 'The Ledger' }]), [0, 1]);
});

test('a share of the book is a place, and a place has a printed page', () => {
    assert.deepEqual(placeAt([0, 100, 250], 249.9), { section: 1, start: 149 });
    assert.deepEqual(placeAt([0, 100, 250], 0), { section: 0, start: 0 });
    const pages = [[0, 0, 'iv'], [0, 50, '1'], [2, 3, '2']];
    assert.deepEqual([pageAt(pages, { section: 0, offset: 49 }), pageAt(pages, { section: 2, offset: 0 }), pageAt(pages, { section: 2, offset: 3 })], ['iv', '1', '2']);
    assert.equal(pageAt([], { section: 2, offset: 0 }), '');
});

test('the pace is the usual one until it is measured, and leafing through is no reading', () => {
    assert.equal(pace('en'), 1250);
    assert.equal(minutes(2000, 'zh-Hans'), 5);
    assert.equal(minutes(10, 'en'), 1);
    const none = { characters: 0, minutes: 0 };
    assert.equal(measure(none, { characters: 2000, time: 1000, language: 'en' }), none);
    assert.equal(measure(none, { characters: 2000, time: 20_000_000, language: 'en' }), none);
    let measured = none;
    for (let page = 0; page < 60; page++) measured = measure(measured, { characters: 1000, time: 30_000, language: 'en' });
    assert.ok(Math.abs(pace('en', measured) - 2000) < 120);
});

test('a measured pace forgets what is long ago', () => {
    let measured = { characters: 0, minutes: 0 };
    for (let page = 0; page < 400; page++) measured = measure(measured, { characters: 1000, time: 60_000, language: 'en' });
    assert.ok(measured.minutes <= 91);
});

test('what is left is said of the chapter and the book', () => {
    assert.deepEqual(leftWords(18, 45), ['18 min left in this chapter', '45 min in the book']);
    assert.equal(leftWords(18, 400)[1], '7 h in the book');
    assert.deepEqual(leftWords(5, 5), ['5 min left in this chapter', '']);
});

test('a run of reading goes on by pages and ends with a jump', () => {
    const starts = [0, 10_000, 20_000];
    const begun = { since: { section: 0, offset: 100 }, last: { section: 0, offset: 9_000 } };
    const next = { section: 1, offset: 500 };
    assert.deepEqual(runTo(starts, begun, next, false), { since: begun.since, last: next, isOn: true });
    assert.deepEqual(runTo(starts, begun, next, true), { since: next, last: next, isOn: false });
    const far = { section: 2, offset: 0 };
    assert.deepEqual(runTo(starts, begun, far, false).since, far);
    const back = { section: 0, offset: 50 };
    assert.deepEqual(runTo(starts, { since: begun.since, last: { section: 0, offset: 300 } }, back, false).since, back);
});

const HERE = { device: 'me', shown: { section: 0, offset: 0 }, starts: [0, 10_000, 20_000], stayed: '' };
const there = (section, at, device = 'phone') => ({ device, name: 'Firefox on Android', section, offset: 0, at });

test('the place of another device is offered when it is further on, or newer', () => {
    const own = there(0, '2026-03-02', 'me');
    assert.equal(offered([own], HERE), null);
    assert.equal(offered([own, there(2, '2026-03-01')], HERE)?.section, 2);
    assert.equal(offered([own, there(0, '2026-03-03')], HERE), null);
    const far = { ...HERE, shown: { section: 2, offset: 0 } };
    assert.equal(offered([own, there(1, '2026-03-01')], far), null);
    assert.equal(offered([there(1, '2026-03-03'), own], far)?.section, 1);
});

test('a place that was refused is not offered again, a newer one is', () => {
    assert.equal(offered([there(2, '2026-03-01')], { ...HERE, stayed: '2026-03-01' }), null);
    assert.equal(offered([there(2, '2026-03-02')], { ...HERE, stayed: '2026-03-01' })?.section, 2);
});

test('times are said as people say them', () => {
    const now = Date.parse('2026-03-10T12:00:00Z');
    assert.equal(whenWords('2026-03-09T12:00:00Z', now, 'en'), 'yesterday');
    assert.equal(whenWords('2026-03-10T09:00:00Z', now, 'en'), '3 hours ago');
    assert.match(whenWords('2026-01-10T09:00:00Z', now, 'en'), /January 10, 2026/);
    assert.equal(whenWords('2026-03-10T12:00:20Z', now, 'en'), 'this minute');
});

test('a device is called by its browser and its system', () => {
    assert.equal(deviceName('Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0'), 'Firefox on Android');
    assert.equal(deviceName('Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1'), 'Safari on iPhone');
    assert.equal(deviceName('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0'), 'Edge on Linux');
    assert.equal(deviceName('curl'), '');
});

test('finding begins after where the reader is, and not with half a word', () => {
    const found = [{ section: 0, start: 5 }, { section: 1, start: 0 }, { section: 1, start: 80 }];
    assert.equal(nearest(found, { section: 1, offset: 10 }), 2);
    assert.equal(nearest(found, { section: 3, offset: 0 }), 0);
    assert.deepEqual([isEnough('wh'), isEnough('wha'), isEnough('梅')], [false, true, true]);
});
