// What is known of the places: where they are, what they cost, and which of them are free.

import { measure, seatLabel } from './decode.js';

/** @typedef {import('./decode.js').Plan} Plan */
/** @typedef {{amount: number, currency: string}} Money */
/** @typedef {{key: string, name: string, price: Money}} Tier */
/** @typedef {{tiers: string[] | null, stepFree: boolean, clearView: boolean, floor: number}} Filter */

/** The states of a place, as the server numbers them. */
export const FREE = 0, HELD = 1, SOLD = 2;

/** The tier of a place that is not for sale. */
export const NONE = 64;

/** How a place looks, in the low three bits of its code; one more where a filter leaves it out. */
export const AS_FREE = 1, AS_HELD = 3, AS_SOLD = 5;

/** The side of a cell of the grid, in centimetres. */
const CELL = 400;

export class Model {
  left = 0;
  top = 0;
  width = 1;
  height = 1;
  pitch = 50;
  columns = 1;
  lines = 1;
  /** Where each cell of the grid begins among the seats. */
  start = new Uint32Array();
  sorted = new Uint32Array();
  /** @type {ReturnType<typeof measure>[]} */ areas = [];

  /**
   * @param {Plan} plan
   * @param {Tier[]} tiers
   * @param {number[][]} runs pairs of a tier's index, or -1, and how many places have it
   */
  constructor(plan, tiers, runs) {
    this.plan = plan;
    this.tiers = tiers;
    /** @type {Filter} */
    this.filter = { tiers: null, stepFree: false, clearView: false, floor: -1 };
    this.version = 0;
    this.state = new Uint8Array(plan.places);
    this.tier = new Uint8Array(plan.places).fill(NONE);
    let place = 0;
    for (const [tier, count] of runs) this.tier.fill(tier < 0 ? NONE : tier, place, place += count);
    this.code = new Uint16Array(plan.places);
    /** How many can be had, by section and by tier. */
    this.freeIn = new Int32Array(plan.sections.length);
    this.freeOf = new Int32Array(NONE + 1);
    this.survey();
  }

  /** Measures the house. */
  survey() {
    const { sections, shapes, pitches } = this.plan;
    let [l, t, r, b] = [Infinity, Infinity, -Infinity, -Infinity];
    const texts = shapes.filter((s) => s.text).map((s) => [s.x, s.y - s.size, s.x, s.y + s.size]);
    for (const points of [...sections.map((s) => s.outline), ...shapes.map((s) => s.points), ...texts]) {
      for (let i = 0; i < points.length; i += 2) {
        l = Math.min(l, points[i]);
        r = Math.max(r, points[i]);
        t = Math.min(t, points[i + 1]);
        b = Math.max(b, points[i + 1]);
      }
    }
    this.left = l;
    this.top = t;
    this.width = r - l;
    this.height = b - t;
    this.pitch = pitches.sort((a, c) => a - c)[pitches.length >> 1] || this.pitch;
    this.areas = sections.map(measure);
  }

  /** The seats by the cells of the grid: sorted when they are first asked for, since the picture of
   * the whole house does without.
   */
  get seats() {
    if (this.start.length) return this.sorted;
    const { x, y, places, sections } = this.plan;
    this.columns = Math.ceil(this.width / CELL) + 1;
    this.lines = Math.ceil(this.height / CELL) + 1;
    const cells = new Uint32Array(places);
    this.start = new Uint32Array(this.columns * this.lines + 1);
    const seated = sections.filter((s) => !s.standing);
    for (const s of seated) {
      for (let p = s.first; p < s.first + s.places; p++) {
        cells[p] = this.cell(x[p], y[p]);
        this.start[cells[p] + 1]++;
      }
    }
    for (let i = 1; i < this.start.length; i++) this.start[i] += this.start[i - 1];
    const next = this.start.slice();
    this.sorted = new Uint32Array(next[next.length - 1]);
    for (const s of seated) {
      for (let p = s.first; p < s.first + s.places; p++) this.sorted[next[cells[p]]++] = p;
    }
    return this.sorted;
  }

  /** The number of the cell of a point, which may lie outside.
   * @param {number} x
   * @param {number} y
   */
  cell(x, y) {
    return this.line(y) * this.columns + this.column(x);
  }

  /** @param {number} x */
  column(x) {
    return Math.min(Math.max(Math.floor((x - this.left) / CELL), 0), this.columns - 1);
  }

  /** @param {number} y */
  line(y) {
    return Math.min(Math.max(Math.floor((y - this.top) / CELL), 0), this.lines - 1);
  }

  /** Calls visit with each run of this.seats that may lie in a box.
   * @param {number} l
   * @param {number} t
   * @param {number} r
   * @param {number} b
   * @param {(from: number, to: number) => void} visit
   */
  within(l, t, r, b, visit) {
    if (!this.seats.length) return;
    const from = this.column(l), to = this.column(r), last = this.line(b);
    for (let line = this.line(t); line <= last; line++) {
      visit(this.start[line * this.columns + from], this.start[line * this.columns + to + 1]);
    }
  }

  /** Takes a snapshot of all states.
   * @param {ArrayBuffer} buffer
   */
  snapshot(buffer) {
    const view = new DataView(buffer), n = this.plan.places;
    if (view.getUint32(0) !== 0x54465331 || view.getUint32(4) !== n) {
      throw new Error('not the state of this plan');
    }
    this.version = view.getUint32(8) * 2 ** 32 + view.getUint32(12);
    const bits = new Uint8Array(buffer, 16);
    for (let p = 0; p < n; p++) this.state[p] = bits[p >> 2] >> (p & 3) * 2 & 3;
    this.recode();
  }

