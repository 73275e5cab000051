// @ts-check
/** A book that cannot be read yet: the page opens it as soon as its text is there. */

import { pageLine } from '../lib/socket.js';

const book = Number(location.pathname.split('/')[2]);
pageLine().addEventListener('frame', (event) => {
    const frame = /** @type {CustomEvent} */ (event).detail;
    if (frame.type === 'book' && frame.book === book && (frame.is_readable || frame.state === 'failed')) location.reload();
});
