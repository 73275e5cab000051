// @ts-check
/** Which device this is: an id of this browser's own, and a name for people. */

import { fill, gettext } from '../lib/words.js';

const BROWSERS = [
    ['Edg', 'Edge'], ['OPR', 'Opera'], ['SamsungBrowser', 'Samsung Internet'], ['Firefox', 'Firefox'], ['FxiOS', 'Firefox'], ['CriOS', 'Chrome'],
    ['Chrome', 'Chrome'], ['Safari', 'Safari'],
];
const SYSTEMS = [
    ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Android', 'Android'], ['CrOS', 'ChromeOS'], ['Windows', 'Windows'], ['Mac OS X', 'Mac'], ['Linux', 'Linux'],
];

/** The id of this browser; '' when it keeps nothing. */
export function deviceId() {
    try {
        let id = localStorage.getItem('device');
        if (!id || !/^[A-Za-z0-9-]{8,40}$/.test(id)) {
            id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
            localStorage.setItem('device', id);
        }
        return id;
    } catch {
        return '';
    }
}

/** Firefox on Android. @param {string} [agent] */
export function deviceName(agent = navigator.userAgent) {
    const named = (/** @type {string[][]} */ names) => names.find(([sign]) => agent.includes(sign))?.[1] ?? '';
    const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
    if (!browser || !system) return browser || system;
    return fill(gettext('%(browser)s on %(system)s'), { browser, system });
}
