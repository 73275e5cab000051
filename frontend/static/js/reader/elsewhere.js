// @ts-check
/** "Continue from page 212?": another device of this reader is at another place. A quiet bar, asked once for each place. */

import { call, Refusal } from '../lib/api.js';
import { the } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';
import { deviceId } from './device.js';
import { charactersBefore } from './track.js';

const APART = 3_000; // characters: nearer places are one place
const AWAY = 30_000; // milliseconds a page was hidden before it asks again

/** @typedef {{ device: string, name: string, section: number, offset: number, at: string }} There */

/**
 * The place of another device to offer, if any: one that is newer than this device's own, or further on.
 * @param {There[]} places of all devices
 * @param {{ device: string, shown: { section: number, offset: number }, starts: number[], stayed: string }} here
 *     `stayed`: when the newest place was left that the reader did not want
 * @returns {There | null}
 */
export function offered(places, { device, shown, starts, stayed }) {
    const own = places.find((one) => one.device === device)?.at ?? '';
    const at = charactersBefore(starts, shown);
    const others = places.filter((one) => one.device !== device && one.device !== '' && one.at > stayed);
    const [newest] = others.sort((one, other) => (one.at < other.at ? 1 : -1));
    if (!newest) return null;
    const ahead = charactersBefore(starts, newest) - at;
    return ahead > APART || (newest.at > own && ahead < -APART) ? newest : null;
}

/**
 * When it was, as people say it.
 * @param {string} at
 * @param {number} now
 * @param {string} language
 */
export function whenWords(at, now, language) {
    const minutes = Math.round((Date.parse(at) - now) / 60_000);
    const said = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
    if (minutes > -60) return said.format(Math.min(minutes, 0), 'minute');
    if (minutes > -60 * 20) return said.format(Math.round(minutes / 60), 'hour');
    if (minutes > -60 * 24 * 20) return said.format(Math.round(minutes / 60 / 24) || -1, 'day');
    return new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(Date.parse(at));
}

/** @param {import('./desk.js').Desk} desk @param {boolean} isNamed the address names the place: nothing is asked */
export function wireElsewhere(desk, isNamed) {
    const bar = the('[data-part="elsewhere"]');
    const { starts, characters, places = [] } = desk.reading;
    const name = `stayed-${desk.book}`;
    /** @type {There | null} */
    let there = null;
    const offer = (/** @type {There[]} */ all) => {
        there = offered(all, { device: deviceId(), shown: desk.view.place, starts, stayed: localStorage.getItem(name) ?? '' });
        bar.hidden = !there;
        if (!there) return;
        const share = charactersBefore(starts, there) / Math.max(1, characters);
        const where = desk.track.where(there, share);
        the('[data-part="elsewhere-what"]', bar).textContent = fill(gettext('Continue from %(where)s?'), { where });
        const when = whenWords(there.at, Date.now(), document.documentElement.lang || 'en');
        const words = there.name ? gettext('You were there on %(device)s, %(when)s.') : gettext('You were there %(when)s.');
        the('[data-part="elsewhere-where"]', bar).textContent = fill(words, { device: there.name, when });
    };
    the('[data-part="elsewhere-yes"]', bar).addEventListener('click', () => {
        if (there) desk.go({ section: there.section, start: there.offset });
        bar.hidden = true;
    });
    the('[data-part="elsewhere-stay"]', bar).addEventListener('click', () => {
        if (there) localStorage.setItem(name, there.at);
        bar.hidden = true;
        desk.view.element.focus({ preventScroll: true });
    });
    if (!isNamed) offer(places);
    let hiddenAt = 0;
    document.addEventListener('visibilitychange', async () => {
        if (document.hidden) return void (hiddenAt = Date.now());
        if (Date.now() - hiddenAt < AWAY) return;
        try {
            const all = await call('GET', `books/${desk.book}/places`);
            offer(all.map((/** @type {any} */ one) => ({ ...one, name: one.device_name, at: one.updated_at })));
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
        }
    });
}