  /** Takes what has changed. It is false if something before it was missed.
   * @param {{from: number, to: number, places: string}} delta
   * @param {(place: number, was: number) => void} changed
   */
  delta({ from, to, places }, changed) {
    if (from > this.version) return false;
    if (to <= this.version) return true;
    this.version = to;
    const text = atob(places);
    for (let at = 0, p = 0; at < text.length;) {
      let v = 0, unit = 1, c;
      do {
        c = text.charCodeAt(at++);
        v += (c & 127) * unit;
        unit *= 128;
      } while (c > 127);
      p += Math.floor(v / 4);
      const was = this.state[p];
      this.set(p, v & 3);
      if (was !== (v & 3)) changed(p, was);
    }
    return true;
  }

  /** @param {number} place @param {number} state */
  set(place, state) {
    const now = state ? 0 : 1, was = this.state[place] ? 0 : 1, tier = this.tier[place];
    if (place >= this.state.length) return;
    this.state[place] = state;
    if (tier < NONE) {
      this.freeIn[this.plan.sectionOf[place]] += now - was;
      this.freeOf[tier] += now - was;
    }
    this.code[place] = this.look(place);
  }

  /** Works out all that depends on the states and the filter. */
  recode() {
    const { sections } = this.plan, { state, tier, code, freeIn, freeOf, filter } = this;
    // Most of the time nothing is left out, and 80,000 places look alike but for price and state.
    const plain = !filter.tiers && !filter.stepFree && !filter.clearView && filter.floor < 0;
    freeOf.fill(0);
    sections.forEach((s, i) => {
      let free = 0;
      for (let p = s.first; p < s.first + s.places; p++) {
        if (!state[p] && tier[p] < NONE) {
          free++;
          freeOf[tier[p]]++;
        }
        code[p] = plain ? tier[p] * 8 + formOf(tier[p], state[p]) : this.look(p);
      }
      freeIn[i] = free;
    });
  }

  /** What a place is drawn as: 8 times its tier and its form, or 0 where it isn't drawn.
   * @param {number} place
   */
  look(place) {
    const { flags, sectionOf } = this.plan, { tiers, stepFree, clearView } = this.filter;
    const tier = this.tier[place], state = this.state[place];
    if (!this.shown(sectionOf[place])) return 0;
    const form = formOf(tier, state);
    const out = tiers && !tiers.includes(this.tiers[tier]?.key) ||
      stepFree && !(flags[place] & 3) || clearView && flags[place] & 4;
    return tier * 8 + form + (out ? 1 : 0);
  }

  /** @param {number} section */
  shown(section) {
    return this.filter.floor < 0 || this.plan.sections[section].floor === this.filter.floor;
  }

  /** Whether a place can be had, as far as is known here.
   * @param {number} place
   */
  free(place) {
    return this.state[place] === FREE && this.tier[place] < NONE;
  }

  /** The seat nearest to a point, or -1.
   * @param {number} wx
   * @param {number} wy
   * @param {number} reach
   */
  nearest(wx, wy, reach) {
    return this.best(wx, wy, reach, (dx, dy) => {
      const d = Math.hypot(dx, dy);
      return d <= reach ? d : Infinity;
    });
  }

  /** The seat with the least cost around a point, or -1.
   * @param {number} wx
   * @param {number} wy
   * @param {number} reach
   * @param {(dx: number, dy: number) => number} cost
   */
  best(wx, wy, reach, cost) {
    const { x, y } = this.plan;
    let found = -1, least = Infinity;
    this.within(wx - reach, wy - reach, wx + reach, wy + reach, (from, to) => {
      for (let i = from; i < to; i++) {
        const p = this.seats[i];
        const c = this.code[p] ? cost(x[p] - wx, y[p] - wy) : Infinity;
        if (c < least) [found, least] = [p, c];
      }
    });
    return found;
  }

  /** The section at a point, or -1: the last one drawn lies on top.
   * @param {number} wx
   * @param {number} wy
   */
  sectionAt(wx, wy) {
    return this.plan.sections.findLastIndex((s, i) => {
      const a = this.areas[i], o = s.outline;
      if (!this.shown(i) || wx < a.l || wx > a.r || wy < a.t || wy > a.b) return false;
      let inside = false;
      for (let k = 0, j = o.length - 2; k < o.length; j = k, k += 2) {
        if (o[k + 1] > wy !== o[j + 1] > wy &&
          wx < (o[j] - o[k]) * (wy - o[k + 1]) / (o[j + 1] - o[k + 1]) + o[k]) inside = !inside;
      }
      return inside;
    });
  }

  /** The label of a seat.
   * @param {number} place
   */
  seat(place) {
    const row = this.plan.rows[this.plan.rowOf[place]];
    return seatLabel(row, place - row.first);
  }

  /** A fingerprint of all states: FNV-1a over the bytes of a snapshot's body. */
  hash() {
    let h = 2166136261;
    for (let p = 0; p < this.state.length; p += 4) {
      let byte = 0;
      for (let k = 0; k < 4; k++) byte |= (this.state[p + k] ?? 0) << 2 * k;
      h = Math.imul(h ^ byte, 16777619) >>> 0;
    }
    return h.toString(16).padStart(8, '0');
  }
}

/** @param {number} tier @param {number} state */
const formOf = (tier, state) =>
  tier === NONE || state > HELD ? AS_SOLD : state ? AS_HELD : AS_FREE;
