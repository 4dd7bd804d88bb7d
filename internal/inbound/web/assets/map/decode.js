// The seat plan as the server sends it: docs/plan-format.md, binary form, version 1.

/**
 * @typedef {object} Section
 * @property {string} name
 * @property {number} floor
 * @property {string} entrance
 * @property {number} standing how many places without a seat there are, 0 where there are rows
 * @property {number} first the first place
 * @property {number} places
 * @property {number} row the first row
 * @property {number} rows
 * @property {number[]} outline x and y in turn, in centimetres
 */

/**
 * @typedef {object} Numbering
 * @property {number} order
 * @property {number} start
 * @property {number} step
 * @property {string} prefix
 * @property {number[]} skip
 */

/**
 * @typedef {object} Row
 * @property {number} section
 * @property {number} first
 * @property {number} seats
 * @property {string} label
 * @property {string} title
 * @property {string} seatTitle
 * @property {Numbering | null} numbering
 * @property {string[]} labels of a row that lists its seats
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

/**
 * @typedef {object} Plan
 * @property {number} places
 * @property {number[]} focal
 * @property {string[]} floors
 * @property {Section[]} sections
 * @property {Row[]} rows
 * @property {Shape[]} shapes
 * @property {number[]} pitches how far the seats of each row are apart
 * @property {Int32Array} x of each place: worked out when it is first asked for
 * @property {Int32Array} y
 * @property {Uint16Array} sectionOf
 * @property {Uint16Array} rowOf
 * @property {Uint8Array} flags 1 accessible, 2 companion, 4 restricted
 * @property {Map<number, string>} reasons
 */

/** Reads a plan; it throws where the bytes are something else.
 * @param {ArrayBuffer} buffer
 * @returns {Plan}
 */
