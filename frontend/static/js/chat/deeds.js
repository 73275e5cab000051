// @ts-check
/** What the buttons on questions and answers do. */

import { call, Refusal } from '../lib/api.js';
import { icon, make } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { Feedback } from './feedback.js';
import { bare, quoteName, withQuotes } from './sentences.js';
import { isOpen, keyOf, shown, versions } from './thread.js';

/** @typedef {import('./types.js').Panel} ChatPanel */
/** @typedef {import('./thread.js').Turn} Turn */

/** @param {ChatPanel} panel */
export function wireDeeds(panel) {
    const feedback = new Feedback((turn, value, reason) => vote(panel, turn, value, reason));
    panel.root.addEventListener('click', (event) => {
        const target = /** @type {Element} */ (event.target);
        cite(panel, event, target.closest('a[data-q], .quote[data-q]'));
        const button = target.closest('.turn [data-do]');
        const turn = button && turnOf(panel, button);
        if (button && turn && button.getAttribute('aria-disabled') !== 'true') act(panel, turn, button, feedback);
    });
}

/** Edit the last question where it stands. @param {ChatPanel} panel */
export function editLast(panel) {
    const last = shown(panel.thread).findLast((turn) => turn.reply !== null);
    if (last && !isOpen(last)) edit(panel, last);
}

/** @param {ChatPanel} panel @param {Turn} turn @param {Element} button @param {Feedback} feedback */
function act(panel, turn, button, feedback) {
    /** @type {Record<string, () => unknown>} */
    const deeds = {
        again: () => panel.isWriting || panel.again(turn),
        resume: () => panel.isWriting || panel.exchange.goOn(turn),
        edit: () => edit(panel, turn),
        before: () => step(panel, turn, -1),
        next: () => step(panel, turn, 1),
        copy: () => copy(panel, bare(turn), button),
        copyquotes: () => copy(panel, withQuotes(turn, null), button),
        readon: () => panel.view.of(keyOf(turn))?.dismiss(turn),
        unlimited: () => panel.isWriting || panel.askUnlimited(turn),
        good: () => feedback.press(turn, 1, button),
        bad: () => feedback.press(turn, -1, button),
    };
    void deeds[button.getAttribute('data-do') ?? '']?.();
}

/** @param {ChatPanel} panel @param {Element} within */
function turnOf(panel, within) {
    const element = within.closest('.turn');
    return shown(panel.thread).find((turn) => panel.view.of(keyOf(turn))?.element === element) ?? null;
}

/** Tell the page that a quote was chosen; a click that opens another tab is the browser's. @param {ChatPanel} panel @param {MouseEvent} event @param {Element | null} chosen a chip or a slip */
function cite(panel, event, chosen) {
    if (!chosen || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const q = chosen.getAttribute('data-q') ?? '';
    const named = panel.thread.turns.flatMap((turn) => turn.citations.map((citation) => ({ citation, name: quoteName(turn, citation.number) })));
    const found = named.find(({ name }) => name === q);
    if (found) panel.dispatchEvent(new CustomEvent('cite', { detail: { citation: found.citation, q, event } }));
}

/** @param {ChatPanel} panel @param {Turn} turn */
function edit(panel, turn) {
    if (!panel.isWriting) panel.view.of(keyOf(turn))?.edit(turn, (words) => panel.again(turn, words));
}

/** Show the version of a question before or after this one. @param {ChatPanel} panel @param {Turn} turn @param {number} by */
function step(panel, turn, by) {
    const all = versions(panel.thread, turn);
    const to = all[all.indexOf(turn) + by];
    if (!to) return;
    panel.exchange.choose(keyOf(to));
    requestAnimationFrame(() => setTimeout(() => panel.view.focusBranch(keyOf(to), by), 60));
}

/** @param {ChatPanel} panel @param {Turn} turn @param {number} value @param {string} reason */
async function vote(panel, turn, value, reason) {
    const reply = /** @type {number} */ (turn.reply);
    panel.exchange.change(reply, { feedback: value });
    try {
        await call('PUT', `replies/${reply}/feedback`, { body: { value, reason } });
        panel.say(value ? gettext('Thank you. It is noted with this answer.') : gettext('Taken back'));
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        panel.exchange.change(reply, { feedback: turn.feedback });
        panel.tell(error.message);
    }
}

/** @param {ChatPanel} panel @param {string} text @param {Element} button */
async function copy(panel, text, button) {
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        const field = make('textarea', { class: 'sr' }); // pages without TLS have no clipboard of their own
        field.textContent = text;
        document.body.append(field);
        /** @type {HTMLTextAreaElement} */ (field).select();
        document.execCommand('copy');
        field.remove();
    }
    panel.say(gettext('Copied'));
    const drawing = button.firstElementChild;
    if (!drawing || button.querySelector('.done')) return;
    const done = icon('check', 's');
    done.classList.add('done');
    button.replaceChildren(done);
    setTimeout(() => button.replaceChildren(drawing), 1500);
}
