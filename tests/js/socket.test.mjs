import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Line, pause } from '../../frontend/static/js/lib/socket.js';

/** A world whose sockets and clock a test moves by hand. */
function world() {
    const sockets = [];
    const timers = new Map();
    let next = 1;
    const clock = {
        setTimeout: (run, after) => timers.set(next, { run, after }) && next++,
        setInterval: (run, after) => timers.set(next, { run, after, again: true }) && next++,
        clearTimeout: (id) => timers.delete(id),
        clearInterval: (id) => timers.delete(id),
    };
    const open = () => {
        const socket = { sent: [], send: (text) => socket.sent.push(JSON.parse(text)), close: () => (socket.isClosed = true) };
        sockets.push(socket);
        return socket;
    };
    const tick = () => {
        for (const [id, { run, again }] of [...timers]) {
            if (!again) timers.delete(id);
            run();
        }
    };
    return { sockets, timers, tick, line: new Line('ws://x/ws/', { open, clock, chance: () => 1 }) };
}

const hello = (socket) => socket.onmessage({ data: JSON.stringify({ type: 'hello', reader: 1, heartbeat: 20 }) });

test('what is sent before the line is up goes out when it is', () => {
    const { line, sockets } = world();
    line.connect();
    line.send({ type: 'ask', nonce: 'a' });
    assert.deepEqual(sockets[0].sent, []);
    hello(sockets[0]);
    assert.deepEqual(sockets[0].sent, [{ type: 'ask', nonce: 'a' }]);
});

test('a lost line comes back and says so', () => {
    const { line, sockets, tick } = world();
    const told = [];
    for (const name of ['up', 'down']) line.addEventListener(name, () => told.push(name));
    line.connect();
    hello(sockets[0]);
    sockets[0].onclose({ code: 1012 });
    tick();
    hello(sockets[1]);
    assert.deepEqual(told, ['up', 'down', 'up']);
});

test('a line that answers no ping is given up', () => {
    const { line, sockets, tick } = world();
    line.connect();
    hello(sockets[0]);
    tick();
    assert.deepEqual(sockets[0].sent, [{ type: 'ping' }]);
    tick();
    assert.equal(sockets[0].isClosed, true);
    assert.equal(line.isUp, false);
    tick();
    assert.equal(sockets.length, 2);
});

test('a line that was refused does not come back', () => {
    const { line, sockets, timers } = world();
    let isRefused = false;
    line.addEventListener('refused', () => (isRefused = true));
    line.connect();
    hello(sockets[0]);
    sockets[0].onclose({ code: 4401 });
    assert.equal(isRefused, true);
    assert.equal(timers.size, 0);
});

test('pauses grow, never beyond the longest, and differ between pages', () => {
    assert.equal(pause(0, 0), 200);
    assert.equal(pause(1, 1), 800);
    assert.equal(pause(30, 1), 20_000);
    assert.notEqual(pause(3, 0.1), pause(3, 0.9));
});

test('frames reach the page, pongs do not', () => {
    const { line, sockets } = world();
    const frames = [];
    line.addEventListener('frame', ({ detail }) => frames.push(detail.type));
    line.connect();
    hello(sockets[0]);
    sockets[0].onmessage({ data: '{"type":"pong"}' });
    sockets[0].onmessage({ data: '{"type":"book","book":1}' });
    assert.deepEqual(frames, ['hello', 'book']);
});
