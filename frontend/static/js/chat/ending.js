// @ts-check
/** What stands below an answer when it is over: what was left out, what went wrong, what can be done with it. */

import { icon, make } from '../lib/dom.js';
import { gettext } from '../lib/words.js';
import { button } from './asked.js';
import { leftOut, lyingAhead } from './sentences.js';

/** @typedef {import('./thread.js').Turn} Turn */

/** @param {Turn} turn @param {{ isDismissed: boolean }} how whether the line about what lies ahead was put away */
export function ending(turn, { isDismissed }) {
    const parts = [];
    if (turn.leftOut) parts.push(make('p', { class: 'sure no' }, leftOut(turn.leftOut)));
    if (turn.ahead && !isDismissed) parts.push(ahead(turn));
    if (turn.state === 'stopped') parts.push(stopped(turn));
    if (['failed', 'refused', 'interrupted'].includes(turn.state)) parts.push(trouble(turn));
    if (turn.text && turn.reply !== null) parts.push(tools(turn));
    return parts;
}

/** @param {Turn} turn */
function ahead(turn) {
    const read = make('button', { class: 'btn small plain', type: 'button', 'data-do': 'readon' }, gettext('Read on first'));
    const ask = make('button', { class: 'btn small', type: 'button', 'data-do': 'unlimited' }, gettext('Ask without the limit'));
    return make('div', { class: 'notice ahead', role: 'note' }, icon('limit'), make('p', {}, lyingAhead(turn.ahead)), make('div', { class: 'acts' }, read, ask));
}

/** @param {Turn} turn */
function stopped(turn) {
    const go = turn.text && turn.reply !== null && make('button', { class: 'btn small plain', type: 'button', 'data-do': 'resume' }, gettext('Go on'));
    return make('div', { class: 'stopped small faint' }, make('p', {}, gettext('Stopped. What is written stays.')), go);
}

/** One sentence that says what happened and what is safe, and one button. @param {Turn} turn */
function trouble(turn) {
    const goesOn = turn.text !== '' && turn.reply !== null;
    const fact = turn.state === 'interrupted' ? gettext('The answer was interrupted.') : turn.errorMessage || gettext('The answer failed.');
    const safe = turn.text ? gettext('What is here is kept.') : gettext('Your question is kept.');
    const [deed, drawing, words] = goesOn ? ['resume', 'right', gettext('Go on')] : ['again', 'retry', gettext('Ask again')];
    const go = make('button', { class: 'btn small do', type: 'button', 'data-do': deed }, icon(drawing, 's'), words);
    return make('div', { class: 'notice bad', role: 'alert' }, icon('warning'), make('div', {}, make('b', {}, fact), ` ${safe}`), go);
}

/** @param {Turn} turn */
function tools(turn) {
    const vote = (/** @type {number} */ of, /** @type {string} */ deed, /** @type {string} */ label) =>
        button(deed, 'useful', label, { 'aria-pressed': String(turn.feedback === of), class: `tool small ${deed}` });
    return make(
        'div', { class: 'after', role: 'group', 'aria-label': gettext('This answer') },
        button('copy', 'copy', gettext('Copy the answer')),
        turn.citations.length > 0 && button('copyquotes', 'quote', gettext('Copy it with its quotes')),
        button('again', 'retry', gettext('Answer again')),
        vote(1, 'good', gettext('Good answer')),
        vote(-1, 'bad', gettext('Bad answer')),
    );
}