export function decodePlan(buffer) {
  const bytes = new Uint8Array(buffer);
  let at = 5;
  if (String.fromCharCode(...bytes.subarray(0, at)) !== 'TFPL\x01') throw new Error('not a plan');

  const uint = () => {
    for (let v = 0, unit = 1; ; unit *= 128) {
      const c = bytes[at++];
      if (c === undefined) throw new Error('the plan breaks off');
      v += (c & 127) * unit;
      if (c < 128) return v;
    }
  };
  const int = () => {
    const v = uint();
    return v % 2 ? -(v + 1) / 2 : v / 2;
  };
  /** @template T @param {number} n @param {(i: number) => T} read */
  const many = (n, read) => {
    /** @type {T[]} */
    const list = [];
    for (let i = 0; i < n; i++) list.push(read(i));
    return list;
  };
  const uints = (/** @type {number} */ n) => many(n, uint);
  const steps = (/** @type {number} */ n) => {
    let v = 0;
    return many(n, () => (v += int()));
  };
  /** Columns of numbers, each as its difference from where its group was going.
   * @param {boolean[]} starts
   */
  const bends = (starts) => {
    let [first, last, step, count] = [0, 0, 0, 0];
    return starts.map((start) => {
      if (start) count = 0;
      const v = int() + (start ? first : count === 1 ? last : last + step);
      if (count++) step = v - last;
      else first = v;
      return (last = v);
    });
  };

  const utf8 = new TextDecoder();
  const texts = uints(uint()).map((n) => [n]);
  const words = texts.map(([n = 0]) => utf8.decode(bytes.subarray(at, (at += n))));
  const word = (/** @type {number} */ n) => words[n] ?? '';
  const text = () => word(uint());

  text(); // the plan's name
  const focal = [int(), int()];
  const floors = many(uint(), text);
  uints(2 * uint()); // categories: an event's tiers say what counts
  const numberings = many(uint(), () => ({
    order: uint(), start: uint() || 1, step: uint() || 1, prefix: text(), skip: steps(uint()),
  }));

  const n = uint();
  const names = steps(n), floorOf = uints(n);
  uints(n); // category
  const entrances = uints(n), standing = uints(n), rowsOf = uints(n), corners = uints(n);
  const points = corners.reduce((a, b) => a + b, 0);
  const px = steps(points), py = steps(points);
  let corner = 0;
  const sections = many(n, (i) => ({
    name: word(names[i]), floor: floorOf[i], entrance: word(entrances[i]),
    standing: standing[i], rows: rowsOf[i], first: 0, places: 0, row: 0,
    outline: many(2 * corners[i], (k) => (k % 2 ? py[corner++] : px[corner])),
  }));

  const r = rowsOf.reduce((a, b) => a + b, 0);
  const labels = steps(r), titles = uints(r), seatTitles = uints(r);
  uints(r); // category
  const schemes = uints(r), seats = steps(r);
  let row = 0, places = 0;
  /** @type {Row[]} */
  const rows = [];
  sections.forEach((s, section) => {
    s.row = row;
    s.first = places;
    places += s.standing;
    for (; row < s.row + s.rows; row++) {
      rows.push({
        section, first: places, seats: seats[row], label: word(labels[row]),
        title: word(titles[row]), seatTitle: word(seatTitles[row]),
        numbering: numberings[schemes[row] - 1] ?? null, labels: [],
      });
      places += seats[row];
    }
    s.places = places - s.first;
  });

  const x = new Int32Array(places), y = new Int32Array(places);
  const sectionOf = new Uint16Array(places), rowOf = new Uint16Array(places);
  const arcs = rows.filter((one) => one.numbering);
  const starts = arcs.map((one, i) => !i || arcs[i - 1].section !== one.section);
  const ends = many(5, () => bends(starts));
  const lists = rows.filter((one) => !one.numbering);
  const heads = lists.flatMap((one) => many(one.seats, (i) => !i));
  const lx = bends(heads), ly = bends(heads), ll = steps(heads.length);
  steps(heads.length); // category
  let seat = 0;
  for (const one of lists) {
    for (let p = one.first; p < one.first + one.seats; p++, seat++) {
      x[p] = lx[seat];
      y[p] = ly[seat];
      one.labels.push(word(ll[seat]));
    }
  }
  rows.forEach((one, i) => rowOf.fill(i, one.first, one.first + one.seats));
  sections.forEach((s, i) => sectionOf.fill(i, s.first, s.first + s.places));

  const marked = uint();
  const flags = new Uint8Array(places), reasons = new Map();
  const marks = steps(marked), kinds = uints(marked), why = uints(marked);
  marks.forEach((p, i) => {
    flags[p] = kinds[i];
    if (why[i]) reasons.set(p, word(why[i]));
  });
  const shapes = many(uint(), () => {
    const kind = uint(), floor = uint(), ax = int(), ay = int(), w = int(), h = int();
    const turn = int() * Math.PI / 18000;
    const fill = text();
    text(); // border
    const said = text(), ink = text(), tx = int(), ty = int(), size = uint(), k = uint();
    const cx = steps(k), cy = steps(k);
    const list = kind ? contour(kind, w, h) : many(k, (i) => [cx[i] - ax, cy[i] - ay]);
    const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
    return {
      floor, fill, text: said, ink, x: tx, y: ty, size,
      points: list.flatMap(([u, v]) => [ax + u * cos - v * sin, ay + u * sin + v * cos]),
    };
  });
  const [x0, y0, x1, y1, bow] = ends;
  const pitches = arcs.map(({ seats: n }, i) => {
    const c = Math.hypot(x1[i] - x0[i], y1[i] - y0[i]), s = Math.abs(bow[i]);
    return s ? (c * c / 4 + s * s) / s * Math.sin(2 * Math.atan2(2 * s, c) / (n - 1)) : c / (n - 1);
  });
  for (const { first: p, seats: n } of lists) {
    if (n > 1) pitches.push(Math.hypot(x[p] - x[p + 1], y[p] - y[p + 1]));
  }

  let laid = false;
  // The picture of a whole house needs no seat: those who wait for it don't wait for 80,000.
  const lay = () => {
    if (laid) return;
    laid = true;
    arcs.forEach((one, i) => layOut(one, ends.map((column) => column[i]), x, y));
    for (const s of sections) {
      const middle = measure(s);
      x.fill(middle.x, s.first, s.first + s.standing);
      y.fill(middle.y, s.first, s.first + s.standing);
    }
  };
  return {
    places, focal, floors, sections, rows, shapes, sectionOf, rowOf, flags, reasons,
    pitches: pitches.filter((gap) => gap > 0 && gap < Infinity),
    get x() {
      lay();
      return x;
    },
    get y() {
      lay();
      return y;
    },
  };
}

