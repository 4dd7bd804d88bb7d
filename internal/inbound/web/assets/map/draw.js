// Draws the map: sections far away, a dust of seats on the way, and seats one by one near by.

import { AS_FREE, AS_HELD, NONE } from './model.js';
import { blend, css, light, mixed, palette, pixel } from './colour.js';
import { Sprites } from './sprites.js';

/** @typedef {{x: number, y: number, k: number}} View the corner of the window, and px per cm */

/** From how many css px a seat on which a seat is dust, and from how many it has a form. */
const DUST = 1.2, FORM = 9;

/** How wide the hidden edge around the dust is: no seat has to be cut off. */
const EDGE = 20;

/** The level on which seats of so many css px are drawn: 0 sections, 1 dust, 2 seats.
 * @param {number} px
 */
export const levelOf = (px) => (px < DUST ? 0 : px < FORM ? 1 : 2);

/** Pixels per css px; beyond two nobody sees more. */
const sharpness = () => Math.min(devicePixelRatio || 1, 2);

export class Painter {
  /** @type {View} */ view = { x: 0, y: 0, k: 1 };
  box = { l: 0, t: 0, r: 0, b: 0 };
  dpr = 0;
  drawn = 0;
  level = 0;
  /** What moves: which kind, and since when.
   * @type {Map<number, {pulse: boolean, since: number}>} */ moving = new Map();
  focus = -1;
  sprites = new Sprites();
  pixels = new Uint32Array((NONE + 1) * 8);
  /** The picture of the dust, with its hidden edge. */
  image = new ImageData(1, 1);
  dots = new Uint32Array();
  wide = 0;
  high = 0;
  /** @type {import('./colour.js').Colour[]} */ ramp = [];
  /** @type {{fill: number[], ink: number[]}[]} */ paints = [];
  /** @type {import('./colour.js').Palette} */ colours = /** @type {any} */ ({});
  /** @type {CanvasPattern | null} */ hatch = null;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import('./model.js').Model} model
   * @param {Map<number, number>} mine
   * @param {string} soldOut
   * @param {string} language
   */
  constructor(canvas, model, mine, soldOut, language) {
    this.canvas = canvas;
    this.model = model;
    this.mine = mine;
    this.soldOut = soldOut;
    this.language = language;
    this.ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
    this.paths = model.plan.sections.map((s) => trace(s.outline));
    // Far away a gap between two sections costs half of what a line would.
    this.cores = model.plan.sections.map((s, i) => trace(s.outline, model.areas[i], 0.96));
    this.solids = model.plan.shapes.map((s) => trace(s.points));
    const home = canvas.parentElement ?? document.body;
    this.sprites.font = getComputedStyle(home).fontFamily;
    this.theme(home);
  }

  /** Reads the colours anew.
   * @param {HTMLElement} element
   */
  theme(element) {
    const p = this.colours = palette(element);
    const dark = light(p.ground) < 128;
    const hues = [p[1], p[2], p[3], p[4], p[5], p[6]];
    for (let tier = 0; tier <= NONE; tier++) {
      [hues[tier % 6], p.held, p.sold].forEach((colour, i) => {
        this.pixels[tier * 8 + 1 + 2 * i] = pixel(colour);
        this.pixels[tier * 8 + 2 + 2 * i] = pixel(blend(colour, p.ground, 0.25));
      });
    }
    this.sprites.theme(p, hues);
    this.ramp = [0, 1, 2, 3, 4, 5].map((step) => blend(p.accent, p.ground, 0.09 * step));
    const { shapes } = this.model.plan;
    const fills = mixed(shapes.map((s) => s.fill || 'transparent'));
    const inks = mixed(shapes.map((s) => s.ink || 'gray'));
    // What is drawn for paper would glare in the dark, and vanish there.
    this.paints = shapes.map((s, i) => ({
      fill: dark && light(fills[i]) > 128 ? blend(fills[i], p.ground, 0.12) : fills[i],
      ink: s.fill && light(fills[i]) < 128 ? inks[i] : p['ink-2'],
    }));
    const hatch = document.createElement('canvas');
    hatch.width = hatch.height = 6;
    const ctx = /** @type {CanvasRenderingContext2D} */ (hatch.getContext('2d'));
    ctx.strokeStyle = css(p.sold);
    ctx.lineWidth = 1.4;
    for (const at of [-6, 0, 6]) {
      ctx.moveTo(at - 1, 7);
      ctx.lineTo(at + 7, -1);
    }
    ctx.stroke();
    this.hatch = this.ctx.createPattern(hatch, 'repeat');
  }

  /** Whether the canvas has as many pixels as the screen: a window may go to another one. */
  sharp() {
    return this.dpr === sharpness();
  }

  /** Gives the canvas its size.
   * @param {number} width in css px
   * @param {number} height
   */
  resize(width, height) {
    this.dpr = sharpness();
    this.sprites.resize(this.dpr);
    const w = this.canvas.width = Math.round(width * this.dpr);
    const h = this.canvas.height = Math.round(height * this.dpr);
    this.wide = w + 2 * EDGE;
    this.high = h + 2 * EDGE;
    this.image = new ImageData(this.wide, this.high);
    this.dots = new Uint32Array(this.image.data.buffer);
  }

  /** Draws everything; it is true while something moves.
   * @param {View} view
   * @param {number} now
   */
  draw(view, now) {
    const { ctx, model, dpr, canvas, colours } = this;
    this.view = view;
    this.drawn = 0;
    const px = model.pitch * view.k;
    this.level = levelOf(px);
    this.box = {
      l: view.x, t: view.y,
      r: view.x + canvas.width / dpr / view.k, b: view.y + canvas.height / dpr / view.k,
    };
    const { l, t, r, b } = this.box, k = view.k * dpr;
    const seen = model.areas.map((_, i) => i).filter((i) => {
      const a = model.areas[i];
      return model.shown(i) && a.r > l && a.l < r && a.b > t && a.t < b;
    });
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    if (this.level === 1) {
      this.dust(px * dpr);
    } else {
      ctx.fillStyle = css(colours.ground);
      ctx.fillRect(0, 0, canvas.width, canvas.height);
    }
    ctx.setTransform(k, 0, 0, k, -view.x * k, -view.y * k);
    this.decorate();
    this.outline(seen, px);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    if (this.level === 2) this.seats(seen, px);
    this.names(seen, px);
    this.sprites.flush();
    return this.own(px, now);
  }

  /** Where a point is on the canvas, in its own pixels.
   * @param {number} x
   * @param {number} y
   */
  at(x, y) {
    const k = this.view.k * this.dpr;
    return [(x - this.view.x) * k, (y - this.view.y) * k];
  }

  /** What stands on the lowest floor, like the stage, is seen from all.
   * @param {import('./decode.js').Shape} shape
   */
  drawsShape({ fill, floor }) {
    const only = this.model.filter.floor;
    return fill && (only < 0 || !floor || floor === only);
  }

  /** The pitch, the stage and what else is there. */
  decorate() {
    const { ctx, level, model } = this;
    model.plan.shapes.forEach((s, i) => {
      if (!this.drawsShape(s)) return;
      const paint = css(this.paints[i].fill);
      // Dust lies over its ground already: there the edge is all that is missing.
      if (level === 1) {
        ctx.lineWidth = 1.5 / this.view.k;
        ctx.strokeStyle = paint;
        ctx.stroke(this.solids[i]);
      } else {
        ctx.fillStyle = paint;
        ctx.fill(this.solids[i]);
      }
    });
  }

  /** The sections: far away by the share that is free, near by as the floor under their seats.
   * @param {number[]} seen
   * @param {number} px
   */
  outline(seen, px) {
    const { ctx, level, model, colours, ramp, view, dpr } = this;
    ctx.lineWidth = 1 / view.k;
    ctx.strokeStyle = css(colours.line);
    for (const i of seen) {
      const s = model.plan.sections[i], path = (level ? this.paths : this.cores)[i];
      if (!level || s.standing) {
        const share = model.freeIn[i] / s.places;
        ctx.fillStyle = css(ramp[Math.ceil(share * 5)]);
        ctx.fill(path);
        if (!share && this.hatch) {
          this.hatch.setTransform(new DOMMatrix().scale(1 / view.k / dpr));
          ctx.fillStyle = this.hatch;
          ctx.fill(path);
        }
      } else if (level === 2) {
        ctx.fillStyle = css(colours.surface);
        ctx.fill(path);
      }
      if (px > 3 || level && s.standing) ctx.stroke(path);
    }
  }

  /** Writes the seats as blocks into one picture: free ones full, held ones hollow, sold ones small.
   * @param {number} px a seat in pixels of the canvas
   */
  dust(px) {
    const { dots, wide, high, model, box, view, dpr, pixels } = this;
    const { x, y } = model.plan, { code, seats } = model;
    const ground = pixel(this.colours.ground);
    dots.fill(ground);
    model.plan.shapes.forEach((s, i) => {
      if (this.drawsShape(s)) this.solid(s.points, pixel(this.paints[i].fill));
    });
    const size = Math.max(1, Math.round(px * 0.8));
    const dot = size < 3 ? size : Math.max(1, Math.round(size * 0.45));
    const shift = size - dot >> 1, rim = size > 5 ? Math.round(size / 6) : 0;
    const full = stamp(size), small = stamp(dot), hole = stamp(size - 2 * rim);
    const k = view.k * dpr, ox = EDGE - view.x * k - size / 2, oy = EDGE - view.y * k - size / 2;
    /** @param {number[]} insets @param {number} at @param {number} n @param {number} colour */
    const put = (insets, at, n, colour) => {
      for (let j = 0; j < n; j++, at += wide) {
        const cut = insets[j], end = at + n - cut;
        for (let p = at + cut; p < end; p++) dots[p] = colour;
      }
    };
    const near = model.pitch;
    model.within(box.l - near, box.t - near, box.r + near, box.b + near, (from, to) => {
      for (let i = from; i < to; i++) {
        const p = seats[i], c = code[p];
        if (!c) continue;
        const cx = x[p] * k + ox | 0, cy = y[p] * k + oy | 0;
        if (cx < 0 || cy < 0 || cx + size > wide || cy + size > high) continue;
        const form = c & 7, colour = pixels[c], at = cy * wide + cx;
        this.drawn++;
        if (form < AS_HELD) put(full, at, size, colour);
        else if (form > AS_HELD + 1) put(small, at + shift * (wide + 1), dot, colour);
        else {
          put(full, at, size, colour);
          if (rim) put(hole, at + rim * (wide + 1), size - 2 * rim, ground);
        }
      }
    });
    this.ctx.putImageData(this.image, -EDGE, -EDGE);
  }

  /** Fills a polygon in the picture of the dust, line by line.
   * @param {number[]} o
   * @param {number} colour
   */
  solid(o, colour) {
    const { dots, wide, high } = this;
    const flat = o.map((v, i) => this.at(v, v)[i % 2] + EDGE);
    const ys = flat.filter((_, i) => i % 2);
    const end = Math.min(high, Math.max(...ys));
    for (let row = Math.max(0, Math.ceil(Math.min(...ys))); row < end; row++) {
      const cuts = [];
      for (let i = 0, j = flat.length - 2; i < flat.length; j = i, i += 2) {
        const a = flat[i + 1], b = flat[j + 1];
        if (a > row !== b > row) cuts.push(flat[i] + (row - a) * (flat[j] - flat[i]) / (b - a));
      }
      cuts.sort((a, b) => a - b);
      for (let i = 0; i + 1 < cuts.length; i += 2) {
        const from = Math.max(0, cuts[i]), to = Math.min(wide, cuts[i + 1]);
        if (to > from) dots.fill(colour, row * wide + Math.round(from), row * wide + Math.round(to));
      }
    }
  }

  /** Draws seats in their form, with the rows' names and, from 26 px on, the seats' numbers.
   * @param {number[]} seen
   * @param {number} px
   */
  seats(seen, px) {
    const { model, box, sprites, ctx, dpr, view } = this;
    const { x, y, flags, rows, sections } = model.plan, { code, seats, pitch } = model;
    const k = view.k * dpr, ox = -view.x * k, oy = -view.y * k;
    sprites.begin(Math.round(px * 0.86 * dpr));
    const near = pitch;
    model.within(box.l - near, box.t - near, box.r + near, box.b + near, (from, to) => {
      for (let i = from; i < to; i++) {
        const p = seats[i], c = code[p];
        if (!c) continue;
        const cx = x[p] * k + ox, cy = y[p] * k + oy;
        this.drawn++;
        sprites.put(ctx, c, flags[p], cx, cy);
        if (px >= 26 && (c & 7) === AS_FREE && !(flags[p] & 3)) {
          sprites.text(ctx, model.seat(p), Math.min(px * 0.36, 15), 'on', cx, cy);
        }
      }
    });
    if (px < 14) return;
    const size = Math.min(px * 0.55, 14);
    for (const i of seen) {
      const s = sections[i];
      for (let r = s.row; r < s.row + s.rows; r++) {
        const { first, seats: n, label } = rows[r], last = first + n - 1;
        for (const [end, next] of [[first, first + 1], [last, last - 1]]) {
          if (n < 2 || !label) continue;
          const wx = x[end] + (x[end] - x[next]), wy = y[end] + (y[end] - y[next]);
          if (wx > box.l && wx < box.r && wy > box.t && wy < box.b) {
            const [cx, cy] = this.at(wx, wy);
            sprites.text(ctx, label, size, 'ink-2', cx, cy);
          }
        }
      }
    }
  }

  /** Names of sections, with how many are free where there is room, and texts of the decoration.
   * @param {number[]} seen
   * @param {number} px
   */
  names(seen, px) {
    const { model, ctx, sprites, view } = this;
    model.plan.shapes.forEach((s, i) => {
      const size = s.size * view.k;
      if (!s.text || size < 7 || px > 40) return;
      const [cx, cy] = this.at(s.x, s.y);
      sprites.text(ctx, s.text, Math.min(size, 28), css(this.paints[i].ink), cx, cy);
    });
    for (const i of seen) {
      const s = model.plan.sections[i], a = model.areas[i], room = a.room * view.k;
      if (this.level && px > 3 && !s.standing) continue;
      const [cx, cy] = this.at(a.x, a.y);
      const dust = this.level === 1 && !s.standing, dpr = this.dpr;
      const free = model.freeIn[i], wide = (a.r - a.l) * view.k, high = (a.b - a.t) * view.k;
      const size = room > 60 ? 14 : room > 30 ? 11 : 10, tall = !dust && room > 42;
      const ink = free ? 'ink' : 'ink-2';
      const fits = Math.min(0.9 * wide, s.standing ? Infinity : 1.35 * room);
      if (high < size + 4 || sprites.width(s.name, size) > fits) continue;
      sprites.text(ctx, s.name, size, ink, cx, cy - (tall ? 7 * dpr : 0), dust);
      if (!tall) continue;
      const said = free ? free.toLocaleString(this.language) : this.soldOut;
      if (sprites.width(said, 11) < room) sprites.text(ctx, said, 11, 'ink-2', cx, cy + 8 * dpr);
    }
  }

  /** Own seats, the focus and what moves: on top of everything, never too small to be seen.
   * @param {number} px
   * @param {number} now
   */
  own(px, now) {
    const { ctx, model, dpr, colours, mine } = this;
    const half = Math.max(px * 0.56, 5) * dpr / 1.12;
    let busy = false;
    const ring = (/** @type {number} */ r, /** @type {import('./colour.js').Name} */ colour,
      /** @type {number} */ width, end = 1) => {
      ctx.beginPath();
      ctx.arc(0, 0, r, -Math.PI / 2, (2 * end - 0.5) * Math.PI);
      ctx.lineWidth = width * dpr;
      ctx.strokeStyle = css(colours[colour]);
      ctx.stroke();
    };
    for (const p of new Set([...mine.keys(), ...this.moving.keys(), this.focus])) {
      const section = model.plan.sectionOf[p];
      // Who stands has no place of his own in the picture.
      if (p < 0 || !model.shown(section) || model.plan.sections[section].standing) {
        this.moving.delete(p);
        continue;
      }
      const [cx, cy] = this.at(model.plan.x[p], model.plan.y[p]);
      const move = this.moving.get(p), t = move ? (now - move.since) / (move.pulse ? 200 : 320) : 1;
      if (t >= 1) this.moving.delete(p);
      else busy = true;
      const sway = t < 1 && !move?.pulse ? Math.sin(t * 6 * Math.PI) * 4 * (1 - t) * dpr : 0;
      ctx.setTransform(1, 0, 0, 1, cx + sway, cy);
      const since = mine.get(p);
      if (since !== undefined) {
        const filled = since ? Math.min((now - since) / 300, 1) : 1;
        ctx.beginPath();
        ctx.arc(0, 0, half * 1.12, 0, 7);
        ctx.fillStyle = css(colours.mine);
        ctx.fill();
        ring(half * 1.12 + dpr, 'surface', 2);
        ring(half * 1.12 + 3 * dpr, 'mine', 2, filled);
        busy ||= filled < 1;
        if (!since && half > 3) {
          ctx.beginPath();
          ctx.moveTo(-half * 0.45, 0);
          ctx.lineTo(-half * 0.1, half * 0.38);
          ctx.lineTo(half * 0.5, -half * 0.38);
          ctx.lineWidth = Math.max(half * 0.22, 1.4 * dpr);
          ctx.strokeStyle = css(colours.surface);
          ctx.stroke();
        }
      }
      if (t < 1) ring(half * (move?.pulse ? 1 + t : 1.1), 'accent', 2);
      if (p === this.focus) ring(half * 1.12 + (since === undefined ? 3.5 : 7) * dpr, 'focus', 3);
    }
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    return busy;
  }
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
function stamp(size) {
  const r = size > 3 ? Math.round(size / 4) : 0;
  return Array.from({ length: size }, (_, j) => {
    const d = r - Math.min(j, size - 1 - j) - 0.5;
    return d > 0 ? Math.round(r - Math.sqrt(Math.max(r * r - d * d, 0))) : 0;
  });
}
