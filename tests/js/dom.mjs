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
    constructor(text) {
        super();
        this.nodeValue = text;
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
    ownerDocument = { createElement: (tag) => element(tag) };
    constructor(tag) {
        super();
        this.tag = tag;
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
    return { root, text: blocks.map((block) => block.textContent).join('\n\n') };
}

/** All elements below `node` with this tag, in order. */
export function all(node, tag) {
    return node.childNodes.flatMap((child) => [...(child.tag === tag ? [child] : []), ...all(child, tag)]);
}
