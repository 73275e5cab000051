// @ts-check
/**
 * A conversation as plain values. `reduce` takes the frames of books/events.py, in any order of
 * arrival and as often as they come; the same frames always end in the same thread.
 */

/** @typedef {{ number: number, book: number, title: string, section: number, heading: string, start: number, end: number, quote: string, page?: string, is_placed?: boolean }} Citation */
/**
 * @typedef {object} Turn
 * @property {number | null} reply null until the server accepted the question
 * @property {string} nonce
 * @property {string} question
 * @property {string} state sending, queued, looking, writing, done, stopped, interrupted, failed, refused
 * @property {number} seq the last frame that was taken in
 * @property {boolean} isBehind a frame is missing: ask for those after `seq`
 * @property {number} passages being read
 * @property {string} text
 * @property {Citation[]} citations
 * @property {number} leftOut
 * @property {string} errorCode
 * @property {string} errorMessage
 */
/** @typedef {{ conversation: number | null, turns: Turn[] }} Thread */

const OPEN = new Set(['sending', 'queued', 'looking', 'writing']);

/** @param {Turn} turn */
export const isOpen = (turn) => OPEN.has(turn.state);

/** @type {Turn} */
const BLANK = {
    reply: null, nonce: '', question: '', state: 'queued', seq: 0, isBehind: false, passages: 0,
    text: '', citations: [], leftOut: 0, errorCode: '', errorMessage: '',
};

/**
 * The thread as the page came with it: stored replies in the form of `reply.whole` frames with their question.
 * @param {number | null} conversation
 * @param {any[]} replies
 * @returns {Thread}
 */
export function start(conversation, replies) {
    return { conversation, turns: replies.map((reply) => whole({ ...BLANK, reply: reply.reply, question: reply.question }, reply)) };
}

/**
 * @param {Thread} thread
 * @param {{ nonce: string, question: string }} asked
 * @returns {Thread}
 */
export function asking(thread, { nonce, question }) {
    return { ...thread, turns: [...thread.turns, { ...BLANK, nonce, question, state: 'sending' }] };
}

/**
 * @param {Thread} thread
 * @param {any} frame
 * @returns {Thread} the same object when nothing changed
 */
export function reduce(thread, frame) {
    if (frame.type === 'reply.new') return accepted(thread, frame);
    if (frame.type === 'refused' && frame.nonce) return refused(thread, frame);
    if (typeof frame.reply !== 'number') return thread;
    return change(thread, (turn) => turn.reply === frame.reply, (turn) => take(turn, frame));
}

/**
 * @param {Thread} thread
 * @param {any} frame
 */
function accepted(thread, { reply, conversation, question, nonce }) {
    if (thread.turns.some((turn) => turn.reply === reply)) return thread;
    const isOurs = (/** @type {Turn} */ turn) => turn.reply === null && turn.nonce !== '' && turn.nonce === nonce;
    if (thread.turns.some(isOurs)) {
        const known = change(thread, isOurs, (turn) => ({ ...turn, reply, state: 'queued', isBehind: true }));
        return { ...known, conversation };
    }
    if (thread.conversation === null || conversation !== thread.conversation) return thread;
    return { ...thread, turns: [...thread.turns, { ...BLANK, reply, question, nonce, isBehind: true }] };
}

/**
 * @param {Thread} thread
 * @param {any} frame
 */
function refused(thread, { nonce, code, message }) {
    const isIt = (/** @type {Turn} */ turn) => turn.nonce === nonce && turn.state === 'sending';
    return change(thread, isIt, (turn) => ({ ...turn, state: 'refused', errorCode: code, errorMessage: message }));
}

/**
 * @param {Thread} thread
 * @param {(turn: Turn) => boolean} which
 * @param {(turn: Turn) => Turn} how
 * @returns {Thread}
 */
function change(thread, which, how) {
    let hasChanged = false;
    const turns = thread.turns.map((turn) => {
        const next = which(turn) ? how(turn) : turn;
        hasChanged ||= next !== turn;
        return next;
    });
    return hasChanged ? { ...thread, turns } : thread;
}

/**
 * Take the next numbered frame into a turn. One that was taken before changes nothing; one that comes
 * too early is dropped, and the turn says that it is behind.
 * @param {Turn} turn
 * @param {any} frame
 * @returns {Turn}
 */
function take(turn, frame) {
    if (frame.type === 'reply.whole') return frame.seq >= turn.seq && isOpen(turn) ? whole(turn, frame) : turn;
    if (frame.seq <= turn.seq) return turn;
    if (frame.seq > turn.seq + 1) return turn.isBehind ? turn : { ...turn, isBehind: true };
    const next = { ...turn, seq: frame.seq, isBehind: false };
    switch (frame.type) {
        case 'reply.stage':
            return { ...next, state: frame.stage, passages: frame.passages };
        case 'reply.words':
            return { ...next, state: 'writing', text: turn.text + frame.text };
        case 'reply.citation':
            return { ...next, citations: [...turn.citations.filter(({ number }) => number !== frame.number), frame] };
        case 'reply.end':
            return { ...next, state: frame.state, leftOut: frame.left_out, errorCode: frame.error_code, errorMessage: frame.error_message };
        default:
            return next;
    }
}

/**
 * @param {Turn} turn
 * @param {any} frame
 * @returns {Turn}
 */
function whole(turn, frame) {
    return {
        ...turn, seq: frame.seq, isBehind: false, state: frame.state, text: frame.text, citations: frame.citations,
        leftOut: frame.left_out, errorCode: frame.error_code, errorMessage: frame.error_message,
    };
}

/**
 * The replies to ask for again: all that are open when the line comes back, or those that are behind.
 * @param {Thread} thread
 * @param {{ all: boolean }} which
 * @returns {{ type: 'resume', reply: number, seq: number }[]}
 */
export function resumes(thread, { all }) {
    return thread.turns
        .filter((turn) => turn.reply !== null && isOpen(turn) && (all || turn.isBehind))
        .map(({ reply, seq }) => ({ type: 'resume', reply: /** @type {number} */ (reply), seq }));
}
