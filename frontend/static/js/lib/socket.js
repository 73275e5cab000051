// @ts-check
/**
 * The page's one socket. Frames in become events out; what they mean is not its business.
 *
 * Events: `frame` (detail: the frame), `up`, `down`, `refused` (not signed in any more).
 * It reconnects with growing, jittered pauses, pings so that a dead line is noticed, and keeps
 * what was sent while the line was down until it is up again.
 */

const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 20_000;
const NOT_SIGNED_IN = 4401;

/**
 * How long to wait before try number `tries` (from 0): doubled each time, half of it random.
 * @param {number} tries
 * @param {number} chance from 0 to 1
 */
export const pause = (tries, chance) => Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries) * (0.5 + chance / 2);

export class Line extends EventTarget {
    #address;
    #open;
    #clock;
    #chance;
    /** @type {any} */ #socket = null;
    /** @type {object[]} */ #waiting = [];
    #tries = 0;
    #isUp = false;
    #isOver = false;
    /** @type {any} */ #beat = null;
    /** @type {any} */ #again = null;
    #heard = true;

    /**
     * @param {string} address ws:// or wss://
     * @param {{ open?: (address: string) => any, clock?: any, chance?: () => number }} [world] replaced in tests
     */
    constructor(address, { open = (to) => new WebSocket(to), clock = globalThis, chance = Math.random } = {}) {
        super();
        this.#address = address;
        this.#open = open;
        this.#clock = clock;
        this.#chance = chance;
    }

    get isUp() {
        return this.#isUp;
    }

    connect() {
        if (this.#isOver || this.#socket) return;
        this.#clock.clearTimeout(this.#again);
        const socket = this.#open(this.#address);
        this.#socket = socket;
        socket.onmessage = (/** @type {{ data: string }} */ { data }) => this.#receive(JSON.parse(data));
        socket.onclose = (/** @type {{ code: number }} */ { code }) => this.#lost(socket, code);
    }

    /** Send now, or as soon as the line is up. @param {object} frame */
    send(frame) {
        if (this.#isUp) this.#socket.send(JSON.stringify(frame));
        else this.#waiting.push(frame);
    }

    /** Send only if the line is up; for what is asked again anyway when it comes back. @param {object} frame */
    sendNow(frame) {
        if (this.#isUp) this.#socket.send(JSON.stringify(frame));
    }

    close() {
        this.#isOver = true;
        this.#clock.clearTimeout(this.#again);
        this.#socket?.close();
    }

    /** @param {any} frame */
    #receive(frame) {
        this.#heard = true;
        if (frame.type === 'hello') this.#greet(frame.heartbeat);
        if (frame.type !== 'pong') this.dispatchEvent(new CustomEvent('frame', { detail: frame }));
    }

    /** @param {number} heartbeat seconds */
    #greet(heartbeat) {
        this.#isUp = true;
        this.#tries = 0;
        this.#beat = this.#clock.setInterval(() => this.#ping(), heartbeat * 1000);
        for (const frame of this.#waiting.splice(0)) this.send(frame);
        this.dispatchEvent(new CustomEvent('up'));
    }

    #ping() {
        const socket = this.#socket;
        if (!this.#heard) {
            // Nothing came since the last ping: the line is dead, though nobody said so.
            socket.close();
            this.#lost(socket, 0);
            return;
        }
        this.#heard = false;
        this.sendNow({ type: 'ping' });
    }

    /**
     * @param {any} socket
     * @param {number} code
     */
    #lost(socket, code) {
        if (socket !== this.#socket) return;
        this.#socket = null;
        this.#clock.clearInterval(this.#beat);
        const wasUp = this.#isUp;
        this.#isUp = false;
        this.#heard = true;
        if (code === NOT_SIGNED_IN) {
            this.#isOver = true;
            this.dispatchEvent(new CustomEvent('refused'));
        }
        if (wasUp) this.dispatchEvent(new CustomEvent('down'));
        if (this.#isOver) return;
        this.#again = this.#clock.setTimeout(() => this.connect(), pause(this.#tries++, this.#chance()));
    }
}

/** The line of this page, connected. It hurries when the browser says the network is back. */
export function pageLine() {
    const line = new Line(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/`);
    line.addEventListener('refused', () => location.reload());
    globalThis.addEventListener('online', () => line.connect());
    document.addEventListener('visibilitychange', () => document.hidden || line.connect());
    line.connect();
    return line;
}
