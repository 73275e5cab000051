/** As much of a document as reader/span.js touches, so that its arithmetic is tested without a browser. */

class FakeNode {
    childNodes = [];
    parentNode = null;
    nodeValue = null;
    get firstChild() {
        return this.childNodes[0] ?? null;
    }
    get textContent() {
        return this.nodeValue ?? this.childNodes.map((child) => child.textContent).join('');
    }
    insertBefore(child, next) {
        child.parentNode?.removeChild(child);
        const at = next ? this.childNodes.indexOf(next) : this.childNodes.length;
        this.childNodes.splice(at, 0, child);
        child.parentNode = this;
    }
    appendChild(child) {
        this.insertBefore(child, null);
    }
    removeChild(child) {
        this.childNodes.splice(this.childNodes.indexOf(child), 1);
        child.parentNode = null;
    }
    replaceChild(child, old) {
        this.insertBefore(child, old);
        this.removeChild(old);
    }
    get isConnected() {
        return this.root.isPage === true;
    }
    get root() {
        return this.parentNode ? this.parentNode.root : this;
    }
    get ownerDocument() {
        return page;
    }
    normalize() {
        for (const child of [...this.childNodes]) {
            const at = this.childNodes.indexOf(child);
            const next = this.childNodes[at + 1];
            if (child.nodeType !== 3) child.normalize();
            else if (child.nodeValue === '') this.removeChild(child);
            else if (next?.nodeType === 3) {
                next.nodeValue = child.nodeValue + next.nodeValue;
                this.removeChild(child);
            }
        }
    }
}

class FakeText extends FakeNode {
    nodeType = 3;
    nodeName = '#text';
    constructor(text) {
        super();
        this.nodeValue = text;
    }
    get data() {
        return this.nodeValue;
    }
    splitText(at) {
        const rest = new FakeText(this.nodeValue.slice(at));
        this.nodeValue = this.nodeValue.slice(0, at);
        const siblings = this.parentNode.childNodes;
        this.parentNode.insertBefore(rest, siblings[siblings.indexOf(this) + 1] ?? null);
        return rest;
    }
}

class FakeElement extends FakeNode {
    nodeType = 1;
    attributes = {};
    classList = {
        contains: (name) => this.#classes().includes(name),
        toggle: (name, isOn) => this.setAttribute('class', [...this.#classes().filter((one) => one !== name), ...(isOn ? [name] : [])].join(' ')),
    };
    constructor(tag) {
        super();
        this.tag = tag;
    }
    #classes() {
        return (this.getAttribute('class') ?? '').split(' ').filter(Boolean);
    }
    get nodeName() {
        return isOfMath(this.tag) ? this.tag : this.tag.toUpperCase();
    }
    getAttribute(name) {
        return this.attributes[name] ?? null;
    }
    setAttribute(name, value) {
        this.attributes[name] = String(value);
    }
    hasAttribute(name) {
        return name in this.attributes;
    }
}

const isOfMath = (tag) => /^m(ath|i|o|n|row|frac|text)$/.test(tag);

/** A range inside one text node, or at a place between two nodes. */
class FakeRange {
    setStart(node, at) {
        [this.startContainer, this.startOffset] = [node, at];
    }
    setEnd(node, at) {
        [this.endContainer, this.endOffset] = [node, at];
    }
    collapse() {
        this.setEnd(this.startContainer, this.startOffset);
    }
    /** Whether a text node comes before (-1) or after (1) this place. */
    comparePoint(node) {
        const order = flat(node.root);
        const child = this.startContainer.childNodes[this.startOffset];
        const at = child ? order.indexOf(child) : order.lastIndexOf(flat(this.startContainer).at(-1)) + 0.5;
        return order.indexOf(node) < at ? -1 : 1;
    }
    toString() {
        return this.startContainer.nodeValue.slice(this.startOffset, this.endOffset);
    }
}

const page = { createElement: (tag) => element(tag), createRange: () => new FakeRange() };

/** All nodes of a tree in the order of their beginnings. */
const flat = (node) => [node, ...node.childNodes.flatMap(flat)];

export function rangeBetween(startNode, startAt, endNode, endAt) {
    const range = new FakeRange();
    range.setStart(startNode, startAt);
    range.setEnd(endNode, endAt);
    return range;
}

export function element(tag, attributes = {}, ...children) {
    const made = new FakeElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    for (const child of children) made.appendChild(typeof child === 'string' ? new FakeText(child) : child);
    return made;
}

/** A section of paragraphs, as the server renders it: canonical text with two line feeds between them. */
export function section(...paragraphs) {
    let at = 0;
    const blocks = paragraphs.map((children) => {
        const block = element('p', {}, ...[children].flat());
        const end = at + [...block.textContent].length;
        block.setAttribute('data-start', at);
        block.setAttribute('data-end', end);
        at = end + 2;
        return block;
    });
    const root = element('article', {}, ...blocks.flatMap((block) => ['\n', block]), '\n');
    root.isPage = true;
    return { root, text: blocks.map((block) => block.textContent).join('\n\n') };
}

/** All elements below `node` with this tag, in order. */
export function all(node, tag) {
    return node.childNodes.flatMap((child) => [...(child.tag === tag ? [child] : []), ...all(child, tag)]);
}
