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

/**
 * Put values where `%(name)s` stands. A sentence is translated whole and filled afterwards.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export const fill = (sentence, values) =>
    sentence.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
