// What fingers, mouse and wheel mean: panning, zooming, tapping. It knows nothing of seats.

/**
 * @typedef {object} Hands
 * @property {() => void} grab something begins: what moves by itself stops
 * @property {(dx: number, dy: number) => void} pan
 * @property {(x: number, y: number, factor: number) => void} zoom about a point
 * @property {(vx: number, vy: number) => void} release with a speed in px per ms
 * @property {(x: number, y: number, touch: boolean) => void} tap
 * @property {(x: number, y: number) => void} twice
 * @property {(x: number, y: number) => void} hover outside for NaN
 */

/** @typedef {{x: number, y: number, at: number}} Point */

/** How far a pointer may tremble, and how long and far apart two taps may be. */
const TREMBLE = 7, TWICE = 320, APART = 32;

/** From how long ago the last speed is taken, in ms. */
const RECENT = 90;

/** Listens to a canvas until the signal says that it is over.
 * @param {HTMLCanvasElement} canvas
 * @param {Hands} hands
 * @param {AbortSignal} signal
 */
export function gestures(canvas, hands, signal) {
  /** @type {Map<number, Point>} */
  const down = new Map();
  let still = true;
  /** @type {Point} */
  let begun, last = { x: 0, y: 0, at: 0 };
  /** @type {Point[]} */
  let trail = [];
  /** @param {string} names @param {(event: any, here: Point) => void} act */
  const on = (names, act) => {
    for (const name of names.split(' ')) {
      canvas.addEventListener(name, (/** @type {any} */ event) =>
        act(event, { x: event.offsetX, y: event.offsetY, at: event.timeStamp }), { signal, passive: false });
    }
  };
  const far = (/** @type {Point} */ a, /** @type {Point} */ b) => Math.hypot(a.x - b.x, a.y - b.y);
  /** The middle of two fingers and how far they are apart. */
  const pinch = () => {
    const [a, b] = down.values();
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, d: far(a, b) || 1 };
  };

  on('pointerdown', (event, here) => {
    if (event.button || down.size > 1) return;
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, here);
    hands.grab();
    still = down.size < 2;
    begun = here;
    trail = [];
  });
  on('pointermove', ({ pointerId, pointerType }, here) => {
    const was = down.get(pointerId);
    if (!was) {
      if (!down.size && pointerType === 'mouse') hands.hover(here.x, here.y);
    } else if (down.size > 1) {
      const before = pinch();
      down.set(pointerId, here);
      const { x, y, d } = pinch();
      hands.pan(x - before.x, y - before.y);
      hands.zoom(x, y, d / before.d);
    } else if (!still || far(here, begun) >= TREMBLE) {
      still = false;
      down.set(pointerId, here);
      hands.pan(here.x - was.x, here.y - was.y);
      trail.push(here);
    }
  });
  on('pointerup pointercancel', ({ type, pointerId, pointerType }, here) => {
    if (!down.delete(pointerId) || down.size) return;
    if (!still || type !== 'pointerup') {
      const from = trail.find((one) => here.at - one.at < RECENT) ?? here;
      const time = Math.max(here.at - from.at, 16);
      hands.release((here.x - from.x) / time, (here.y - from.y) / time);
    } else if (here.at - last.at < TWICE && far(here, last) < APART) {
      last.at = 0;
      hands.twice(here.x, here.y);
    } else {
      last = here;
      hands.tap(here.x, here.y, pointerType !== 'mouse');
    }
  });
  on('pointerleave', () => hands.hover(NaN, NaN));
  on('wheel', (event, { x, y }) => {
    event.preventDefault();
    hands.grab();
    const lines = event.deltaMode ? 16 : 1;
    hands.zoom(x, y, Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)));
    hands.release(0, 0);
  });
}
