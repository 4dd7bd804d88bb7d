// <seat-map event="evt_1" src="" plan="pln_1" lang="en">: a house with its places, live.
//
// It shows and lets choose; what is chosen is the page's business: it hears seatmap:choose and
// seatmap:drop, and answers with mine() and refuse(). Nothing here is kept or sent.

import { decodePlan } from './decode.js';
import { Painter } from './draw.js';
import { FREE, HELD, Model, SOLD } from './model.js';
import { button, make, WORDS } from './words.js';

/** @typedef {import('./draw.js').View} View */
/** @typedef {import('./model.js').Money} Money */

/** How long a flight takes, in ms. */
const FLIGHT = 240;

/** How large a seat gets, in px. */
const LARGEST = 52;

/** What is there as soon as the map is in a page, or has been loaded.
 * @type {any} */
const LATER = undefined;

export class SeatMap extends HTMLElement {
  /** @type {AbortController | undefined} */ end;
  /** Those of choosing come with it.
   * @type {import('./words.js').Words} */ words = LATER;
  /** @type {HTMLCanvasElement} */ canvas = LATER;
  /** @type {HTMLElement} */ stage = LATER;
  /** @type {HTMLElement} */ note = LATER;
  /** @type {HTMLElement} */ root = LATER;
  /** @type {Model} */ model = LATER;
  /** @type {Painter} */ painter = LATER;
  /** @type {import('./live.js').Live | undefined} */ live;
  /** What is loaded after the first picture.
   * @type {import('./choose.js').Chooser | undefined} */ chooser;
  /** @type {{from: View, to: View, since: number, time: number} | undefined} */ flight;
  /** @type {View} */ view = { x: 0, y: 0, k: 0 };
  size = { width: 0, height: 0 };
  frames = 0;
  frame = 0;
  lastFrameMs = 0;
  atHome = true;
  most = 8;
  /** The buyer's places, and since when the server has been asked for them: 0 once it has agreed.
   * @type {Map<number, number>} */ own = new Map();
  language = 'en';

  connectedCallback() {
    if (this.end) return;
    this.end = new AbortController();
    this.words = { ...WORDS, ...JSON.parse(this.dataset.words || '{}') };
    this.language = /** @type {HTMLElement | null} */ (this.closest('[lang]'))?.lang || 'en';
    const words = this.words;
    this.canvas = make('canvas', 'canvas', '', { role: 'img', 'aria-label': words.map });
    this.note = make('p', 'note', '', { role: 'status' });
    this.stage = make('div', 'stage', [this.canvas, make('div', 'zoom', [
      button('', '+', () => this.closer(1.7), { 'aria-label': words.zoomIn }),
      button('', '−', () => this.closer(1 / 1.7), { 'aria-label': words.zoomOut }),
      button('', '⌂', () => this.home(), { 'aria-label': words.home }),
    ]), this.note]);
    this.root = make('div', 'root', [this.stage], { role: 'group', 'aria-label': words.map });
    this.load(this.end.signal);
  }

