// @ts-check
/** Which device this is: an id of this browser's own, and a name for people. */

import { keepCookie } from '../lib/theme.js';
import { fill, gettext } from '../lib/words.js';

const FORM = /^[A-Za-z0-9-]{8,40}$/;

const BROWSERS = [
    ['Edg', 'Edge'], ['OPR', 'Opera'], ['SamsungBrowser', 'Samsung Internet'], ['Firefox', 'Firefox'], ['FxiOS', 'Firefox'], ['CriOS', 'Chrome'],
    ['Chrome', 'Chrome'], ['Safari', 'Safari'],
];
const SYSTEMS = [
    ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Android', 'Android'], ['CrOS', 'ChromeOS'], ['Windows', 'Windows'], ['Mac OS X', 'Mac'], ['Linux', 'Linux'],
];

let known = '';

/**
 * The id of this browser; '' when it keeps nothing. A random number in a cookie: signing out empties everything else,
 * and who comes back is on the device they were on.
 */
export function deviceId() {
    if (known) return known;
    let id = /(?:^|; )device=([^;]*)/.exec(document.cookie)?.[1] || kept();
    if (!FORM.test(id)) id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
    keepCookie('device', id); // for another year
    known = document.cookie.includes(id) ? id : '';
    return known;
}

/** Where it was kept before. */
function kept() {
    try {
        const id = localStorage.getItem('device') ?? '';
        localStorage.removeItem('device');
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
