// @ts-check
/**
 * A conversation as plain values. Its turns are a tree: a question asked anew, or put otherwise, stands beside the first
 * one. `tip` is the last turn of the branch that is shown. `reduce` takes the frames of books/events.py, in any order of
 * arrival and as often as they come, also those of branches that are not shown; the same frames end in the same thread.
 */

/**
 * @typedef {{
 *     number: number, book: number, title: string, language?: string, section: number, heading: string, start: number,
 *     end: number, quote: string, page?: string, how?: string, is_placed?: boolean,
 * }} Citation
 */
/** @typedef {{ kind: string, book: number, section: number, start: number, end: number, text?: string, quote?: string }} About */
/**
 * @typedef {object} Turn
 * @property {number | null} reply null until the server accepted the question
 * @property {string} nonce
 * @property {number | null} parent the reply it follows
 * @property {string} question
 * @property {About | null} about the words of a book the question is about
 * @property {string} state sending, queued, looking, writing, done, stopped, interrupted, failed, refused
 * @property {number} seq the last frame that was taken in
 * @property {boolean} isBehind a frame is missing: ask for those after `seq`
 * @property {number} passages being read
 * @property {string} text Markdown; [1] stands where citation 1 belongs
 * @property {string[]} blocks the same as HTML, block by block
 * @property {Citation[]} citations
 * @property {number} leftOut
 * @property {number} ahead passages that lie past what the reader has read
 * @property {string[]} noted what was told besides books, by its key: memory:12
 * @property {number} feedback 1: good, -1: bad
 * @property {string} errorCode
 * @property {string} errorMessage
 */
/** @typedef {number | string} Key a reply's number, or the nonce of a question that has none yet */
/** @typedef {{ conversation: number | null, turns: Turn[], tip: Key | null }} Thread */
/** @typedef {{ nonce: string, question: string, parent?: number | null, about?: About | null }} Asked */

const OPEN = new Set(['sending', 'queued', 'looking', 'writing']);

/** @param {Turn} turn */
export const isOpen = (turn) => OPEN.has(turn.state);

/** @param {Turn} turn @returns {Key} */
export const keyOf = (turn) => turn.reply ?? turn.nonce;

/** @type {Turn} */
const BLANK = {
    reply: null, nonce: '', parent: null, question: '', about: null, state: 'queued', seq: 0, isBehind: false, passages: 0,
    text: '', blocks: [], citations: [], leftOut: 0, ahead: 0, noted: [], feedback: 0, errorCode: '', errorMessage: '',
};

/**
 * The thread as the page came with it: stored replies in the form of `reply.whole` frames with their question.
 * @param {number | null} conversation
 * @param {any[]} replies oldest first
 * @param {number | null} [tip] the last reply of the branch to show; without it the newest
 * @returns {Thread}
 */
export function start(conversation, replies, tip = null) {
    const turns = replies.map(({ reply, question, about, parent = null }) => ({ ...BLANK, reply, question, about: words(about), parent }));
    const thread = { conversation, turns: turns.map((turn, i) => whole(turn, replies[i])), tip };
    const isThere = thread.turns.some((turn) => turn.reply === tip);
    const newest = thread.turns.at(-1);
    return isThere || !newest ? thread : { ...thread, tip: keyOf(newest) };
}

/** The turns of the branch that is shown, oldest first. @param {Thread} thread @returns {Turn[]} */
export function shown({ turns, tip }) {
    const known = new Map(turns.map((turn) => [keyOf(turn), turn]));
    const branch = [];
    for (let turn = tip === null ? undefined : known.get(tip); turn; turn = turn.parent === null ? undefined : known.get(turn.parent)) {
        branch.push(turn);
        known.delete(keyOf(turn)); // a ring would be a fault of the server, not a page that hangs
    }
    return branch.reverse();
}

/** All ways this question was put, oldest first. @param {Thread} thread @param {Turn} turn */
export const versions = ({ turns }, turn) => turns.filter(({ parent }) => parent === turn.parent);

/** Show the branch of this turn, to its newest end. @param {Thread} thread @param {Key} key @returns {Thread} */
export function choose(thread, key) {
    let end = key;
    for (let next = newestBelow(thread, end); next; next = newestBelow(thread, end)) end = keyOf(next);
    return end === thread.tip ? thread : { ...thread, tip: end };
}

/** @param {Thread} thread @param {Key} key */
const newestBelow = ({ turns }, key) => turns.filter(({ parent, reply }) => parent === key && reply !== key).at(-1);

/** The reply that a new question follows. @param {Thread} thread @returns {number | null} */
export function end(thread) {
    const last = shown(thread).at(-1);
    return last ? (last.reply ?? last.parent) : null;
}

/** A question that is being sent. What was refused before goes: it was never part of the conversation. @param {Thread} thread @param {Asked} asked @returns {Thread} */
export function asking(thread, { nonce, question, about = null, parent }) {
    const turn = { ...BLANK, nonce, question, about, parent: parent === undefined ? end(thread) : parent, state: 'sending' };
    return { ...thread, turns: [...thread.turns.filter(({ state }) => state !== 'refused'), turn], tip: nonce };
}