  disconnectedCallback() {
    // It may only have been moved to another place of the page.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.end?.abort();
      this.end = undefined;
      this.live?.stop();
      cancelAnimationFrame(this.frame);
      this.frame = 0;
      this.root.remove();
      this.model = this.painter = LATER;
      this.chooser = undefined;
    });
  }

  /** Asks for all three parts at once: the house, the prices and the states.
   * @param {AbortSignal} signal
   */
  async load(signal) {
    const url = `${this.getAttribute('src') ?? ''}/v1/events/${this.getAttribute('event')}`;
    const plan = this.getAttribute('plan');
    const get = async (/** @type {string} */ end) => {
      const answer = await fetch(url + end, { signal });
      if (!answer.ok) throw new Error(`${answer.status} for ${url + end}`);
      return answer;
    };
    const states = async () => (await get('/availability')).arrayBuffer();
    try {
      const [house, event, state] = await Promise.all([
        get(`/plan.bin${plan ? `?plan=${plan}` : ''}`).then(async (a) => decodePlan(await a.arrayBuffer())),
        get('').then((a) => a.json()), states(),
      ]);
      if (signal.aborted) return;
      this.append(this.root); // now, so that an empty canvas isn't laid out and painted before
      this.begin(house, event, state, signal);
      performance.mark('seatmap');
    } catch (error) {
      this.sorry(error, signal, () => this.load(signal));
      return;
    }
    /** @type {typeof import('./choose.js')} */
    let more;
    try {
      more = await import('./choose.js');
    } catch (error) {
      this.sorry(error, signal, () => location.reload()); // a module that failed may stay failed
      return;
    }
    if (signal.aborted) return;
    this.chooser = new more.Chooser(this, signal);
    this.live = this.chooser.follow(`${url}/changes`, states);
    this.model.seats; // are sorted now, so that the first zoom doesn't wait for it
    this.emit('ready', { seats: this.model.plan.places });
  }

  /** Says that something is missing, and offers to try again.
   * @param {unknown} error
   * @param {AbortSignal} signal
   * @param {() => void} again
   */
  sorry(error, signal, again) {
    if (signal.aborted) return; // the map was taken away, or has begun anew
    console.warn(error);
    this.append(this.root);
    this.note.replaceChildren(this.words.failed, ' ', button('again', this.words.again, () => {
      this.note.replaceChildren();
      again();
    }));
  }

  /** Shows the first picture.
   * @param {import('./decode.js').Plan} plan
   * @param {any} event
   * @param {ArrayBuffer} states
   * @param {AbortSignal} signal
   */
  begin(plan, event, states, signal) {
    this.most = event.sale.max_per_order;
    const tiers = event.tiers.map((/** @type {any} */ { key, name, buyer_pays: price }) =>
      ({ key, name, price }));
    this.model = new Model(plan, tiers, event.place_tiers);
    this.model.snapshot(states);
    this.painter = new Painter(this.canvas, this.model, this.own, this.words.soldOut, this.language);
    const sight = new ResizeObserver(() => this.measure());
    sight.observe(this.stage);
    this.measure();
    const theme = () => {
      this.painter.theme(this);
      this.redraw();
    };
    for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
      matchMedia(query).addEventListener('change', theme, { signal });
    }
    const dress = new MutationObserver(theme);
    dress.observe(document.documentElement, { attributes: true });
    signal.addEventListener('abort', () => {
      sight.disconnect();
      dress.disconnect();
    });
  }

  // What a page may ask of the map.

  /** Says which places are the buyer's, and for which of them the server hasn't answered yet.
   * @param {Iterable<number>} places
   * @param {Iterable<number>} [pending]
   */
  mine(places, pending = []) {
    const { own } = this, before = new Map(own);
    own.clear();
    for (const p of places) own.set(p, 0);
    for (const p of pending) own.set(p, before.get(p) || now());
    this.renew();
  }

  /** Says that a place can't be had, and what it is instead: "held", "sold" or their number.
   * @param {number} place
   * @param {string | number} [state]
   */
  refuse(place, state = SOLD) {
    this.own.delete(place);
    this.model.set(place, typeof state === 'number' ? state : state === 'held' ? HELD : SOLD);
    this.chooser?.lost(place);
    this.renew();
  }

  /** Leaves out what a buyer doesn't want: it stays, but pale. What isn't named stays as it is.
   * @param {Partial<import('./model.js').Filter>} wish
   */
  filter(wish) {
    Object.assign(this.model.filter, wish);
    this.model.recode();
    this.chooser?.legend();
    this.renew();
  }

  /** Shows a section as large as it fits.
   * @param {number | string} section its index in the plan, or its name
   */
  zoomTo(section) {
    const { areas, plan, pitch } = this.model, { width, height } = this.size;
    const i = typeof section === 'number' ? section :
      plan.sections.findIndex((s) => s.name === section);
    const a = areas[i];
    if (!a) return;
    const fit = Math.min(0.92 * width / (a.r - a.l), 0.92 * height / (a.b - a.t));
    const k = this.within(Math.max(fit, plan.sections[i].standing ? 0 : 10 / pitch));
    this.fly(this.around((a.l + a.r) / 2, (a.t + a.b) / 2, k));
  }

  /** What tests want to know. */
  debug() {
    const { model, painter, frames, lastFrameMs, view } = this;
    return {
      seats: model?.plan.places, drawn: painter?.drawn, level: painter?.level ?? -1,
      version: model?.version, hash: model?.hash(), frames, lastFrameMs, view,
      moving: !!(this.flight || this.frame),
    };
  }

  // Looking around.

  still() {
    return matchMedia('(prefers-reduced-motion: reduce)').matches;
  }

  measure() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    // What is hidden has no size yet; it will be told when it has.
    const { size } = this;
    if (!width || !height || width === size.width && height === size.height && this.painter.sharp()) return;
    const { x, y, k } = this.view, middle = { x: x + this.size.width / 2 / k, y: y + this.size.height / 2 / k };
    this.size = { width, height };
    this.painter.resize(width, height);
    if (this.atHome || !k) this.home(0);
    else this.view = this.around(middle.x, middle.y, k);
    this.draw(now());
  }

  /** The view about a point.
   * @param {number} x
   * @param {number} y
   * @param {number} k
   */
  around(x, y, k) {
    return { x: x - this.size.width / 2 / k, y: y - this.size.height / 2 / k, k };
  }

  /** The whole house. */
  fit() {
    const { left, top, width, height } = this.model;
    const k = 0.96 * Math.min(this.size.width / width, this.size.height / height);
    return this.around(left + width / 2, top + height / 2, k);
  }

  home(time = FLIGHT) {
    this.chooser?.card.hide();
    this.fly(this.fit(), time);
    this.atHome = true;
  }

  /** @param {number} k */
  within(k) {
    const least = this.fit().k;
    return Math.min(Math.max(k, least), Math.max(LARGEST / (this.model.pitch), least));
  }

  /** A view whose middle is not farther outside than zooming about a point of the house leads.
   * @param {View} view
   */
  inside({ x, y, k }) {
    const { left, top, width, height } = this.model, free = (1 - this.fit().k / k) / 2;
    const hold = (/** @type {number} */ v, /** @type {number} */ from, /** @type {number} */ size) =>
      from + size / 2 + Math.min(Math.max(v - from - size / 2, -size * free), size * free);
    return this.around(hold(x + this.size.width / 2 / k, left, width),
      hold(y + this.size.height / 2 / k, top, height), k);
  }

  /** Goes to a view; in one step for who doesn't want motion.
   * @param {View} view
   */
  fly(view, time = FLIGHT) {
    const to = this.inside({ ...view, k: this.within(view.k) });
    this.atHome = false;
    if (!time || this.still()) {
      this.view = to;
      this.flight = undefined;
    } else {
      this.flight = { from: this.view, to, since: now(), time };
    }
    this.redraw();
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    const { x, y, k } = this.view, free = { x: x - dx / k, y: y - dy / k, k };
    const held = this.inside(free);
    // Beyond the edge it follows at a third of the speed, and comes back when it is let go.
    this.view = {
      x: Math.abs(held.x - free.x) < 1 ? free.x : x - dx / k / 3,
      y: Math.abs(held.y - free.y) < 1 ? free.y : y - dy / k / 3, k };
    this.atHome = false;
    this.redraw();
  }

  /** @param {number} x @param {number} y @param {number} factor */
  zoom(x, y, factor) {
    const { view } = this, k = this.within(view.k * factor);
    this.view = { x: view.x + x / view.k - x / k, y: view.y + y / view.k - y / k, k };
    this.atHome = false;
    this.redraw();
  }

  /** Closer to the middle, or away from it.
   * @param {number} factor
   */
  closer(factor) {
    const { x, y, k } = this.flight?.to ?? this.view, { width, height } = this.size;
    this.fly(this.around(x + width / 2 / k, y + height / 2 / k, this.within(k * factor)));
  }

  redraw() {
    this.frame ||= requestAnimationFrame((at) => this.draw(at));
  }

  /** Draws a frame, and asks for the next one while something moves.
   * @param {number} at
   */
  draw(at) {
    this.frame = 0;
    const { painter, flight } = this;
    if (!painter) return;
    const begun = now();
    if (flight) {
      const t = Math.min((at - flight.since) / flight.time, 1), e = 1 - (1 - Math.max(t, 0)) ** 3;
      this.view = t < 1 ? between(flight.from, flight.to, e, this.size) : flight.to;
      if (t >= 1) this.flight = undefined;
    }
    if (painter.draw(this.view, begun) || this.flight) this.redraw();
    else this.chooser?.settle();
    this.frames++;
    this.lastFrameMs = now() - begun;
  }

  /** Goes to a section, and from there to its seats.
   * @param {number} section
   * @param {number} x
   * @param {number} y
   */
  approach(section, x, y) {
    const before = this.view.k, [wx, wy] = this.world(x, y);
    this.chooser?.card.hide();
    this.zoomTo(section);
    const to = this.flight?.to ?? this.view;
    if (to.k < before * 1.1) this.fly(this.around(wx, wy, 24 / this.model.pitch));
  }

  /** @param {number} x @param {number} y */
  world(x, y) {
    return /** @type {const} */ ([this.view.x + x / this.view.k, this.view.y + y / this.view.k]);
  }

  px() {
    return this.model.pitch * this.view.k;
  }

  /** Where a place is in the window.
   * @param {number} place
   */
  at(place) {
    const { x, y, k } = this.view, { plan } = this.model, box = this.canvas.getBoundingClientRect();
    return { x: box.left + (plan.x[place] - x) * k, y: box.top + (plan.y[place] - y) * k };
  }

  /** @param {string} name @param {object} detail */
  emit(name, detail) {
    return this.dispatchEvent(new CustomEvent(`seatmap:${name}`, { detail, bubbles: true, cancelable: true }));
  }

  /** @param {number} place */
  changed(place, quiet = false) {
    const { model, painter, chooser } = this;
    if (this.own.has(place)) return;
    if (model.state[place] !== FREE) {
      if (chooser?.card.place === place || painter.focus === place) chooser?.lost(place);
    } else if (!quiet && painter.level === 2 && !this.still()) {
      painter.moving.set(place, { pulse: true, since: now() });
    }
  }

  renew() {
    this.chooser?.renew();
    this.redraw();
  }
}

const now = () => performance.now();

/** The view on the way from one to another, so that the middle goes straight.
 * @param {View} from
 * @param {View} to
 * @param {number} t
 * @param {{width: number, height: number}} size
 */
function between(from, to, t, { width, height }) {
  const k = from.k * (to.k / from.k) ** t;
  const share = Math.abs(to.k / from.k - 1) < 1e-3 ? t :
    (1 / k - 1 / from.k) / (1 / to.k - 1 / from.k);
  const mix = (/** @type {'x' | 'y'} */ axis, /** @type {number} */ size) => {
    const a = from[axis] + size / 2 / from.k, b = to[axis] + size / 2 / to.k;
    return a + (b - a) * share - size / 2 / k;
  };
  return { x: mix('x', width), y: mix('y', height), k };
}

customElements.define('seat-map', SeatMap);
