import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Aloud } from '../../frontend/static/js/reader/aloud.js';
import { sentenceAt, sentences } from '../../frontend/static/js/reader/aloud_sentences.js';
import { speaking } from '../../frontend/static/js/reader/aloud_voice.js';
import { sifted } from '../../frontend/static/js/reader/annotations_list.js';
import { applied, holds, joined, passes, pause } from '../../frontend/static/js/reader/annotations_outbox.js';
import { nameOf, short, withSource } from '../../frontend/static/js/reader/annotations_words.js';
import { uncovered } from '../../frontend/static/js/reader/leaf_layers.js';
import { conversations, strokes } from '../../frontend/static/js/reader/margin_strokes.js';

const made = (more = {}) => ({ kind: 'highlight', colour: 'yellow', section: 0, start: 0, end: 4, quote: 'Call', text: '', created_at: '2026-01-01', ...more });

test('deeds to one mark become one deed', () => {
    assert.deepEqual(joined({ change: { text: 'a', colour: 'pink' } }, { change: { text: 'ab' } }), { change: { text: 'ab', colour: 'pink' } });
    assert.deepEqual(joined({ add: made() }, { change: { text: 'Why?' } }).add.text, 'Why?');
    assert.equal(joined({ add: made() }, { remove: true }), null);
    assert.deepEqual(joined({ change: { text: 'a' } }, { remove: true, after: 9 }), { change: { text: 'a' }, remove: true, after: 9 });
    assert.deepEqual(joined(undefined, { change: { colour: 'blue' } }), { change: { colour: 'blue' } });
    const sent = joined({ add: made(), isSent: true }, { change: { text: 'Why?' } });
    assert.deepEqual([sent.isSent, joined(sent, { remove: true, after: 9 }).isSent], [true, true]); // the server may have it
});

test('marks are shown as the reader left them, whatever the server knows', () => {
    const known = [{ ...made({ start: 10, end: 20 }), key: '7', id: 7, html: '' }, { ...made({ start: 2, end: 3 }), key: '8', id: 8, html: '<p>x</p>', text: 'x', kind: 'note' }];
    const shown = applied(known, { 7: { remove: true, after: 1 }, 8: { change: { text: '' } }, 'new-1': { add: made({ text: 'Mine' }) } });
    assert.deepEqual(shown.map(({ key, kind, html }) => [key, kind, html]), [['new-1', 'highlight', ''], ['8', 'highlight', '']]);
    assert.equal(applied(known, { 7: { change: { text: 'New' } } }).at(-1).kind, 'note');
    assert.equal(applied(known, {}).length, 2);
});

test('a text knows which one it was written over, and both are shown when another device was faster', () => {
    const typed = joined({ change: { text: 'a' }, over: 'v1' }, { change: { text: 'ab' }, over: 'v2' });
    assert.deepEqual(typed, { change: { text: 'ab' }, over: 'v1' });
    assert.deepEqual(joined({ ...typed, isHeld: true }, { change: { text: 'abc' } }), { change: { text: 'abc' }, over: 'v1', isHeld: true });
    const known = [{ ...made(), key: '7', id: 7, html: '<p>x</p>', text: 'theirs', kind: 'note' }];
    const [shown] = applied(known, { 7: { change: { text: 'mine' }, isHeld: true } });
    assert.deepEqual([shown.text, shown.theirs], ['mine', 'theirs']);
    assert.equal('theirs' in applied(known, { 7: { change: { text: 'mine' } } })[0], false);
    assert.deepEqual([holds('abc', 'ab '), holds('abc', ''), holds('abc', 'bd')], [true, true, false]);
});

test('only what passes by itself is tried again, and ever more seldom', () => {
    assert.deepEqual([0, 408, 429, 500, 503].map(passes), Array(5).fill(true));
    assert.deepEqual([400, 403, 404, 409, 422].map(passes), Array(5).fill(false));
    assert.deepEqual([1, 2, 6, 99].map(pause), [2000, 4000, 60_000, 60_000]);
});

test('inks that overlap are cut where another one lies on top', () => {
    const at = (start, end, look = 'hl1') => ({ section: 0, start, end, id: `${start}`, look });
    const parts = (items) => uncovered(items).map(({ start, end, look }) => [start, end, look]);
    assert.deepEqual(parts([at(0, 10), at(5, 15, 'hl2')]), [[0, 5, 'hl1'], [5, 15, 'hl2']]);
    assert.deepEqual(parts([at(0, 20), at(5, 8, 'hl2'), at(6, 7, 'hl3')]), [[0, 5, 'hl1'], [8, 20, 'hl1'], [5, 6, 'hl2'], [7, 8, 'hl2'], [6, 7, 'hl3']]);
    assert.deepEqual(parts([at(0, 4), { ...at(2, 6), section: 1 }]), [[0, 4, 'hl1'], [2, 6, 'hl1']]);
});

test('every sentence is its slice of the text', () => {
    const texts = [
        ['Call me Ishmael. Some years ago — never mind how long — I sailed.\n\n“Who?” asked Mr. Starbuck. Nobody.', 'en', 4],
        ['话说城南有一座旧园，荒了三十年。沈伯安说：“字不必读完。”阿禾不懂！\n𠮷野家的𠮷字？', 'zh-Hans', 4],
        ['First 😀 one. Second 👩‍🍳 one!   Third?\n\n\n* * *\n\nFourth.', '', 4],
    ];
    for (const [text, language, count] of texts) {
        const found = sentences(text, language);
        for (const { start, end, text: words } of found) assert.equal([...text].slice(start, end).join(''), words);
        assert.equal(found.length, count, JSON.stringify(found));
    }
});

