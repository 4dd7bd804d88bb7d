// Looking around in the house, and what a page may ask of its map.

import { sharpness } from './draw.js';
import { HELD, SOLD } from './model.js';
import { clamp, now } from './words.js';

/** @typedef {import('./draw.js').View} View */

/** How long a flight takes, in ms. */
const FLIGHT = 240;

/** How large a seat gets, in px. */
const LARGEST = 52;

/** @param {import('./map.js').Parts} map */
export function looking(map) {
  const { own } = map;
  /** The window. */
  let w = 0, h = 0, atHome = true;

  /** The view about a point.
   * @param {number} x
   * @param {number} y
   * @param {number} k
   * @returns {View}
   */
  const around = (x, y, k) => ({ x: x - w / 2 / k, y: y - h / 2 / k, k });

  /** Where a point of the window is in the house.
   * @param {number} x
   * @param {number} y
   * @returns {[number, number]}
   */
  const world = (x, y, view = map.view) => [view.x + x / view.k, view.y + y / view.k];

  /** Where the middle of the window is in the house. @param {View} [view] */
  const middle = (view) => world(w / 2, h / 2, view);

  /** How large a seat is. */
  const px = () => map.model.pitch * map.view.k;

  const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

  /** The whole house. */
  const fit = () => {
    const { left, top, width, height } = map.model;
    return around(left + width / 2, top + height / 2, 0.96 * Math.min(w / width, h / height));
  };

  /** @param {number} k */
  const within = (k) => {
    const least = fit().k;
    return clamp(k, least, Math.max(LARGEST / map.model.pitch, least));
  };

  /** A view whose middle is not farther outside than zooming about a point of the house leads.
   * @param {View} view
   * @returns {View}
   */
  const inside = (view) => {
    const { left, top, width, height } = map.model, { k } = view, [x, y] = middle(view);
    const edge = fit().k / k / 2;
    return around(clamp(x, left + width * edge, left + width * (1 - edge)),
      clamp(y, top + height * edge, top + height * (1 - edge)), k);
  };

  const redraw = () => {
    map.frame ||= requestAnimationFrame(draw);
  };

  /** Draws a frame, and asks for the next one while something moves.
   * @param {number} at
   */
  const draw = (at) => {
    map.frame = 0;
    const { painter, flight } = map;
    if (!painter) return;
    if (flight) {
      const { from, to, since, time } = flight, t = clamp((at - since) / time, 0, 1);
      const e = 1 - (1 - t) ** 3, k = from.k * (to.k / from.k) ** e;
      // So far has the corner gone, if the middle goes straight.
      const share = (1 / k - 1 / from.k) / (1 / to.k - 1 / from.k) || e;
      map.view = { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share, k };
      if (t === 1) go(to);
    }
    // The first picture has no words yet: those take as long as all the rest.
    if (painter.draw(map.view, now(), !map.chooser) || map.flight) redraw();
    else map.chooser?.settle(atHome);
  };

  /** Is at a view now. @param {View} view */
  const go = (view) => {
    map.view = view;
    map.flight = undefined;
    atHome = false;
    redraw();
  };

  /** Goes to a view; in one step for who doesn't want motion.
   * @param {View} view
   */
  const fly = ({ x, y, k }, time = FLIGHT) => {
    const to = inside({ x, y, k: within(k) });
    if (!time || still()) go(to);
    else {
      go(map.view);
      map.flight = { from: map.view, to, since: now(), time };
    }
  };

  const home = (time = FLIGHT) => {
    map.chooser?.card.hide();
    fly(fit(), time);
    atHome = true;
  };

  /** Where the map is, or will be once it has come to rest. */
  const goal = () => map.flight?.to ?? map.view;

  const renew = () => {
    map.chooser?.renew();
    redraw();
  };

  /** Shows a section as large as it fits.
   * @param {number | string} section its index in the plan, or its name
   */
  const zoomTo = (section) => {
    const { plan, pitch } = map.model;
    const s = plan.sections.find(({ index, name }) => section === index || section === name);
    if (!s) return;
    const k = 0.92 * Math.min(w / (s.r - s.l), h / (s.b - s.t));
    fly(around((s.l + s.r) / 2, (s.t + s.b) / 2, within(Math.max(k, s.standing ? 0 : 10 / pitch))));
  };

  /** Where a place is on the stage.
   * @param {number} place
   */
  const spot = (place) => {
    const { x, y, k } = map.view, { plan } = map.model;
    return { x: (plan.x[place] - x) * k, y: (plan.y[place] - y) * k };
  };

  return {
    around, world, middle, px, still, fit, redraw, draw, go, fly, home, goal, renew, zoomTo, spot,

    /** Takes the size of the stage. What is hidden has no size yet; it will be told when it has. */
    measure() {
      const { clientWidth: width, clientHeight: height } = map.stage, [x, y] = middle();
      if (!width || !height || width === w && height === h && map.painter.dpr === sharpness()) return;
      map.width = w = width;
      map.height = h = height;
      map.painter.resize(w, h);
      if (atHome) home(0);
      else map.view = around(x, y, map.view.k);
      draw(now());
    },

    /** @param {number} dx @param {number} dy */
    pan(dx, dy) {
      const { x, y, k } = map.view, view = { x: x - dx / k, y: y - dy / k, k }, held = inside(view);
      // Beyond the edge it follows at a third of the speed, and comes back when it is let go.
      if (Math.abs(held.x - view.x) > 1) view.x += dx / k / 1.5;
      if (Math.abs(held.y - view.y) > 1) view.y += dy / k / 1.5;
      go(view);
    },

    /** @param {number} x @param {number} y @param {number} factor */
    zoom(x, y, factor) {
      const k = within(map.view.k * factor), [wx, wy] = world(x, y);
      go({ x: wx - x / k, y: wy - y / k, k });
    },

    /** Closer to the middle, or away from it.
     * @param {number} factor
     */
    closer(factor) {
      const view = goal();
      fly(around(...middle(view), within(view.k * factor)));
    },

    /** Goes to a section, and from there to its seats.
     * @param {number} section
     * @param {number} x
     * @param {number} y
     */
    approach(section, x, y) {
      const { k } = map.view, [wx, wy] = world(x, y);
      map.chooser?.card.hide();
      zoomTo(section);
      if (goal().k < k * 1.1) fly(around(wx, wy, 24 / map.model.pitch));
    },

    /** Where a place is in the window.
     * @param {number} place
     */
    at(place) {
      const { x, y } = spot(place), { left, top } = map.canvas.getBoundingClientRect();
      return { x: left + x, y: top + y };
    },

    /** @param {string} name @param {object} detail */
    emit: (name, detail) =>
      map.dispatchEvent(new CustomEvent('seatmap:' + name, { detail, bubbles: true, cancelable: true })),

    // What a page may ask of the map.

    /** Says which places are the buyer's, and for which of them the server hasn't answered yet.
     * @param {Iterable<number>} places
     * @param {Iterable<number>} [pending]
     */
    mine(places, pending = []) {
      const before = new Map(own);
      own.clear();
      for (const p of places) own.set(p, 0);
      for (const p of pending) own.set(p, before.get(p) || now());
      renew();
    },

    /** Says that a place can't be had, and what it is instead: "held", "sold" or their number.
     * @param {number} place
     * @param {string | number} [state]
     */
    refuse(place, state) {
      own.delete(place);
      map.model.set(place, state === HELD || state === 'held' ? HELD : SOLD);
      map.chooser?.lost(place);
      renew();
    },

    /** Leaves out what a buyer doesn't want: it stays, but pale. What isn't named stays as it is.
     * @param {Partial<import('./model.js').Filter>} wish
     */
    filter(wish) {
      map.model.refine(wish);
      map.chooser?.legend();
      renew();
    },
  };
}
