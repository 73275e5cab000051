// @ts-check
/** The memory as a whole: a file comes in, all or what a book left is forgotten, learning is switched. Event: `change`. */

import { call, headers, refusal, Refusal } from '../lib/api.js';
import { make, the } from '../lib/dom.js';
import { toast, undoable } from '../lib/toasts.js';
import { fill, gettext } from '../lib/words.js';
import { forgotten, imported, isWord } from './asked.js';

export class Whole extends EventTarget {
    #root;

    /** @param {HTMLElement} root */
    constructor(root) {
        super();
        this.#root = root;
        this.#wireSwitches();
        this.#wireForgetting();
        const file = /** @type {HTMLInputElement} */ (the('[data-part="import"]', root));
        file.addEventListener('change', () => {
            const [chosen] = file.files ?? [];
            if (chosen) void this.#import(chosen).finally(() => (file.value = ''));
        });
    }

    #wireSwitches() {
        const switches = the('[data-part="switches"]', this.#root);
        const following = /** @type {HTMLInputElement} */ (the('[name="is_following"]', switches));
        switches.addEventListener('change', async (event) => {
            const one = /** @type {HTMLInputElement} */ (event.target);
            try {
                const now = await call('PATCH', 'memory/settings', { body: { [one.name]: one.checked } });
                following.disabled = !now.is_learning;
            } catch (error) {
                one.checked = !one.checked;
                if (!(error instanceof Refusal)) throw error;
                toast(error.message);
            }
        });
    }

    #wireForgetting() {
        const all = /** @type {HTMLDialogElement} */ (the('[data-part="forgetting-all"]'));
        const word = /** @type {HTMLInputElement} */ (the('[data-word]', all));
        const yes = /** @type {HTMLButtonElement} */ (the('[value="yes"]', all));
        word.addEventListener('input', () => (yes.disabled = !isWord(word.value, word.dataset.word ?? '')));
        word.addEventListener('keydown', (event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault(); // or the first button is pressed: “Keep it”
            if (!event.isComposing && !yes.disabled) yes.click();
        });
        all.addEventListener('close', () => {
            if (all.returnValue === 'yes' && !yes.disabled) void this.#forget({ everything: true });
            word.value = '';
            yes.disabled = true;
        });
        this.#root.addEventListener('click', (event) => {
            const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-do="forget-all"], [data-do="forget-book"]'));
            if (!button) return;
            if (button.dataset.do === 'forget-all') return open(all);
            const one = /** @type {HTMLDialogElement} */ (the('[data-part="forgetting-book"]', this.#root));
            one.onclose = () => one.returnValue === 'yes' && void this.#forget({ book: Number(one.dataset.book) });
            open(one);
        });
    }

    /** @param {Record<string, any>} what */
    async #forget(what) {
        await this.#attempt(async () => {
            const receipt = await call('POST', 'memory/forget', { body: what });
            const sentence = forgotten(receipt.count);
            if (receipt.undo) undoable(sentence, gettext('Undo'), () => void this.#attempt(() => call('POST', 'memory/forget/undo', { body: { token: receipt.undo } })));
            else toast(sentence);
        });
    }

    /** @param {() => Promise<unknown>} deed */
    async #attempt(deed) {
        try {
            await deed();
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            toast(error.message);
        }
        this.dispatchEvent(new CustomEvent('change'));
    }

    /** @param {File} file */
    async #import(file) {
        const [box, said, bar, refused] = ['imported', 'imported-said', 'imported-bar', 'refused'].map((part) => the(`[data-part="${part}"]`, this.#root));
        const line = /** @type {HTMLProgressElement} */ (bar);
        box.hidden = line.hidden = false;
        box.classList.remove('bad');
        refused.hidden = true;
        line.value = 0;
        said.textContent = fill(gettext('Sending %(name)s'), { name: file.name });
        try {
            const done = await send(file, (share) => {
                line.value = share;
                if (share < 1) return;
                line.removeAttribute('value'); // nobody knows how long it takes now
                said.textContent = gettext('Reading what it says…');
            });
            said.textContent = imported(done);
            this.#refused(refused, done);
            this.dispatchEvent(new CustomEvent('change'));
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            box.classList.add('bad');
            said.textContent = error.message;
        } finally {
            line.hidden = true;
        }
    }

    /** @param {HTMLElement} box @param {{ refused: { line: number, message: string }[], refused_count: number }} done */
    #refused(box, { refused, refused_count: count }) {
        box.hidden = !refused.length;
        the('summary', box).textContent = count > refused.length ? fill(gettext('Why: the first %(count)s'), { count: refused.length }) : gettext('Why');
        the('ul', box).replaceChildren(...refused.map(({ line, message }) => make('li', {}, fill(gettext('Line %(line)s: %(reason)s'), { line, reason: message }))));
    }
}

/** @param {HTMLDialogElement} dialog */
function open(dialog) {
    dialog.returnValue = '';
    dialog.showModal();
}

/**
 * Send a file; `fetch` would not tell how far it is.
 * @param {File} file
 * @param {(share: number) => void} tell
 * @returns {Promise<any>}
 */
function send(file, tell) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open('POST', '/api/v1/memory/import');
        for (const [name, value] of Object.entries({ ...headers(), Accept: 'application/json', 'Content-Type': 'application/jsonl' })) request.setRequestHeader(name, value);
        request.upload.addEventListener('progress', ({ loaded, total }) => tell(total ? loaded / total : 0));
        request.upload.addEventListener('load', () => tell(1));
        request.addEventListener('error', () => reject(refusal(0, '')));
        request.addEventListener('load', () => {
            if (request.status === 200) resolve(JSON.parse(request.responseText));
            else reject(refusal(request.status, request.responseText));
        });
        request.send(file);
    });
}
