// What is known of the places: where they are, what they cost, and which of them are free.

import { measure } from './decode.js';
import { clamp } from './words.js';

/** @typedef {{amount: number, currency: string}} Money */
/** @typedef {{key: string, name: string, buyer_pays: Money}} Tier */
/** @typedef {{tiers: Tier[], place_tiers: number[][], sale: {max_per_order: number}}} Sale */
/** @typedef {{tiers: string[] | null, stepFree: boolean, clearView: boolean, floor: number}} Filter */
/** @typedef {ReturnType<typeof makeModel>} Model */

/** The states of a place, as the server numbers them. */
export const HELD = 1, SOLD = 2;

/** The tier of a place that is not for sale. */
export const NONE = 64;

/** How a place looks, in the low three bits of its code; one more where a filter leaves it out. */
export const AS_FREE = 1, AS_HELD = 3, AS_SOLD = 5;

/** The side of a cell of the grid, in centimetres. */
const CELL = 400;

/**
 * @param {import('./decode.js').Plan} plan
 * @param {Sale} event
 */
export function makeModel(plan, event) {
  const { places, sections, shapes, flags, sectionOf, pitch } = plan, { tiers } = event;
  const state = new Uint8Array(places).fill(SOLD), tier = new Uint8Array(places), code = new Uint16Array(places);
  /** How many can be had, by section and by tier. */
  const freeIn = new Int32Array(sections.length), freeOf = new Int32Array(256);
  /** @type {Filter} */
  const filter = { tiers: null, stepFree: false, clearView: false, floor: -1 };
  let place = 0;
  // Pairs of a tier's index, or -1, and how many places have it.
  for (const [one, count] of event.place_tiers) tier.fill(one < 0 ? NONE : one, place, place += count);
  tier.fill(NONE, place);

  const { l: left, t: top, r: right, b: bottom } = measure([
    ...sections.flatMap((s) => s.outline),
    ...shapes.flatMap(({ points, text, x, y, size }) =>
      text ? [...points, x, y - size, x, y + size] : points),
  ]);
  const width = right - left, height = bottom - top;
  const columns = Math.ceil(width / CELL) + 1, lines = Math.ceil(height / CELL) + 1;
  const column = (/** @type {number} */ x) => clamp((x - left) / CELL | 0, 0, columns - 1);
  const line = (/** @type {number} */ y) => clamp((y - top) / CELL | 0, 0, lines - 1);
  /** Where each cell of the grid begins among the seats. */
  const start = new Uint32Array(columns * lines + 1);
  /** The seats by the cells of the grid.
   * @type {Uint32Array | undefined} */
  let seats;
  let stale = true;

  const model = {
    plan, tiers, state, tier, freeIn, freeOf, filter, left, top, width, height, version: 0, pitch,
    /** How many places an order may have. */
    most: event.sale.max_per_order,

    /** Sorts the seats and works out how each looks: when it is first needed, since the picture of
     * the whole house does without.
     */
    ready() {
      const { x, y } = plan;
      if (!seats) {
        /** @param {(place: number, cell: number) => void} visit */
        const each = (visit) => {
          for (const s of sections) {
            if (s.standing) continue;
            for (let p = s.first; p < s.first + s.places; p++) visit(p, line(y[p]) * columns + column(x[p]));
          }
        };
        each((_, cell) => start[cell + 1]++);
        start.forEach((n, i) => start[i] = n + (start[i - 1] ?? 0));
        const next = start.slice(), sorted = seats = new Uint32Array(start[columns * lines]);
        each((p, cell) => sorted[next[cell]++] = p);
      }
      if (stale) for (let p = 0; p < places; p++) code[p] = look(p);
      stale = false;
      return seats;
    },

    /** Calls visit with each seat that is drawn and may lie in a box, and with its code.
     * @param {number} l
     * @param {number} t
     * @param {number} r
     * @param {number} b
     * @param {(place: number, code: number) => void} visit
     */
    within(l, t, r, b, visit) {
      const seats = model.ready(), last = line(b);
      for (let row = line(t); row <= last; row++) {
        const end = start[row * columns + column(r) + 1];
        for (let i = start[row * columns + column(l)]; i < end; i++) {
          if (code[seats[i]]) visit(seats[i], code[seats[i]]);
        }
      }
    },

    /** Takes a snapshot of all states.
     * @param {ArrayBuffer} buffer
     * @param {(place: number) => void} [changed]
     */
    snapshot(buffer, changed) {
      const view = new DataView(buffer), bits = new Uint8Array(buffer, 16);
      if (view.getUint32(4) !== places) throw Error('bad state');
      model.version = Number(view.getBigUint64(8));
      for (let p = 0; p < places; p++) model.set(p, bits[p >> 2] >> (p & 3) * 2 & 3, changed);
    },

    /** Takes what has changed. It is false if something before it was missed.
     * @param {{from: number, to: number, places: string}} delta
     * @param {(place: number) => void} changed
     */
    delta({ from, to, places }, changed) {
      if (from > model.version) return false;
      if (to <= model.version) return true;
      model.version = to;
      const text = atob(places);
      for (let at = 0, p = 0; at < text.length;) {
        let v = 0, unit = 1, c;
        do {
          c = text.charCodeAt(at++);
          v += (c & 127) * unit;
          unit *= 128;
        } while (c > 127);
        p += Math.floor(v / 4);
        model.set(p, v & 3, changed);
      }
      return true;
    },

    /** Says what the state of a place is.
     * @param {number} place
     * @param {number} now
     * @param {(place: number) => void} [changed]
     */
    set(place, now, changed) {
      const was = state[place], step = +!now - +!was, t = tier[place];
      if (place >= places || now === was) return;
      state[place] = now;
      if (t < NONE) {
        freeIn[sectionOf[place]] += step;
        freeOf[t] += step;
      }
      if (!stale) code[place] = look(place);
      changed?.(place);
    },

    /** Leaves out what a buyer doesn't want.
     * @param {Partial<Filter>} wish
     */
    refine(wish) {
      Object.assign(filter, wish);
      stale = true;
    },

    /** @param {number} section */
    shown: (section) => filter.floor < 0 || sections[section].floor === filter.floor,

    /** Whether a place can be had, as far as is known here.
     * @param {number} place
     */
    free: (place) => !state[place] && tier[place] < NONE,

    /** The seat with the least cost around a point, or -1.
     * @param {number} wx
     * @param {number} wy
     * @param {number} reach
     * @param {(dx: number, dy: number) => number} cost
     */
    best(wx, wy, reach, cost) {
      const { x, y } = plan;
      let found = -1, least = Infinity;
      model.within(wx - reach, wy - reach, wx + reach, wy + reach, (p) => {
        const c = cost(x[p] - wx, y[p] - wy);
        if (c < least) [found, least] = [p, c];
      });
      return found;
    },

    /** The seat nearest to a point, or -1.
     * @param {number} wx
     * @param {number} wy
     * @param {number} reach
     */
    nearest: (wx, wy, reach) => model.best(wx, wy, reach, (dx, dy) => {
      const d = Math.hypot(dx, dy);
      return d <= reach ? d : Infinity;
    }),
  };

  /** What a place is drawn as: 8 times its tier and its form, or 0 where it isn't drawn.
   * @param {number} p
   */
  function look(p) {
    const { tiers: wanted, stepFree, clearView } = filter, t = tier[p], s = state[p], flag = flags[p];
    if (!model.shown(sectionOf[p])) return 0;
    const out = wanted && !wanted.includes(tiers[t]?.key) || stepFree && !(flag & 3) ||
      clearView && flag & 4;
    return t * 8 + (t === NONE || s > HELD ? AS_SOLD : s ? AS_HELD : AS_FREE) + (out ? 1 : 0);
  }

  return model;
}
