// @ts-check
/** Translated words. /jsi18n/ is loaded before every module and defines the catalogue on the page. */

/** @type {any} */
const page = globalThis;

/** @type {(text: string) => string} */
export const gettext = (text) => (page.gettext ? page.gettext(text) : text);

/** @type {(one: string, many: string, count: number) => string} */
export const ngettext = (one, many, count) => {
    if (page.ngettext) return page.ngettext(one, many, count);
    return count === 1 ? one : many;
};

/** A number as the language of the page writes it. @param {number} value */
export const written = (value) => value.toLocaleString(page.document?.documentElement.lang || 'en');

/**
 * Put values where `%(name)s` stands, numbers as people write them. A sentence is translated whole and filled afterwards.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export const fill = (sentence, values) =>
    sentence.replace(/%\((\w+)\)s/g, (whole, name) => {
        const value = values[name];
        if (!(name in values)) return whole;
        return typeof value === 'number' ? written(value) : String(value);
    });
