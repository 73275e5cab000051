// @ts-check
/** Turning pages by hand: swipes, taps at the sides, the wheel, and two buttons. Only while the text is in pages. */

const SIDE = 0.28; // of the width: a tap there turns
const DRAG = 10; // pixels before a finger turns rather than taps
const FAR = 0.22; // of a page: a slow swipe this far turns
const FAST = 0.35; // pixels a millisecond: a quick one turns at once
const WHEEL = 30; // pixels of the wheel that turn
const PAUSE = 140; // milliseconds without a turn of the wheel: the next one is a new gesture
const AGAIN = 320; // milliseconds: a wheel that goes on turns again

/** What a tap or click is meant for, and not for turning. */
const MEANT = 'a, button, input, textarea, select, label, summary, mark[data-q], [role="button"], [data-id], .pop';

/**
 * What a turn of the wheel does: a gesture turns once, one that goes on turns again after a while.
 * @param {{ now: number, last: number, turned: number, sum: number }} state times of the last event and the last turn
 * @param {{ now: number, delta: number }} event
 * @returns {{ by: number, state: { now: number, last: number, turned: number, sum: number } }}
 */
export function wheeled({ last, turned, sum }, { now, delta }) {
    const isNew = now - last > PAUSE;
    const total = isNew ? delta : sum + delta;
    const mayTurn = isNew || turned <= 0 || now - turned > AGAIN;
    const by = Math.abs(total) >= WHEEL && mayTurn ? Math.sign(total) : 0;
    return { by, state: { now, last: now, turned: by ? now : isNew ? 0 : turned, sum: by ? 0 : total } };
}

/**
 * Where a swipe that ends leads: -1, 0 or 1 pages.
 * @param {{ moved: number, time: number, page: number }} swipe `moved`: pixels, positive towards the next page
 */
export function swiped({ moved, time, page }) {
    const isQuick = Math.abs(moved) / Math.max(time, 1) > FAST && Math.abs(moved) > DRAG * 2;
    return isQuick || Math.abs(moved) > FAR * page ? Math.sign(moved) : 0;
}

/**
 * @param {import('./leaves.js').Leaves} leaves
 */
export function wireTurning(leaves) {
    const scroll = leaves.element;
    const forward = () => (leaves.setting.isRtl || leaves.setting.isUpright ? -1 : 1);
    wireWheel(scroll, leaves);
    wireSwipes(scroll, leaves, forward);
    scroll.addEventListener('click', (event) => {
        const by = leaves.page ? sideOf(event, scroll) * forward() : 0;
        if (by) leaves.step(by);
    });
    for (const button of document.querySelectorAll('[data-turn]')) {
        button.addEventListener('click', () => leaves.step(Number(/** @type {HTMLElement} */ (button).dataset.turn)));
    }
    const ends = () => {
        const isFirst = leaves.place.section === 0 && leaves.axis.at < 1;
        document.querySelector('[data-turn="-1"]')?.toggleAttribute('hidden', isFirst);
        document.querySelector('[data-turn="1"]')?.toggleAttribute('hidden', leaves.isAtEnd);
    };
    leaves.addEventListener('place', ends);
    leaves.addEventListener('layout', ends);
}

/**
 * The side a click means: -1 left, 1 right, 0 none. With a finger, a part of the page; with a mouse, the margin.
 * @param {MouseEvent} event
 * @param {HTMLElement} scroll
 */
function sideOf(event, scroll) {
    const target = /** @type {Element} */ (event.target);
    if (event.button || event.defaultPrevented || target.closest(MEANT) || !getSelection()?.isCollapsed) return 0;
    const { left, width } = scroll.getBoundingClientRect();
    const x = (event.clientX - left) / width;
    const isTouch = /** @type {PointerEvent} */ (event).pointerType !== 'mouse';
    const side = Number.parseFloat(scroll.style.getPropertyValue('--side')) / width;
    const share = isTouch ? SIDE : target.matches('.scroll, .leaves, .leaf') ? side : 0;
    return x < share ? -1 : x > 1 - share ? 1 : 0;
}

/** @param {HTMLElement} scroll @param {import('./leaves.js').Leaves} leaves */
function wireWheel(scroll, leaves) {
    let state = { now: 0, last: 0, turned: 0, sum: 0 };
    scroll.addEventListener(
        'wheel',
        (event) => {
            if (event.ctrlKey || /** @type {Element} */ (event.target).closest('.wide, pre, .pop')) return;
            const delta = Math.abs(event.deltaY) > Math.abs(event.deltaX) ? event.deltaY : event.deltaX;
            const pixels = event.deltaMode === 0 ? delta : delta * 40;
            if (leaves.page) {
                event.preventDefault();
                const turn = wheeled(state, { now: event.timeStamp, delta: pixels });
                state = turn.state;
                if (turn.by) leaves.step(turn.by);
            } else if (leaves.setting.isUpright && delta === event.deltaY) {
                event.preventDefault();
                scroll.scrollBy({ left: -pixels });
            }
        },
        { passive: false },
    );
}

/**
 * The page follows the finger, and goes on or back when it is let go.
 * @param {HTMLElement} scroll
 * @param {import('./leaves.js').Leaves} leaves
 * @param {() => number} forward
 */
function wireSwipes(scroll, leaves, forward) {
    /** @type {{ x: number, y: number, at: number, time: number, isTurning: boolean } | null} */
    let swipe = null;
    const end = (/** @type {number} */ by) => {
        swipe = null;
        delete scroll.dataset.held;
        leaves.settleOn(by);
    };
    scroll.addEventListener('touchstart', (event) => {
        const isOne = event.touches.length === 1 && !/** @type {Element} */ (event.target).closest('.wide, pre, .pop');
        if (swipe?.isTurning) end(0);
        const [{ clientX: x, clientY: y }] = event.touches;
        swipe = isOne && leaves.page && getSelection()?.isCollapsed ? { x, y, at: leaves.axis.at, time: event.timeStamp, isTurning: false } : null;
    }, { passive: true });
    scroll.addEventListener('touchmove', (event) => {
        if (!swipe) return;
        const [{ clientX, clientY }] = event.touches;
        const [x, y] = [swipe.x - clientX, swipe.y - clientY];
        if (!swipe.isTurning) {
            if (event.touches.length > 1 || !getSelection()?.isCollapsed || Math.abs(y) > Math.abs(x) + DRAG) return void (swipe = null);
            if (Math.abs(x) < DRAG) return;
            swipe.isTurning = true;
            scroll.dataset.held = '';
        }
        if (leaves.axis.isAcross) leaves.axis.to(swipe.at + x * forward());
    }, { passive: true });
    scroll.addEventListener('touchend', (event) => {
        if (!swipe?.isTurning) return void (swipe = null);
        const moved = (swipe.x - event.changedTouches[0].clientX) * forward();
        end(swiped({ moved, time: event.timeStamp - swipe.time, page: scroll.clientWidth }));
    }, { passive: true });
    scroll.addEventListener('touchcancel', () => swipe?.isTurning && end(0), { passive: true });
}
