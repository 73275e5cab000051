// @ts-check
/**
 * A voice: what says one sentence. The browser's own is here; another one (speech of a server) needs the same verbs.
 */

/**
 * @typedef {{ id: string, name: string, language: string }} Voice
 * @typedef {{
 *     voices: (language: string) => Promise<Voice[]>,
 *     say: (text: string, how: { voice: string, language: string, rate: number }) => Promise<'said' | 'cut' | 'failed'>,
 *     hush: () => void,
 * }} Speaker `voices`: those that speak a language, the best first; `say` is over when the last word is, or `hush` was called
 */

const PATIENCE = 1500; // milliseconds a browser takes to know its voices

/** @param {string} tag BCP 47 */
const root = (tag) => tag.toLowerCase().split(/[-_]/)[0];

/**
 * The voices that speak a language: its own region first, then those of this machine.
 * @template {{ lang: string, localService?: boolean, default?: boolean }} V
 * @param {V[]} all
 * @param {string} language
 * @returns {V[]}
 */
export function speaking(all, language) {
    const wanted = language.toLowerCase().replace('_', '-');
    const rank = (/** @type {V} */ voice) =>
        (voice.lang.toLowerCase().replace('_', '-') === wanted ? 0 : 4) + (voice.localService === false ? 2 : 0) + (voice.default ? 0 : 1);
    const able = language ? all.filter((voice) => root(voice.lang) === root(language)) : all;
    return able.map((voice, i) => ({ voice, i })).sort((one, other) => rank(one.voice) - rank(other.voice) || one.i - other.i).map(({ voice }) => voice);
}

/** @implements {Speaker} */
export class BrowserSpeaker {
    #speech = /** @type {SpeechSynthesis | undefined} */ (globalThis.speechSynthesis);
    /** @type {((how: 'cut') => void) | null} */ #cut = null;

    /** @param {string} language @returns {Promise<Voice[]>} */
    async voices(language) {
        return speaking(await this.#all(), language).map(({ voiceURI, name, lang }) => ({ id: voiceURI, name, language: lang }));
    }

    /**
     * @param {string} text
     * @param {{ voice: string, language: string, rate: number }} how
     * @returns {Promise<'said' | 'cut' | 'failed'>}
     */
    say(text, { voice, language, rate }) {
        const speech = this.#speech;
        if (!speech) return Promise.resolve('failed');
        this.hush();
        const words = new SpeechSynthesisUtterance(text);
        words.voice = speech.getVoices().find(({ voiceURI }) => voiceURI === voice) ?? null;
        words.lang = words.voice?.lang ?? language;
        words.rate = rate;
        return new Promise((resolve) => {
            this.#cut = resolve;
            words.onend = () => resolve('said');
            words.onerror = ({ error }) => resolve(error === 'interrupted' || error === 'canceled' ? 'cut' : 'failed');
            speech.speak(words);
        });
    }

    hush() {
        this.#cut?.('cut');
        this.#cut = null;
        this.#speech?.cancel();
    }

    /** @returns {Promise<SpeechSynthesisVoice[]>} */
    #all() {
        const speech = this.#speech;
        if (!speech) return Promise.resolve([]);
        const now = speech.getVoices();
        if (now.length) return Promise.resolve(now);
        return new Promise((resolve) => {
            const told = () => resolve(speech.getVoices());
            speech.addEventListener('voiceschanged', told, { once: true });
            setTimeout(told, PATIENCE);
        });
    }
}