test('a sentence without end is read in parts, and what has no letters is not read', () => {
    const long = `${'and the sea rose, and the wind fell, '.repeat(40)}and so on.`;
    const found = sentences(long, 'en');
    assert.ok(found.length > 3 && found.every(({ text }) => text.length <= 320));
    assert.equal(found.map(({ text }) => text).join(' '), long);
    assert.deepEqual(sentences('* * *\n\n—\n', 'en'), []);
    const all = sentences('One. Two. Three.', 'en');
    assert.deepEqual([0, 3, 4, 5, 99].map((offset) => sentenceAt(all, offset)), [0, 0, 1, 1, 3]);
});

test('voices of the language are offered, its own region and this machine first', () => {
    const voices = [{ lang: 'fr-FR' }, { lang: 'en_US', localService: false }, { lang: 'en-GB', default: true }, { lang: 'en-US' }];
    assert.deepEqual(speaking(voices, 'en-US').map(({ lang }) => lang), ['en-US', 'en_US', 'en-GB']);
    assert.deepEqual(speaking(voices, 'zh'), []);
    assert.equal(speaking(voices, '').length, 4);
});

/** A speaker that says when it is told to. */
class Slow {
    said = [];
    #over = null;
    say(text) {
        this.said.push(text);
        return new Promise((resolve) => (this.#over = resolve));
    }
    hush() {
        this.#over?.('cut');
        this.#over = null;
    }
    async end(how = 'said') {
        const over = this.#over;
        this.#over = null;
        over?.(how);
        await new Promise((resolve) => setTimeout(resolve));
    }
}
const tick = () => new Promise((resolve) => setTimeout(resolve));

test('reading aloud goes on from section to section, pauses, goes on and ends with the book', async () => {
    const texts = ['One. Two.', '', 'Three.'];
    const speaker = new Slow();
    const aloud = new Aloud(speaker, async (section) => sentences(texts[section], 'en'), texts.length);
    const heard = [];
    aloud.addEventListener('sentence', ({ detail }) => heard.push([detail.section, detail.start]));
    void aloud.begin({ section: 0, offset: 0 });
    await tick();
    await speaker.end();
    aloud.pause();
    assert.equal(aloud.state, 'paused');
    await tick();
    void aloud.resume();
    await tick();
    await speaker.end();
    assert.deepEqual(speaker.said, ['One.', 'Two.', 'Two.', 'Three.']);
    void aloud.skip(-1);
    await tick();
    assert.deepEqual(heard.at(-1), [2, 0]);
    await speaker.end();
    assert.equal(aloud.state, 'stopped');
});

test('a voice that fails is told, and nothing goes on behind it', async () => {
    const speaker = new Slow();
    const aloud = new Aloud(speaker, async () => sentences('One. Two.', 'en'), 1);
    let failures = 0;
    aloud.addEventListener('failed', () => failures++);
    void aloud.begin({ section: 0, offset: 0 });
    await tick();
    await speaker.end('failed');
    assert.deepEqual([failures, aloud.state, speaker.said.length], [1, 'stopped', 1]);
});

test('what stands on the same lines is one stroke, and each conversation is offered once', () => {
    const found = strokes([{ top: 40, bottom: 60, item: 'c' }, { top: 0, bottom: 20, item: 'a' }, { top: 10, bottom: 30, item: 'b' }, { top: 30, bottom: 40, item: 'd' }]);
    assert.deepEqual(found.map(({ top, bottom, items }) => [top, bottom, items.join('')]), [[0, 30, 'ab'], [30, 40, 'd'], [40, 60, 'c']]);
    const quotes = [{ conversation: 1, reply: 5 }, { conversation: 2, reply: 9 }, { conversation: 1, reply: 7 }];
    assert.deepEqual(conversations(quotes), [{ conversation: 2, reply: 9 }, { conversation: 1, reply: 7 }]);
});

test('marks are sifted by kind, ink and words', () => {
    const marks = [made({ quote: 'The Whale', colour: 'pink' }), made({ kind: 'note', text: 'so white', quote: 'x' }), made({ kind: 'bookmark', quote: 'whale' })];
    const count = (sieve) => sifted(marks, { kind: '', colour: '', words: '', ...sieve }).length;
    assert.deepEqual([count({}), count({ words: ' WHALE ' }), count({ kind: 'note' }), count({ colour: 'pink' }), count({ colour: 'yellow' }), count({ words: 'white' })], [3, 2, 1, 1, 1, 1]);
});

test('a mark has a name, and a copy says where it is from', () => {
    assert.match(nameOf({ ...made(), text: 'Why?' }), /Call.*Why\?/);
    assert.equal(short('  one\n two  '), 'one two');
    assert.equal([...short('𠮷'.repeat(200))].length, 121);
    const source = { quote: 'Call me', title: 'Moby-Dick', authors: 'Herman Melville', heading: 'Loomings', page: '3' };
    assert.equal(withSource(source), '“Call me”\n— Herman Melville, Moby-Dick, Loomings, page 3');
    assert.equal(withSource({ ...source, authors: '', heading: '', page: '' }), '“Call me”\n— Moby-Dick');
});
