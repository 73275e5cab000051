// @ts-check
/**
 * HTML of an answer into elements. The server renders and cleans it (its allow-list is the guard); what is not on the
 * list here is dropped again. It is read as a document of its own, in which nothing is run or fetched.
 */

const TAGS = new Set(
    'P H1 H2 H3 H4 H5 H6 UL OL LI BLOCKQUOTE PRE CODE EM STRONG B I DEL S SUB SUP HR BR A TABLE THEAD TBODY TR TH TD SPAN BDI Q DIV'.split(' '),
);
const GONE = new Set('SCRIPT STYLE TEMPLATE IFRAME OBJECT EMBED FORM INPUT BUTTON TEXTAREA SELECT LINK META BASE SVG IMG VIDEO AUDIO SOURCE'.split(' '));
const CLASSES = /^(cite|words|h|wide|host|right|center)$/;

/**
 * The value an attribute may keep, or null when it goes.
 * @param {string} tag in capitals
 * @param {string} name in small letters
 * @param {string} value
 * @returns {string | null}
 */
export function kept(tag, name, value) {
    if (name === 'lang' || name === 'dir') return value;
    if (name === 'tabindex') return value === '0' && (tag === 'PRE' || tag === 'DIV') ? value : null;
    if (name === 'class') return value.split(/\s+/).filter((one) => CLASSES.test(one)).join(' ') || null;
    if (tag === 'OL' && name === 'start') return /^\d{1,6}$/.test(value) ? value : null;
    if (tag === 'A' && name === 'data-n') return /^\d{1,4}$/.test(value) ? value : null;
    if (tag === 'A' && name === 'href') return /^(https?:\/\/|mailto:)/i.test(value) ? value : null;
    if ((tag === 'TH' || tag === 'TD') && name === 'scope') return value;
    return null;
}

/** @param {string} html one block of an answer @returns {HTMLElement} */
export function block(html) {
    const read = new DOMParser().parseFromString(html, 'text/html').body;
    clean(read);
    const only = read.children.length === 1 && read.childNodes.length === 1 ? read.firstElementChild : null;
    if (only) return /** @type {HTMLElement} */ (document.importNode(only, true));
    const around = document.createElement('div');
    around.append(...[...read.childNodes].map((node) => document.importNode(node, true)));
    return around;
}

/** @param {Element} within */
function clean(within) {
    for (const element of [...within.children]) {
        const tag = element.tagName.toUpperCase();
        if (GONE.has(tag)) element.remove();
        else {
            clean(element);
            if (TAGS.has(tag)) strip(element, tag);
            else element.replaceWith(...element.childNodes); // its words stay
        }
    }
}

/** @param {Element} element @param {string} tag */
function strip(element, tag) {
    for (const { name, value } of [...element.attributes]) {
        const stays = kept(tag, name.toLowerCase(), value);
        if (stays === null) element.removeAttribute(name);
        else element.setAttribute(name, stays);
    }
    if (tag === 'A' && element.hasAttribute('href')) {
        element.setAttribute('rel', 'noopener noreferrer nofollow');
        element.setAttribute('target', '_blank');
    }
}
