// @ts-check
/** A question in the page: who asks, the words it is about, and which of its versions is shown. */

import { icon, make } from '../lib/dom.js';
import { fill, gettext } from '../lib/words.js';
import { isOpen } from './thread.js';

/** @typedef {import('./thread.js').Turn} Turn */

/** What the reader wants done with the words. @type {Record<string, () => string>} */
const KINDS = {
    ask: () => gettext('About'),
    explain: () => gettext('Explain'),
    translate: () => gettext('Translate'),
};

/** The words a question is about. @param {import('./thread.js').About} about */
export const aboutWords = (about) => about.text || about.quote || '';

/** @param {import('./thread.js').About} about */
export const kindOf = (about) => (KINDS[about.kind] ?? KINDS.ask)();

export class AskedView {
    element = make('div', { class: 'ask' });
    #words = make('div', { class: 'put' });
    #question = make('p', { class: 'q', dir: 'auto' });
    #tools = make('div', { class: 'askedtools' });
    #shown = '';
    #edited = false;

    /**
     * @param {Turn} turn
     * @param {import('./types.js').World} world
     */
    constructor(turn, world) {
        const about = turn.about;
        this.element.append(world.asker(), this.#words);
        if (about && aboutWords(about)) {
            this.#words.append(make('p', { class: 'about', dir: 'auto' }, make('span', { class: 'sr' }, `${kindOf(about)}: `), aboutWords(about)));
        }
        this.#words.append(this.#question, this.#tools);
    }

    /** @param {Turn} turn @param {Turn[]} versions all ways it was put */
    show(turn, versions) {
        const at = versions.indexOf(turn) + 1;
        const isSent = turn.reply !== null;
        if (this.#question.textContent !== turn.question) this.#question.textContent = turn.question;
        this.#question.hidden = !turn.question;
        const source = `${at}/${versions.length}/${isSent}/${isOpen(turn)}`;
        if (source === this.#shown) return;
        this.#shown = source;
        const edit = isSent && !isOpen(turn) && button('edit', 'edit', gettext('Edit the question'));
        this.#tools.replaceChildren(...[versions.length > 1 && branches(at, versions.length), edit].filter((part) => part !== false));
    }

    /**
     * Put the question otherwise, where it stands.
     * @param {string} question
     * @param {(words: string) => void} ask
     */
    edit(question, ask) {
        if (this.#edited) return;
        this.#edited = true;
        const field = /** @type {HTMLTextAreaElement} */ (make('textarea', { class: 'input', rows: 2, maxlength: 4000, dir: 'auto', 'aria-label': gettext('Your question') }));
        const cancel = make('button', { class: 'btn small plain', type: 'button' }, gettext('Cancel'));
        const form = make('form', { class: 'editing' }, field, make('div', { class: 'acts' }, cancel, make('button', { class: 'btn small primary' }, gettext('Ask'))));
        const done = (/** @type {string} */ words) => {
            this.#edited = false;
            form.replaceWith(this.#words);
            if (words) ask(words);
            else /** @type {HTMLElement | null} */ (this.#tools.querySelector('[data-do="edit"]'))?.focus();
        };
        field.value = question;
        form.addEventListener('submit', (event) => (event.preventDefault(), field.value.trim() && done(field.value.trim())));
        cancel.addEventListener('click', () => done(''));
        field.addEventListener('keydown', (event) => {
            if (event.isComposing || event.keyCode === 229) return;
            if (event.key === 'Escape') (event.stopPropagation(), done(''));
            if (event.key === 'Enter' && !event.shiftKey) (event.preventDefault(), /** @type {HTMLFormElement} */ (form).requestSubmit());
        });
        this.#words.replaceWith(form);
        field.focus();
        field.setSelectionRange(question.length, question.length);
    }
}

/** @param {string} deed @param {string} drawing @param {string} label @param {Record<string, any>} [more] */
export const button = (deed, drawing, label, more = {}) =>
    make('button', { class: 'tool small', type: 'button', 'data-do': deed, 'aria-label': label, title: label, ...more }, icon(drawing, 's'));

/** @param {number} at from 1 @param {number} of */
function branches(at, of) {
    const now = make('span', { class: 'num', 'aria-hidden': 'true' }, `${at} / ${of}`);
    const before = button('before', 'left', fill(gettext('Version %(at)s of %(of)s, go to the one before'), { at, of }), { 'aria-disabled': at === 1 || null });
    const next = button('next', 'right', fill(gettext('Version %(at)s of %(of)s, go to the next one'), { at, of }), { 'aria-disabled': at === of || null });
    return make('span', { class: 'branches' }, before, now, next);
}
