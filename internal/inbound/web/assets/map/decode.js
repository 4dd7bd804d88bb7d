// The seat plan as the server sends it: docs/plan-format.md, binary form, version 1.

import { many } from './words.js';

/**
 * @typedef {object} Section
 * @property {number} index
 * @property {string} name
 * @property {number} floor
 * @property {string} entrance
 * @property {number} standing how many places without a seat there are, 0 where there are rows
 * @property {number} first the first place
 * @property {number} places
 * @property {number} row the first row
 * @property {number} rows
 * @property {number[]} outline x and y in turn, in centimetres
 * @property {number} l its box
 * @property {number} t
 * @property {number} r
 * @property {number} b
 * @property {number} x its middle
 * @property {number} y
 * @property {number} room how wide it is inside
 */

/**
 * @typedef {object} Shape
 * @property {number} floor
 * @property {number[]} points x and y in turn
 * @property {string} fill
 * @property {string} text
 * @property {string} ink
 * @property {number} x of the text's middle
 * @property {number} y
 * @property {number} size of the text, in centimetres
 */

/** @typedef {{first: number, seats: number, label: string, title: string, seatTitle: string}} Row */
/** @typedef {ReturnType<typeof decodePlan>} Plan */

/** Reads a plan; it throws where the bytes are something else.
 * @param {ArrayBuffer} buffer
 */