/** A thread with some of a turn changed at once, before the server says so. @param {Thread} thread @param {number} reply @param {Partial<Turn>} some @returns {Thread} */
export const changed = (thread, reply, some) => change(thread, (turn) => turn.reply === reply, (turn) => ({ ...turn, ...some }));

/**
 * @param {Thread} thread
 * @param {any} frame
 * @returns {Thread} the same object when nothing changed
 */
export function reduce(thread, frame) {
    if (frame.type === 'reply.new') return accepted(thread, frame);
    if (frame.type === 'reply.chosen') return chosen(thread, frame);
    if (frame.type === 'refused' && frame.nonce) return refused(thread, frame);
    if (typeof frame.reply !== 'number') return thread;
    return change(thread, (turn) => turn.reply === frame.reply, (turn) => take(turn, frame));
}

/** @param {Thread} thread @param {any} frame @returns {Thread} */
function accepted(thread, frame) {
    const { reply, conversation, nonce } = frame;
    if (thread.turns.some((turn) => turn.reply === reply)) return thread;
    const isOurs = (/** @type {Turn} */ turn) => turn.reply === null && turn.nonce !== '' && turn.nonce === nonce;
    if (thread.turns.some(isOurs)) {
        const known = change(thread, isOurs, (turn) => ({ ...turn, ...told(frame, turn), reply, state: 'queued', isBehind: true }));
        return { ...known, conversation, tip: thread.tip === nonce ? reply : thread.tip };
    }
    if (thread.conversation === null || conversation !== thread.conversation) return thread;
    const parent = frame.parent === undefined ? end(thread) : frame.parent;
    const turn = { ...BLANK, reply, nonce, question: frame.question, about: words(frame.about), parent, isBehind: true };
    return { ...thread, turns: [...thread.turns, turn], tip: isSending(thread) ? thread.tip : reply };
}

/** Another device shows another branch: so does this one, but not over a question that is on its way. @param {Thread} thread @param {any} frame @returns {Thread} */
function chosen(thread, { conversation, reply }) {
    const isKnown = conversation === thread.conversation && thread.turns.some((turn) => turn.reply === reply);
    return isKnown && thread.tip !== reply && !isSending(thread) ? { ...thread, tip: reply } : thread;
}

/** @param {Thread} thread */
const isSending = ({ turns, tip }) => turns.some((turn) => turn.state === 'sending' && turn.nonce === tip);

/** Add the stored replies this page has not heard of. @param {Thread} thread @param {any[]} replies @param {number | null} tip @returns {Thread} */
export function merge(thread, replies, tip) {
    const known = new Set(thread.turns.map(({ reply }) => reply));
    const fresh = start(thread.conversation, replies.filter(({ reply }) => !known.has(reply))).turns;
    const turns = [...thread.turns, ...fresh].sort((one, other) => (one.reply ?? Infinity) - (other.reply ?? Infinity));
    const isThere = turns.some(({ reply }) => reply === tip);
    return { ...thread, turns, tip: isThere && !isSending(thread) ? tip : thread.tip };
}

/** What the server says of a question of ours. @param {any} frame @param {Turn} turn @returns {Partial<Turn>} */
const told = ({ question, parent, about }, turn) => ({
    question: question || turn.question, parent: parent === undefined ? turn.parent : parent, about: words(about) ?? turn.about,
});

/** @param {any} about @returns {About | null} */
const words = (about) => (about && about.kind ? about : null);

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
            return { ...next, state: frame.stage, passages: frame.passages, noted: frame.noted ?? [] };
        case 'reply.words':
            return { ...next, state: 'writing', text: turn.text + frame.text, blocks: drawn(turn.blocks, frame.html) };
        case 'reply.citation':
            return { ...next, citations: [...turn.citations.filter(({ number }) => number !== frame.number), frame] };
        case 'reply.end':
            return { ...next, ...over(frame), state: frame.state, blocks: drawn(turn.blocks, frame.html) };
        default:
            return next;
    }
}

/** The blocks of an answer after words came: those from `from` on are new. @param {string[]} old @param {{ from: number, blocks: string[] } | undefined} html */
const drawn = (old, html) => (html ? [...old.slice(0, html.from), ...html.blocks] : old);

/** @param {any} frame @returns {Partial<Turn>} */
const over = (frame) => ({ leftOut: frame.left_out, ahead: frame.ahead ?? 0, errorCode: frame.error_code, errorMessage: frame.error_message });

/**
 * @param {Turn} turn
 * @param {any} frame
 * @returns {Turn}
 */
function whole(turn, frame) {
    return {
        ...turn, ...over(frame), seq: frame.seq, isBehind: false, state: frame.state, text: frame.text, blocks: frame.html ?? [],
        citations: frame.citations, noted: frame.noted ?? [], feedback: frame.feedback ?? turn.feedback,
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