/** Lays the seats of a row out on its arc.
 * @param {Row} row
 * @param {number[]} ends x0, y0, x1, y1 and the sagitta
 * @param {Int32Array} x
 * @param {Int32Array} y
 */
function layOut({ first, seats: n }, [x0, y0, x1, y1, sagitta], x, y) {
  const c = Math.hypot(x1 - x0, y1 - y0), s = Math.abs(sagitta);
  const ux = c && (x1 - x0) / c, uy = c && (y1 - y0) / c;
  const mx = (x0 + x1) / 2, my = (y0 + y1) / 2;
  const radius = s && (c * c / 4 + s * s) / (2 * s), half = s && 2 * Math.atan2(2 * s, c);
  // One seat turns into the next by the same small angle: two sines a row are enough.
  const turn = n > 1 ? 2 * half / (n - 1) : 0;
  const st = Math.sin(turn), ct = Math.cos(turn);
  let sin = n > 1 ? Math.sin(-half) : 0, cos = n > 1 ? Math.cos(half) : 1;
  for (let i = 0; i < n; i++) {
    const along = s ? radius * sin : c * ((n > 1 ? i / (n - 1) : 0.5) - 0.5);
    const above = s ? Math.sign(sagitta) * (s - radius * (1 - cos)) : 0;
    x[first + i] = Math.round(mx + ux * along + uy * above);
    y[first + i] = Math.round(my + uy * along - ux * above);
    [sin, cos] = [sin * ct + cos * st, cos * ct - sin * st];
  }
}

/** The corners of a rectangle, ellipse or circle about its own point.
 * @param {number} kind
 * @param {number} w
 * @param {number} h
 */
function contour(kind, w, h) {
  if (kind === 4) return [];
  if (kind === 1) return [[0, 0], [w, 0], [w, h], [0, h]];
  return Array.from({ length: 60 }, (_, i) => {
    const angle = i * Math.PI / 30;
    return [w * Math.cos(angle), (kind === 3 ? w : h) * Math.sin(angle)];
  });
}

/** The label of seat i of a row.
 * @param {Row} row
 * @param {number} i
 */
export function seatLabel(row, i) {
  const scheme = row.numbering;
  if (!scheme) return row.labels[i];
  const n = row.seats, half = Math.ceil(n / 2);
  const turn = [
    i, n - 1 - i, i < half ? 2 * (half - 1 - i) : 2 * (i - half) + 1,
    i < half ? 2 * i : 2 * (n - 1 - i) + 1,
  ][scheme.order];
  let number = scheme.start + turn * scheme.step;
  for (const no of scheme.skip) {
    if (no >= scheme.start && no <= number && !((no - scheme.start) % scheme.step)) {
      number += scheme.step;
    }
  }
  return scheme.prefix + number;
}

/** The box, the middle and the inner width of a section.
 * @param {import('./decode.js').Section} section
 */
export function measure({ outline: o }) {
  let [l, t, r, b, area, round, cx, cy] = [Infinity, Infinity, -Infinity, -Infinity, 0, 0, 0, 0];
  for (let k = 0, j = o.length - 2; k < o.length; j = k, k += 2) {
    const cross = o[j] * o[k + 1] - o[k] * o[j + 1];
    l = Math.min(l, o[k]);
    r = Math.max(r, o[k]);
    t = Math.min(t, o[k + 1]);
    b = Math.max(b, o[k + 1]);
    area += cross;
    round += Math.hypot(o[k] - o[j], o[k + 1] - o[j + 1]);
    cx += cross * (o[j] + o[k]);
    cy += cross * (o[j + 1] + o[k + 1]);
  }
  return {
    l, t, r, b, x: area ? cx / (3 * area) : (l + r) / 2, y: area ? cy / (3 * area) : (t + b) / 2,
    room: round && 2 * Math.abs(area) / round,
  };
}