export function decodePlan(buffer) {
  const bytes = new Uint8Array(buffer), utf8 = new TextDecoder();
  if (utf8.decode(bytes.subarray(0, 5)) !== 'TFPL\x01') throw Error('bad plan');

  // All is numbers but the texts near the beginning. They are read in one go, since what runs once
  // only runs slowly.
  const numbers = new Float64Array(bytes.length);
  let at = 5, n = 0;
  const read = (/** @type {number} */ most) => {
    for (n = 0; n < most && at < bytes.length; n++) {
      let v = 0, unit = 1, c;
      do {
        c = bytes[at++];
        v += (c & 127) * unit;
        unit *= 128;
      } while (c > 127);
      numbers[n] = v;
    }
  };
  read(1);
  read(numbers[0]);
  const words = [...numbers.subarray(0, n)].map((size) => utf8.decode(bytes.subarray(at, at += size)));
  read(Infinity);

  let next = 0;
  const uint = () => numbers[next++];
  const signed = (/** @type {number} */ v) => v % 2 ? -(v + 1) / 2 : v / 2;
  const int = () => signed(uint());
  const text = () => words[uint()];
  const uints = (/** @type {number} */ count) => numbers.subarray(next, next += count);
  const steps = (/** @type {number} */ count) => {
    let v = 0;
    return uints(count).map((u) => v += signed(u));
  };
  /** Columns of numbers, each as its difference from where its group was going.
   * @param {boolean[]} starts
   */
  const bends = (starts) => {
    let first = 0, last = 0, step = 0, count = 0;
    return uints(starts.length).map((u, i) => {
      if (starts[i]) count = 0;
      const v = signed(u) + (starts[i] ? first : count === 1 ? last : last + step);
      if (count++) step = v - last;
      else first = v;
      return last = v;
    });
  };

  text(); // the plan's name
  int(); // where all look to
  int();
  const floors = many(uint(), text);
  uints(2 * uint()); // categories: an event's tiers say what counts
  const numberings = many(uint(), () => ({
    order: uint(), start: uint() || 1, step: uint() || 1, prefix: text(), skip: steps(uint()),
  }));

  const count = uint();
  const names = steps(count), floorOf = uints(count);
  uints(count); // category
  const entrances = uints(count), standing = uints(count), rowsOf = uints(count);
  const corners = uints(count), points = corners.reduce((a, b) => a + b, 0);
  const px = steps(points), py = steps(points);
  let corner = 0;

  const r = rowsOf.reduce((a, b) => a + b, 0);
  const labels = steps(r), titles = uints(r), seatTitles = uints(r);
  uints(r); // category
  const schemes = uints(r), seats = steps(r), firsts = new Uint32Array(r);
  let row = 0, places = 0;
  /** @type {number[]} */
  const arcs = [];
  /** @type {number[]} */
  const lists = [];
  /** @type {boolean[]} */
  const starts = [];
  /** @type {boolean[]} */
  const heads = [];
  const sections = many(count, (i) => {
    const from = row, first = places, outline = many(2 * corners[i], (k) => k % 2 ? py[corner++] : px[corner]);
    let begins = true;
    places += standing[i];
    for (; row < from + rowsOf[i]; row++) {
      firsts[row] = places;
      places += seats[row];
      if (schemes[row]) {
        arcs.push(row);
        starts.push(begins);
        begins = false;
      } else {
        lists.push(row);
        many(seats[row], (k) => heads.push(!k));
      }
    }
    return {
      index: i, name: words[names[i]], floor: floorOf[i], entrance: words[entrances[i]], standing: standing[i],
      first, places: places - first, row: from, rows: rowsOf[i], outline, ...measure(outline),
    };
  });

  const x = new Int32Array(places), y = new Int32Array(places), sectionOf = new Uint16Array(places);
  const [x0, y0, x1, y1, bow] = many(5, () => bends(starts));
  const lx = bends(heads), ly = bends(heads), ll = steps(heads.length);
  steps(heads.length); // category
  sections.forEach((s, i) => sectionOf.fill(i, s.first, s.first + s.places));
  /** The labels of places that are listed.
   * @type {Record<number, string>} */
  const listed = {};
  let seat = 0;
  for (const one of lists) {
    for (let p = firsts[one], k = 0; k < seats[one]; k++, p++, seat++) {
      x[p] = lx[seat];
      y[p] = ly[seat];
      listed[p] = words[ll[seat]];
    }
  }

  const marked = uint(), flags = new Uint8Array(places);
  /** Why the view of a place is restricted.
   * @type {Record<number, string>} */
  const reasons = {};
  const marks = steps(marked), kinds = uints(marked), why = uints(marked);
  marks.forEach((p, i) => {
    flags[p] = kinds[i];
    reasons[p] = words[why[i]];
  });
  const shapes = many(uint(), () => {
    const kind = uint(), floor = uint(), ax = int(), ay = int(), w = int(), h = int();
    const turn = int() * Math.PI / 18000, fill = text();
    text(); // border
    const said = text(), ink = text(), tx = int(), ty = int(), size = uint(), k = uint();
    const cx = steps(k), cy = steps(k), sin = Math.sin(turn), cos = Math.cos(turn);
    // 1 is a rectangle, 2 an ellipse, 3 a circle, and 4 has no outline.
    const list = !kind ? many(k, (i) => [cx[i] - ax, cy[i] - ay]) :
      kind === 1 ? [[0, 0], [w, 0], [w, h], [0, h]] : many(kind === 4 ? 0 : 60, (i) =>
        [w * Math.cos(i * Math.PI / 30), (kind === 3 ? w : h) * Math.sin(i * Math.PI / 30)]);
    return {
      floor, fill, text: said, ink, x: tx, y: ty, size,
      points: list.flatMap(([u, v]) => [ax + u * cos - v * sin, ay + u * sin + v * cos]),
    };
  });

  if (next > n) throw Error('bad plan');
  /** The chord of a row, its arc's radius, and half its angle. @param {number} i */
  const arc = (i) => {
    const c = Math.hypot(x1[i] - x0[i], y1[i] - y0[i]), s = Math.abs(bow[i]);
    return { c, s, radius: s && (c * c / 4 + s * s) / s / 2, half: s && 2 * Math.atan2(2 * s, c) };
  };
  const pitches = new Float64Array([
    ...arcs.map((one, i) => {
      const { c, s, radius, half } = arc(i), gaps = seats[one] - 1;
      return s ? 2 * radius * Math.sin(half / gaps) : c / gaps;
    }),
    ...lists.map((one) => {
      const p = firsts[one];
      return seats[one] > 1 ? Math.hypot(x[p] - x[p + 1], y[p] - y[p + 1]) : 0;
    }),
  ].filter((gap) => gap > 0 && gap < Infinity)).sort();

  let laid = false;
  // The picture of a whole house needs no seat: those who wait for it don't wait for 80,000.
  const lay = () => {
    if (laid) return;
    laid = true;
    arcs.forEach((one, i) => {
      const { c, s, radius, half } = arc(i), gaps = seats[one] - 1, first = firsts[one];
      const ux = c && (x1[i] - x0[i]) / c, uy = c && (y1[i] - y0[i]) / c;
      for (let k = 0; k <= gaps; k++) {
        // From -0.5 to 0.5: how far along the row it is.
        const part = gaps && k / gaps - 0.5, turn = 2 * half * part;
        const along = s ? radius * Math.sin(turn) : c * part;
        const above = s && Math.sign(bow[i]) * (s - radius * (1 - Math.cos(turn)));
        x[first + k] = Math.round((x0[i] + x1[i]) / 2 + ux * along + uy * above);
        y[first + k] = Math.round((y0[i] + y1[i]) / 2 + uy * along - ux * above);
      }
    });
    for (const s of sections) {
      x.fill(s.x, s.first, s.first + s.standing);
      y.fill(s.y, s.first, s.first + s.standing);
    }
  };
  return {
    places, floors, sections, shapes, sectionOf, flags, reasons,
    /** How far seats are apart. */
    pitch: pitches[pitches.length >> 1] || 50,
    /** Where each place is: worked out when it is first asked for. */
    get x() {
      lay();
      return x;
    },
    get y() {
      lay();
      return y;
    },
    /** @param {number} i @returns {Row} */
    row: (i) => ({
      first: firsts[i], seats: seats[i], label: words[labels[i]], title: words[titles[i]],
      seatTitle: words[seatTitles[i]],
    }),
    /** The row of a place that has a seat. @param {number} place */
    rowOf: (place) => {
      let { row } = sections[sectionOf[place]];
      while (firsts[row + 1] <= place) row++;
      return row;
    },
    /** The label of a seat.
     * @param {number} place
     * @param {number} row
     */
    label: (place, row) => {
      const scheme = numberings[schemes[row] - 1];
      if (!scheme) return listed[place];
      const { order, start, step, prefix, skip } = scheme;
      const i = place - firsts[row], n = seats[row], half = Math.ceil(n / 2);
      let number = start + step * [
        i, n - 1 - i, i < half ? 2 * (half - 1 - i) : 2 * (i - half) + 1,
        i < half ? 2 * i : 2 * (n - 1 - i) + 1,
      ][order];
      for (const no of skip) {
        if (no >= start && no <= number && !((no - start) % step)) number += step;
      }
      return prefix + number;
    },
  };
}

/** The box, the middle and the inner width of a polygon.
 * @param {number[]} o x and y in turn
 */
export function measure(o) {
  let l = Infinity, t = l, r = -l, b = -l, area = 0, round = 0, cx = 0, cy = 0;
  let [u, v] = o.slice(-2);
  for (let k = 0; k < o.length;) {
    const x = o[k++], y = o[k++], cross = u * y - x * v;
    l = Math.min(l, x);
    r = Math.max(r, x);
    t = Math.min(t, y);
    b = Math.max(b, y);
    area += cross;
    round += Math.hypot(x - u, y - v);
    cx += cross * (u + x);
    cy += cross * (v + y);
    [u, v] = [x, y];
  }
  return {
    l, t, r, b, x: area ? cx / area / 3 : (l + r) / 2, y: area ? cy / area / 3 : (t + b) / 2,
    room: round && 2 * Math.abs(area) / round,
  };
}
