// Draws the map: sections far away, a dust of seats on the way, and seats one by one near by.

import { AS_FREE, AS_HELD, NONE } from './model.js';
import { blend, css, dark, mixer, pad, palette, pixel } from './colour.js';
import { hue, makeSprites } from './sprites.js';
import { many } from './words.js';

/** @typedef {{x: number, y: number, k: number}} View the corner of the window, and px per cm */
/** @typedef {ReturnType<typeof makePainter>} Painter */

/** From how many css px a seat on which a seat is dust, and from how many it has a form. */
const DUST = 1.2, FORM = 9;

/** How wide the hidden edge around the dust is: no seat has to be cut off. */
const EDGE = 20;

/** Pixels per css px; beyond two nobody sees more. */
export const sharpness = () => Math.min(devicePixelRatio, 2);

/** How long a seat pulses and shakes, in ms. */
const PULSE = 200, SHAKE = 320;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import('./model.js').Model} model
 * @param {Map<number, number>} mine
 * @param {string} soldOut
 * @param {string} language
 */
export function makePainter(canvas, model, mine, soldOut, language) {
  const { plan, freeIn, pitch, shown } = model, { sections, shapes, flags } = plan;
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
  const paths = sections.map((s) => trace(s.outline));
  // Far away a gap between two sections costs half of what a line would.
  const cores = sections.map((s) => trace(s.outline, s, 0.96));
  const solids = shapes.map((s) => trace(s.points));
  const sprites = makeSprites(ctx, getComputedStyle(canvas).fontFamily), { text, width } = sprites;
  const pixels = new Uint32Array((NONE + 1) * 8);
  /** The picture of the dust, with its hidden edge.
   * @type {ImageData | undefined} */
  let image;
  /** @type {Uint32Array} */
  let dots;
  let wide = 0, high = 0;
  /** @type {import('./colour.js').Palette} */
  let colours;
  /** @type {{fill: number[], ink: number[]}[]} */
  let paints;
  /** @type {CanvasPattern} */
  let hatch;
  // The view that is drawn: its scale in pixels of the canvas, how large a seat is, what is seen.
  let k = 1, px = 0, l = 0, t = 0, r = 0, b = 0;
  /** @type {import('./decode.js').Section[]} */
  let seen;

  const painter = {
    ctx, sprites, level: 0, drawn: 0, dpr: 0, focus: -1,
    /** What moves: since when, in ms, and whether it pulses or shakes.
     * @type {Map<number, {pulse: boolean, since: number}>} */ moving: new Map(),

    /** The section at a point, or -1: the last one drawn lies on top.
     * @param {number} wx
     * @param {number} wy
     */
    sectionAt: (wx, wy) =>
      sections.findLastIndex((_, i) => shown(i) && ctx.isPointInPath(paths[i], wx, wy)),

    /** Reads the colours anew. */
    theme() {
      const mixed = mixer();
      colours = palette(canvas, mixed);
      const { ground } = colours, night = dark(ground);
      for (let tier = 0; tier <= NONE; tier++) {
        [hue(colours, tier), colours.held, colours.sold].forEach((colour, i) => {
          pixels[tier * 8 + 1 + 2 * i] = pixel(colour);
          pixels[tier * 8 + 2 + 2 * i] = pixel(blend(colour, ground, 0.25));
        });
      }
      sprites.theme(colours);
      // What is drawn for paper would glare in the dark, and vanish there.
      paints = shapes.map((s) => {
        const fill = mixed(s.fill || 'gray');
        return {
          fill: night && !dark(fill) ? blend(fill, ground, 0.12) : fill,
          ink: s.fill && dark(fill) ? mixed(s.ink || 'gray') : colours['ink-2'],
        };
      });
      const pen = pad(6);
      pen.strokeStyle = css(colours.sold);
      pen.lineWidth = 1.4;
      pen.stroke(new Path2D('M-7 7 1-1M-1 7 7-1M5 7 13-1'));
      hatch = /** @type {CanvasPattern} */ (ctx.createPattern(pen.canvas, 'repeat'));
    },

    /** Gives the canvas its size.
     * @param {number} width in css px
     * @param {number} height
     */
    resize(width, height) {
      const dpr = painter.dpr = sharpness();
      wide = (canvas.width = Math.round(width * dpr)) + 2 * EDGE;
      high = (canvas.height = Math.round(height * dpr)) + 2 * EDGE;
      image = undefined;
    },

    /** Draws everything; it is true while something moves.
     * @param {View} view
     * @param {number} now
     * @param {boolean} [bare] without a word
     */
    draw(view, now, bare) {
      const { dpr } = painter, { width: w, height: h } = canvas;
      k = view.k * dpr;
      px = pitch * view.k;
      l = view.x;
      t = view.y;
      r = l + w / k;
      b = t + h / k;
      painter.drawn = 0;
      // 0 are sections, 1 is dust, and 2 are seats.
      const level = painter.level = px < DUST ? 0 : px < FORM ? 1 : 2;
      seen = sections.filter((a, i) => shown(i) && a.r > l && a.l < r && a.b > t && a.t < b);
      ctx.resetTransform();
      if (level === 1) {
        dust(px * dpr);
      } else {
        ctx.fillStyle = css(colours.ground);
        ctx.fillRect(0, 0, w, h);
      }
      ctx.setTransform(k, 0, 0, k, -l * k, -t * k);
      decorate();
      outline();
      ctx.resetTransform();
      if (level > 1) seats();
      if (!bare) names();
      sprites.texts.flush();
      return own(now);
    },

    /** Where a point is on the canvas, in its own pixels.
     * @param {number} x
     * @param {number} y
     * @returns {[number, number]}
     */
    at: (x, y) => [(x - l) * k, (y - t) * k],
  };
  const { at } = painter;
  painter.theme();

  /** Visits what decorates the house, like the stage. What stands on the lowest floor is seen from all.
   * @param {(shape: import('./decode.js').Shape, fill: number[], i: number) => void} visit
   */
  function decoration(visit) {
    const { floor } = model.filter;
    shapes.forEach((s, i) => {
      if (s.fill && (floor < 0 || !s.floor || s.floor === floor)) visit(s, paints[i].fill, i);
    });
  }

  /** The pitch, the stage and what else is there. */
  function decorate() {
    decoration((_, fill, i) => {
      ctx.fillStyle = ctx.strokeStyle = css(fill);
      ctx.lineWidth = 1.5 * painter.dpr / k;
      // Dust lies over its ground already: there the edge is all that is missing.
      if (painter.level === 1) ctx.stroke(solids[i]);
      else ctx.fill(solids[i]);
    });
  }

  /** The sections: far away by the share that is free, near by as the floor under their seats. */
  function outline() {
    const { level, dpr } = painter;
    ctx.lineWidth = dpr / k;
    ctx.strokeStyle = css(colours.line);
    for (const s of seen) {
      const i = s.index, path = (level ? paths : cores)[i], share = freeIn[i] / s.places;
      const filled = !level || s.standing;
      ctx.fillStyle = css(filled ? blend(colours.accent, colours.ground, 0.09 * Math.ceil(share * 5)) :
        colours.surface);
      if (filled || level > 1) ctx.fill(path);
      if (filled && !share) {
        hatch.setTransform({ a: 1 / k, d: 1 / k });
        ctx.fillStyle = hatch;
        ctx.fill(path);
      }
      if (px > 3 || level && filled) ctx.stroke(path);
    }
  }

  /** Writes the seats as blocks into one picture: free ones full, held ones hollow, sold ones small.
   * @param {number} px a seat in pixels of the canvas
   */
  function dust(px) {
    if (!image) {
      image = new ImageData(wide, high);
      dots = new Uint32Array(image.data.buffer);
    }
    const { x, y } = plan, ground = pixel(colours.ground);
    dots.fill(ground);
    decoration((s, fill) => solid(s.points, pixel(fill)));
    const size = Math.max(1, Math.round(px * 0.8));
    const dot = size < 3 ? size : Math.max(1, Math.round(size * 0.45));
    const shift = size - dot >> 1, rim = size > 5 ? Math.round(size / 6) : 0;
    const full = stamp(size), small = stamp(dot), hole = stamp(size - 2 * rim);
    const ox = EDGE - l * k - size / 2, oy = EDGE - t * k - size / 2;
    /** @param {number[]} insets @param {number} at @param {number} inset @param {number} colour */
    const put = (insets, at, inset, colour) => {
      const n = insets.length;
      at += inset * (wide + 1);
      for (let j = 0; j < n; j++, at += wide) {
        const cut = insets[j], end = at + n - cut;
        for (let p = at + cut; p < end; p++) dots[p] = colour;
      }
    };
    inView((p, code) => {
      const cx = x[p] * k + ox | 0, cy = y[p] * k + oy | 0;
      if (cx < 0 || cy < 0 || cx + size > wide || cy + size > high) return;
      const form = code & 7, at = cy * wide + cx;
      painter.drawn++;
      if (form > AS_HELD + 1) put(small, at, shift, pixels[code]);
      else {
        put(full, at, 0, pixels[code]);
        if (rim && form >= AS_HELD) put(hole, at, rim, ground);
      }
    });
    ctx.putImageData(image, -EDGE, -EDGE);
  }

  /** Fills a polygon in the picture of the dust, line by line.
   * @param {number[]} o
   * @param {number} colour
   */
  function solid(o, colour) {
    const flat = o.map((v, i) => at(v, v)[i % 2] + EDGE), ys = flat.filter((_, i) => i % 2);
    const end = Math.min(high, Math.max(...ys));
    for (let row = Math.max(0, Math.ceil(Math.min(...ys))); row < end; row++) {
      const cuts = [];
      for (let i = 0, j = flat.length - 2; i < flat.length; j = i, i += 2) {
        const a = flat[i + 1], b = flat[j + 1];
        if (a > row !== b > row) {
          const cut = flat[i] + (row - a) * (flat[j] - flat[i]) / (b - a);
          cuts.push(row * wide + Math.round(Math.max(0, Math.min(cut, wide))));
        }
      }
      cuts.sort((a, b) => a - b);
      for (let i = 0; i < cuts.length; i += 2) dots.fill(colour, cuts[i], cuts[i + 1]);
    }
  }

  /** Visits the seats that may be seen.
   * @param {(place: number, code: number) => void} visit
   */
  function inView(visit) {
    model.within(l - pitch, t - pitch, r + pitch, b + pitch, visit);
  }

  /** Draws seats in their form, with the rows' names and, from 26 px on, the seats' numbers. */
  function seats() {
    const { x, y } = plan, { dpr } = painter;
    const small = Math.round(Math.min(px * 0.36, 15)) * dpr;
    sprites.begin(Math.round(px * 0.86 * dpr), dpr);
    inView((p, code) => {
      const cx = (x[p] - l) * k, cy = (y[p] - t) * k;
      painter.drawn++;
      sprites.seat(code, flags[p], cx, cy);
      if (px >= 26 && (code & 7) === AS_FREE && !(flags[p] & 3)) {
        text(plan.label(p, plan.rowOf(p)), small, colours.on, cx, cy);
      }
    });
    if (px < 14) return;
    for (const s of seen) {
      for (let i = 0; i < s.rows; i++) {
        const { first, seats: n, label } = plan.row(s.row + i), last = first + n - 1;
        for (const [end, next] of [[first, first + 1], [last, last - 1]]) {
          const wx = 2 * x[end] - x[next], wy = 2 * y[end] - y[next];
          if (n > 1 && label && wx > l && wx < r && wy > t && wy < b) {
            text(label, Math.round(Math.min(px * 0.55, 14)) * dpr, colours['ink-2'], ...at(wx, wy));
          }
        }
      }
    }
  }

  /** Names of sections, with how many are free where there is room, and texts of the decoration. */
  function names() {
    const { level, dpr } = painter;
    shapes.forEach((s, i) => {
      const size = s.size * k / dpr;
      if (s.text && size >= 7 && px <= 40) {
        text(s.text, Math.round(Math.min(size, 28)) * dpr, paints[i].ink, ...at(s.x, s.y));
      }
    });
    for (const s of seen) {
      const room = s.room * k, free = freeIn[s.index], { standing } = s;
      const size = (room > 60 * dpr ? 14 : room > 30 * dpr ? 11 : 10) * dpr;
      const dusty = level === 1 && !standing, tall = !dusty && room > 42 * dpr;
      const most = Math.min(0.9 * (s.r - s.l) * k, standing ? Infinity : 1.35 * room);
      if (level && px > 3 && !standing || (s.b - s.t) * k < size + 4 * dpr ||
        width(s.name, size) > most) continue;
      const [cx, cy] = at(s.x, s.y);
      text(s.name, size, free ? colours.ink : colours['ink-2'], cx, cy - (tall ? 7 * dpr : 0), dusty);
      if (!tall) continue;
      const said = free ? free.toLocaleString(language) : soldOut;
      if (width(said, 11 * dpr) < room) text(said, 11 * dpr, colours['ink-2'], cx, cy + 8 * dpr);
    }
  }

  /** Own seats, the focus and what moves: on top of everything, never too small to be seen.
   * @param {number} now
   */
  function own(now) {
    const { dpr, moving, focus } = painter, half = Math.max(px * 0.5, 4.5) * dpr, unit = dpr / half;
    let busy = false;
    /** @param {number} r @param {import('./colour.js').Name} colour @param {number} [width] */
    const ring = (r, colour, width, end = 1) => {
      ctx.beginPath();
      ctx.arc(0, 0, r, -Math.PI / 2, (2 * end - 0.5) * Math.PI);
      ctx.fillStyle = ctx.strokeStyle = css(colours[colour]);
      if (!width) return ctx.fill();
      ctx.lineWidth = width * unit;
      ctx.stroke();
    };
    for (const p of new Set([...mine.keys(), ...moving.keys(), focus])) {
      // Who stands has no place of his own in the picture.
      const section = sections[plan.sectionOf[p]];
      if (!section || section.standing || !shown(section.index)) {
        moving.delete(p);
        continue;
      }
      const [cx, cy] = at(plan.x[p], plan.y[p]);
      const move = moving.get(p), t = move ? (now - move.since) / (move.pulse ? PULSE : SHAKE) : 1;
      if (t >= 1) moving.delete(p);
      else busy = true;
      const sway = t < 1 && !move?.pulse ? Math.sin(t * 6 * Math.PI) * 4 * (1 - t) * dpr : 0;
      ctx.setTransform(half, 0, 0, half, cx + sway, cy);
      const since = mine.get(p), is = since !== undefined;
      if (is) {
        const filled = since ? Math.min((now - since) / 300, 1) : 1;
        ring(1.12, 'mine');
        ring(1.12 + unit, 'surface', 2);
        ring(1.12 + 3 * unit, 'mine', 2, filled);
        busy ||= filled < 1;
        if (!since) {
          ctx.lineWidth = Math.max(0.22, 1.4 * unit);
          ctx.strokeStyle = css(colours.surface);
          ctx.stroke(new Path2D('M-.45 0-.1.38.5-.38'));
        }
      }
      if (t < 1) ring(move?.pulse ? 1 + t : 1.1, 'accent', 2);
      if (p === focus) ring(1.12 + (is ? 7 : 3.5) * unit, 'focus', 3);
    }
    ctx.resetTransform();
    return busy;
  }

  return painter;
}

/** Traces a polygon, or one that is smaller about a point.
 * @param {number[]} o x and y in turn
 */
function trace(o, { x, y } = { x: 0, y: 0 }, size = 1) {
  const path = new Path2D();
  for (let i = 0; i < o.length; i += 2) {
    path.lineTo(x + (o[i] - x) * size, y + (o[i + 1] - y) * size);
  }
  path.closePath();
  return path;
}

/** How much each line of a block is shorter at both ends, for round corners.
 * @param {number} size
 */
const stamp = (size) => many(size, (j) => +(size > 5 && !(j % (size - 1))));
