// @ts-check
/**
 * The expressions of the admin theme's attributes (x-show="open && !busy"), read and carried out without `eval`:
 * the theme's Alpine would compile them with `new Function`, which our Content-Security-Policy forbids.
 *
 * A classic script, because it must run before Alpine does (site.js hands it over). It knows the part of
 * JavaScript that such attributes use: literals, names, members, calls, operators, `?:`, assignments, arrow
 * functions, object and array literals, `if`, and `;` between statements.
 */
(() => {
    'use strict';

    /** @typedef {{ kind: string, [part: string]: any }} Node */
    /** @typedef {Record<string, any>} Scope */

    const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|([A-Za-z_$][\w$]*)|(=>|===|!==|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--|[-+*/%<>=!?:.,;()[\]{}]))/y;
    const LITERALS = new Map(Object.entries({ true: true, false: false, null: null, undefined }));
    const BINDING = new Map(
        Object.entries({ '??': 1, '||': 1, '&&': 2, '==': 3, '!=': 3, '===': 3, '!==': 3, '<': 4, '>': 4, '<=': 4, '>=': 4, '+': 5, '-': 5, '*': 6, '/': 6, '%': 6 }),
    );
    // Names that lead from a value to the machinery behind it.
    const CLOSED = new Set(['constructor', '__proto__', 'prototype', '__defineGetter__', '__lookupGetter__', 'eval', 'Function']);
    /** @type {Map<string, (left: any, right: any) => any>} */
    const OPERATORS = new Map(
        Object.entries({
            '==': (a, b) => a == b, // eslint-disable-line eqeqeq
            '!=': (a, b) => a != b, // eslint-disable-line eqeqeq
            '===': (a, b) => a === b,
            '!==': (a, b) => a !== b,
            '<': (a, b) => a < b,
            '>': (a, b) => a > b,
            '<=': (a, b) => a <= b,
            '>=': (a, b) => a >= b,
            '+': (a, b) => a + b,
            '-': (a, b) => a - b,
            '*': (a, b) => a * b,
            '/': (a, b) => a / b,
            '%': (a, b) => a % b,
        }),
    );

    /** @param {string} text @returns {{ type: string, value: string }[]} */
    function split(text) {
        const tokens = [];
        TOKEN.lastIndex = 0;
        const end = text.trimEnd().length;
        while (TOKEN.lastIndex < end) {
            const at = TOKEN.lastIndex;
            const match = TOKEN.exec(text);
            if (!match) throw new SyntaxError(`cannot read ${JSON.stringify(text.slice(at, at + 20))}`);
            const type = match[1] ? 'number' : match[2] ? 'string' : match[3] ? 'name' : 'sign';
            tokens.push({ type, value: match[1] ?? match[2] ?? match[3] ?? match[4] });
        }
        return tokens;
    }

    /** @param {string} name */
    function open(name) {
        if (CLOSED.has(name)) throw new SyntaxError(`${name} is closed`);
        return name;
    }

    /** From tokens to a tree: one method for each rule of the grammar. */
    class Reader {
        /** @param {string} text */
        constructor(text) {
            this.tokens = split(text);
            this.at = 0;
        }

        get next() {
            return this.tokens[this.at] ?? { type: 'end', value: '' };
        }

        /** @param {string} value */
        is(value) {
            return this.next.value === value && this.next.type !== 'string';
        }

        /** @param {string} value */
        takes(value) {
            if (!this.is(value)) return false;
            this.at += 1;
            return true;
        }

        /** @param {string} value */
        needs(value) {
            if (!this.takes(value)) throw new SyntaxError(`${JSON.stringify(value)} is missing before ${JSON.stringify(this.next.value)}`);
        }

        name() {
            const { type, value } = this.next;
            if (type !== 'name') throw new SyntaxError(`a name is missing before ${JSON.stringify(value)}`);
            this.at += 1;
            return open(value);
        }

        /** @param {string} [end] @returns {Node} */
        program(end = '') {
            const steps = [];
            const isOver = () => this.next.type === 'end' || (end !== '' && this.is(end));
            while (!isOver()) {
                if (this.takes(';')) continue;
                const isClosed = this.is('if') || this.is('{'); // these need no `;` behind them
                steps.push(this.statement());
                if (!isClosed && !isOver()) this.needs(';');
            }
            return { kind: 'steps', steps };
        }

        /** @returns {Node} */
        statement() {
            if (this.takes('{')) {
                const inner = this.program('}');
                this.needs('}');
                return inner;
            }
            if (!this.takes('if')) return this.expression();
            this.needs('(');
            const test = this.expression();
            this.needs(')');
            const yes = this.statement();
            return { kind: 'choice', test, yes, no: this.takes('else') ? this.statement() : null };
        }

        /** @returns {Node} */
        expression() {
            const arrow = this.arrow();
            if (arrow) return arrow;
            const left = this.binary(0);
            if (this.takes('?')) {
                const yes = this.expression();
                this.needs(':');
                return { kind: 'choice', test: left, yes, no: this.expression() };
            }
            if (!this.takes('=')) return left;
            if (left.kind !== 'name' && left.kind !== 'member') throw new SyntaxError('only a name or member can be set');
            return { kind: 'set', target: left, value: this.expression() };
        }

        /** @returns {Node | null} */
        arrow() {
            const begin = this.at;
            /** @type {string[]} */
            const names = [];
            if (this.next.type === 'name' && this.tokens[this.at + 1]?.value === '=>') names.push(this.name());
            else if (this.takes('(')) {
                while (this.next.type === 'name') {
                    names.push(this.name());
                    if (!this.takes(',')) break;
                }
                if (!this.takes(')')) names.length = 0;
            }
            if (this.at > begin && this.takes('=>')) return { kind: 'function', names, body: this.expression() };
            this.at = begin;
            return null;
        }

        /** @param {number} least @returns {Node} */
        binary(least) {
            let left = this.unary();
            for (;;) {
                const sign = this.next.type === 'sign' ? this.next.value : '';
                const strength = BINDING.get(sign) ?? 0;
                if (!strength || strength <= least) return left;
                this.at += 1;
                left = { kind: 'binary', sign, left, right: this.binary(strength) };
            }
        }

        /** @returns {Node} */
        unary() {
            if (this.takes('!')) return { kind: 'not', value: this.unary() };
            if (this.takes('-')) return { kind: 'binary', sign: '-', left: { kind: 'value', value: 0 }, right: this.unary() };
            return this.tail(this.primary());
        }

        /** @param {Node} node @returns {Node} */
        tail(node) {
            for (;;) {
                if (this.takes('.')) node = { kind: 'member', of: node, key: { kind: 'value', value: this.name() } };
                else if (this.takes('?.')) node = { kind: 'member', of: node, key: { kind: 'value', value: this.name() }, isSoft: true };
                else if (this.takes('[')) {
                    node = { kind: 'member', of: node, key: this.expression() };
                    this.needs(']');
                } else if (this.takes('(')) node = { kind: 'call', callee: node, given: this.list(')') };
                else return node;
            }
        }

        /** @param {string} end @returns {Node[]} */
        list(end) {
            const items = [];
            while (!this.takes(end)) {
                items.push(this.expression());
                if (!this.is(end)) this.needs(',');
            }
            return items;
        }

        /** @returns {Node} */
        primary() {
            const { type, value } = this.next;
            this.at += 1;
            if (type === 'number') return { kind: 'value', value: Number(value) };
            if (type === 'string') return { kind: 'value', value: value.slice(1, -1).replace(/\\(.)/g, '$1') };
            if (type === 'name') return LITERALS.has(value) ? { kind: 'value', value: LITERALS.get(value) } : { kind: 'name', name: open(value) };
            if (value === '[') return { kind: 'array', items: this.list(']') };
            if (value === '{') return this.object();
            if (value !== '(') throw new SyntaxError(`${JSON.stringify(value)} is not expected`);
            const inner = this.expression();
            this.needs(')');
            return inner;
        }

        /** @returns {Node} */
        object() {
            const pairs = [];
            while (!this.takes('}')) {
                const { type, value } = this.next;
                this.at += 1;
                const key = type === 'string' ? value.slice(1, -1) : value;
                if (type !== 'string' && type !== 'name') throw new SyntaxError(`${JSON.stringify(value)} cannot be a key`);
                open(key);
                const short = type === 'name' && !this.is(':');
                if (!short) this.needs(':');
                pairs.push([key, short ? { kind: 'name', name: key } : this.expression()]);
                if (!this.is('}')) this.needs(',');
            }
            return { kind: 'object', pairs };
        }
    }

    /** From a tree to a value. `scope` is what Alpine knows here, `globals` the few names of the page allowed besides. */
    class Runner {
        /** @param {Scope} scope @param {Scope} globals */
        constructor(scope, globals) {
            this.scope = scope;
            this.globals = globals;
        }

        /** @param {Node | null} node @returns {any} */
        run(node) {
            if (!node) return undefined;
            return /** @type {any} */ (this)[node.kind](node);
        }

        /** @param {Node} node */
        steps({ steps }) {
            let last;
            for (const step of steps) last = this.run(step);
            return last;
        }

        /** @param {Node} node */
        value({ value }) {
            return value;
        }

        /** @param {Node} node */
        name({ name }) {
            if (name in this.scope) return this.scope[name];
            if (Object.hasOwn(this.globals, name)) return this.globals[name];
            throw new ReferenceError(`${name} is not known here`);
        }

        /** @param {Node} node */
        key({ key }) {
            return open(String(this.run(key)));
        }

        /** @param {Node} node */
        member(node) {
            const of = this.run(node.of);
            return node.isSoft && (of === null || of === undefined) ? undefined : of[this.key(node)];
        }

        /** @param {Node} node */
        call({ callee, given }) {
            const values = given.map((/** @type {Node} */ each) => this.run(each));
            if (callee.kind === 'member') {
                const of = this.run(callee.of);
                return callee.isSoft && (of === null || of === undefined) ? undefined : of[this.key(callee)](...values);
            }
            if (callee.kind === 'name' && callee.name in this.scope) return this.scope[callee.name](...values);
            return this.run(callee)(...values);
        }

        /** @param {Node} node */
        set({ target, value }) {
            const made = this.run(value);
            if (target.kind === 'name') this.scope[target.name] = made;
            else this.run(target.of)[this.key(target)] = made;
            return made;
        }

        /** @param {Node} node */
        not({ value }) {
            return !this.run(value);
        }

        /** @param {Node} node */
        binary({ sign, left, right }) {
            const first = this.run(left);
            if (sign === '&&') return first && this.run(right);
            if (sign === '||') return first || this.run(right);
            if (sign === '??') return first ?? this.run(right);
            return OPERATORS.get(sign)?.(first, this.run(right));
        }

        /** @param {Node} node */
        choice({ test, yes, no }) {
            return this.run(this.run(test) ? yes : no);
        }

        /** @param {Node} node */
        array({ items }) {
            return items.map((/** @type {Node} */ each) => this.run(each));
        }

        /** @param {Node} node */
        object({ pairs }) {
            return Object.fromEntries(pairs.map((/** @type {[string, Node]} */ [key, node]) => [key, this.run(node)]));
        }

        /** @param {Node} node */
        function({ names, body }) {
            return (/** @type {any[]} */ ...given) => {
                const own = Object.fromEntries(names.map((/** @type {string} */ name, /** @type {number} */ at) => [name, given[at]]));
                return new Runner(layered(own, this.scope), this.globals).run(body);
            };
        }
    }

    /** `over` seen before `under`; what is in neither is set on `under`. @param {Scope} over @param {Scope} under */
    function layered(over, under) {
        return new Proxy(under, {
            has: (_target, name) => name in over || name in under,
            get: (_target, name) => (name in over ? over[/** @type {string} */ (name)] : under[/** @type {string} */ (name)]),
            set: (_target, name, value) => {
                const owner = name in over ? over : under;
                owner[/** @type {string} */ (name)] = value;
                return true;
            },
        });
    }

    /** @type {Map<string, Node>} */
    const read = new Map();

    /** The tree of an expression, made once. @param {string} text */
    function parse(text) {
        let tree = read.get(text);
        if (!tree) {
            const reader = new Reader(text);
            // `{a: 1}` at the start of an attribute is an object, never a block.
            tree = text.trimStart().startsWith('{') ? reader.expression() : reader.program();
            if (reader.next.type !== 'end') throw new SyntaxError(`${JSON.stringify(reader.next.value)} is left over`);
            read.set(text, tree);
        }
        return tree;
    }

    /** Carry out `text`. @param {string} text @param {Scope} scope @param {Scope} [globals] */
    function evaluate(text, scope, globals = {}) {
        return new Runner(scope, globals).run(parse(text));
    }

    Object.assign(globalThis, { MindoryExpressions: { evaluate, parse } });
})();
