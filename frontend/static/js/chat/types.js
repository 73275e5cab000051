// @ts-check
/** What the parts of a chat ask of the page and of the panel they stand in. */

/** @typedef {import('./thread.js').Turn} Turn */
/** @typedef {import('./thread.js').Thread} Thread */
/** @typedef {import('./thread.js').Key} Key */
/** @typedef {import('./thread.js').About} About */

/**
 * @typedef {object} World what a turn needs of its page
 * @property {(citation: import('./thread.js').Citation) => string} address of the place a citation names
 * @property {() => Node} asker the face beside a question
 * @property {() => number | null} book whose page this is; quotes of another book name it
 * @property {() => boolean} isUp whether the line is
 * @property {(turn: Turn) => boolean} isLate whether nothing came for it for a long time
 */

/**
 * @typedef {{ conversation: number, title: string, is_pinned: boolean, is_archived: boolean, is_forgetful: boolean }} TalkAbout
 *     what its menu knows of a conversation; `is_forgetful`: nothing said in it is remembered
 */

/**
 * @typedef {EventTarget & {
 *     root: HTMLElement, data: any, thread: Thread, isWriting: boolean, isHeld: boolean, exchange: import('./exchange.js').Exchange,
 *     view: {
 *         of: (key: Key) => {
 *             element: HTMLElement, dismiss: (turn: Turn) => void, edit: (turn: Turn, ask: (words: string) => void) => void,
 *         } | null,
 *         focusBranch: (key: Key, by: number) => void,
 *     },
 *     menu: EventTarget & {
 *         deleted: number | null,
 *         changed: (conversation: number, some: Record<string, any> | null) => void,
 *         patch: (conversation: number, some: Record<string, any>) => Promise<boolean>,
 *     },
 *     forgetful: { show: () => void, turn: (about: TalkAbout) => Promise<void> },
 *     ask: (question: string, how?: { about?: About | null, parent?: number | null }) => void,
 *     again: (turn: Turn, question?: string) => void,
 *     askUnlimited: (turn: Turn) => Promise<void>,
 *     adopt: (data: any) => void,
 *     openConversation: (conversation: number | null, at?: { reply?: number }) => Promise<void>,
 *     retitle: (title: string) => void,
 *     say: (words: string) => void,
 *     tell: (words: string) => void,
 * }} Panel chat/panel.js: `say` is heard, `tell` is seen too
 */

export {};
