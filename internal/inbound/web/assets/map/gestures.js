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

/** How far a pointer may tremble, and how long and far apart two taps may be. */
const TREMBLE = 7, TWICE = 320, APART = 32;

/** Listens to a canvas until the signal says that it is over.
 * @param {HTMLCanvasElement} canvas
 * @param {Hands} hands
 * @param {AbortSignal} signal
 */
export function gestures(canvas, hands, signal) {
  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  let still = true, begun = { x: 0, y: 0 }, last = { x: 0, y: 0, at: 0 };
  /** @type {{x: number, y: number, at: number}[]} */
  let trail = [];
  const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ act) =>
    canvas.addEventListener(name, act, { signal, passive: false });
  const point = (/** @type {MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  /** The middle of two fingers and how far they are apart. */
  const pinch = () => {
    const [a, b] = down.values();
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, d: Math.hypot(a.x - b.x, a.y - b.y) || 1 };
  };

  on('pointerdown', (/** @type {PointerEvent} */ event) => {
    if (event.button || down.size > 1) return;
    canvas.setPointerCapture(event.pointerId);
    const here = point(event);
    down.set(event.pointerId, here);
    hands.grab();
    if (down.size === 1) [still, begun, trail] = [true, here, []];
    else still = false;
  });
  on('pointermove', (/** @type {PointerEvent} */ event) => {
    const here = point(event), was = down.get(event.pointerId);
    if (!was) {
      if (!down.size && event.pointerType === 'mouse') hands.hover(here.x, here.y);
      return;
    }
    if (down.size > 1) {
      const before = pinch();
      down.set(event.pointerId, here);
      const now = pinch();
      hands.pan(now.x - before.x, now.y - before.y);
      hands.zoom(now.x, now.y, now.d / before.d);
      return;
    }
    if (still && Math.hypot(here.x - begun.x, here.y - begun.y) < TREMBLE) return;
    still = false;
    down.set(event.pointerId, here);
    hands.pan(here.x - was.x, here.y - was.y);
    trail = [...trail.filter((one) => event.timeStamp - one.at < 90), { ...here, at: event.timeStamp }];
  });
  const up = (/** @type {PointerEvent} */ event) => {
    if (!down.delete(event.pointerId) || down.size) return;
    const here = point(event);
    if (!still || event.type !== 'pointerup') {
      const from = trail.find((one) => event.timeStamp - one.at < 90) ?? { ...here, at: 0 };
      const time = Math.max(event.timeStamp - from.at, 16);
      hands.release((here.x - from.x) / time, (here.y - from.y) / time);
      return;
    }
    const again = event.timeStamp - last.at < TWICE &&
      Math.hypot(here.x - last.x, here.y - last.y) < APART;
    last = { ...here, at: again ? 0 : event.timeStamp };
    if (again) hands.twice(here.x, here.y);
    else hands.tap(here.x, here.y, event.pointerType !== 'mouse');
  };
  on('pointerup', up);
  on('pointercancel', up);
  on('pointerleave', () => hands.hover(NaN, NaN));
  on('wheel', (/** @type {WheelEvent} */ event) => {
    event.preventDefault();
    hands.grab();
    const { x, y } = point(event), lines = event.deltaMode ? 16 : 1;
    hands.zoom(x, y, Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)));
    hands.release(0, 0);
  });
}
