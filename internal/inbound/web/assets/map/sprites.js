// Small pictures that are drawn once and used often: seats by price and form, and texts.

import { AS_HELD, NONE } from './model.js';
import { blend, css } from './colour.js';

/** @typedef {import('./colour.js').Palette} Palette */
/** @typedef {import('./colour.js').Colour} Colour */

const SHEET = 1024;

/** @typedef {{x: number, y: number, w: number, h: number}} Spot */

/** A canvas that fills up with small pictures. They are put first and drawn all at once: to draw
 * from a canvas that has changed since the last time costs a copy of all of it.
 */
class Sheet {
  /** What is put: the picture, and the corner where it goes.
   * @type {{spot: Spot, x: number, y: number}[]} */ waiting = [];
  /** @type {CanvasRenderingContext2D | undefined} */ to;
  x = 0;
  y = 0;
  tall = 0;
  /** The size that its font was set to, in px: to set it is dear. */
  px = 0;
  canvas = document.createElement('canvas');
  ctx = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
  /** @type {Map<string | number, Spot>} */ known = new Map();

  /** Draws what has been put before the sheet is used anew. */
  full = () => this.flush();

  constructor() {
    this.clear();
  }

  clear() {
    this.canvas.width = this.canvas.height = SHEET; // which makes it empty
    this.known.clear();
    this.x = this.y = this.tall = this.px = 0;
  }

  /** Finds a picture, or makes room for it and has it drawn about the middle of its room.
   * @param {string | number} key
   * @param {() => [number, number]} measure
   * @param {(ctx: CanvasRenderingContext2D) => void} draw
   */
  find(key, measure, draw) {
    let spot = this.known.get(key);
    if (spot) return spot;
    const [w, h] = measure().map((v) => Math.min(Math.ceil(v), SHEET));
    if (this.x + w > SHEET) {
      this.x = 0;
      this.y += this.tall;
      this.tall = 0;
    }
    if (this.y + h > SHEET) {
      this.full();
      this.clear();
    }
    spot = { x: this.x, y: this.y, w, h };
    this.known.set(key, spot);
    this.x += w;
    this.tall = Math.max(this.tall, h);
    this.ctx.setTransform(1, 0, 0, 1, spot.x + w / 2, spot.y + h / 2);
    draw(this.ctx);
    return spot;
  }

  /** @param {CanvasRenderingContext2D} to @param {Spot} spot
   * @param {number} x @param {number} y */
  put(to, spot, x, y) {
    this.to = to;
    this.waiting.push({ spot, x: Math.round(x - spot.w / 2), y: Math.round(y - spot.h / 2) });
  }

  /** Draws what has been put. */
  flush() {
    for (const { spot: { x, y, w, h }, x: left, y: top } of this.waiting) {
      this.to?.drawImage(this.canvas, x, y, w, h, left, top, w, h);
    }
    this.waiting = [];
  }
}

export class Sprites {
  forms = new Sheet();
  texts = new Sheet();
  dpr = 1;
  size = 0;
  font = '';
  /** @type {Map<string, number>} */ widths = new Map();
  /** @type {Palette} */ colours = /** @type {any} */ ({});
  /** @type {Colour[]} */ hues = [];

  constructor() {
    this.texts.full = () => this.flush(); // seats would come to lie over the texts on them
  }

  /** @param {Palette} colours @param {Colour[]} hues */
  theme(colours, hues) {
    this.colours = colours;
    this.hues = hues;
    this.forms.clear();
    this.texts.clear();
  }

  /** @param {number} dpr */
  resize(dpr) {
    this.dpr = dpr;
    this.texts.clear();
    this.size = 0;
  }

  /** Draws all that has been put, texts on top. */
  flush() {
    this.forms.flush();
    this.texts.flush();
  }

  /** Seats will be so many pixels wide.
   * @param {number} size
   */
  begin(size) {
    if (size !== this.size) this.forms.clear();
    this.size = size;
  }

  /** Draws a seat.
   * @param {CanvasRenderingContext2D} to
   * @param {number} code
   * @param {number} flags
   * @param {number} x
   * @param {number} y
   */
  put(to, code, flags, x, y) {
    const { size } = this, form = code & 7;
    // A seat that can't be had looks the same whatever it costs.
    const key = form < AS_HELD ? code << 3 | flags : form;
    const spot = this.forms.find(key, () => [size + 2, size + 2], (ctx) => this.form(ctx, code, flags));
    this.forms.put(to, spot, x, y);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number} code @param {number} flags */
  form(ctx, code, flags) {
    const { size: s, colours, hues } = this;
    const form = code & 7, tier = code >> 3, h = s / 2;
    ctx.save();
    if (form % 2 === 0) ctx.globalAlpha = 0.25;
    const disc = (/** @type {number} */ share) => {
      ctx.beginPath();
      ctx.arc(0, 0, h * share, 0, 7);
      ctx.fill();
    };
    if (form >= AS_HELD) {
      ctx.fillStyle = ctx.strokeStyle = css(form < AS_HELD + 2 ? colours.held : colours.sold);
      disc(form < AS_HELD + 2 ? 0.45 : 0.36);
      ctx.lineWidth = Math.max(1.5 * this.dpr, s / 14);
      if (form < AS_HELD + 2) this.chair(ctx, h - ctx.lineWidth / 2, false).stroke();
      ctx.restore();
      return;
    }
    ctx.fillStyle = css(hues[tier % 6]);
    this.chair(ctx, h, !!(flags & 3), !!(flags & 4)).fill();
    ctx.fillStyle = ctx.strokeStyle = css(colours.on);
    ctx.lineWidth = Math.max(1, s / 12);
    if (flags & 1) {
      ctx.beginPath();
      ctx.arc(-h * 0.1, -h * 0.62, h * 0.14, 0, 7);
      ctx.fill();
      ctx.beginPath();
      ctx.arc(0, h * 0.22, h * 0.4, -2.6, 1.9, true);
      ctx.moveTo(-h * 0.1, -h * 0.4);
      ctx.lineTo(-h * 0.05, h * 0.1);
      ctx.lineTo(h * 0.4, h * 0.1);
      ctx.lineTo(h * 0.6, h * 0.6);
      ctx.stroke();
    } else if (flags & 2 || tier > 5 && tier < NONE) {
      // More prices than hues: the same hue again, with a letter.
      ctx.font = `600 ${s * 0.46}px ${this.font}`;
      this.write(ctx, flags & 2 ? '+1' : String.fromCharCode(64 + Math.floor(tier / 6)), s * 0.46);
    }
    ctx.restore();
  }

  /** The outline of a seat: round at the back, with a corner cut off where the view is.
   * @param {CanvasRenderingContext2D} ctx
   * @param {number} h half its width
   * @param {boolean} square
   */
  chair(ctx, h, square, cut = false) {
    const top = square ? h * 0.2 : h * 0.9, low = square ? h * 0.2 : h * 0.5;
    ctx.beginPath();
    if (cut) {
      ctx.moveTo(h, h * 0.1);
      ctx.lineTo(h * 0.1, h);
      ctx.arcTo(-h, h, -h, 0, low);
      ctx.arcTo(-h, -h, 0, -h, top);
      ctx.arcTo(h, -h, h, 0, top);
      ctx.closePath();
    } else {
      ctx.roundRect(-h, -h, 2 * h, 2 * h, [top, top, low, low]);
    }
    return ctx;
  }

  /** @param {CanvasRenderingContext2D} ctx @param {string} text @param {number} size */
  write(ctx, text, size) {
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillText(text, 0, size * 0.06);
  }

  /** Sets the font of texts.
   * @param {number} px
   */
  type(px) {
    if (px === this.texts.px) return;
    this.texts.px = px;
    this.texts.ctx.font = `600 ${px}px ${this.font}`;
  }

  /** How wide a text is, in css px.
   * @param {string} text
   * @param {number} size
   */
  width(text, size) {
    const key = size + text;
    let w = this.widths.get(key);
    if (w === undefined) {
      this.type(Math.round(size) * this.dpr);
      w = this.texts.ctx.measureText(text).width / this.dpr;
      this.widths.set(key, w);
    }
    return w;
  }

  /** Draws a text about a point.
   * @param {CanvasRenderingContext2D} to
   * @param {string} text
   * @param {number} size in css px
   * @param {import('./colour.js').Name | string} ink a token's name, or a colour
   * @param {number} x
   * @param {number} y
   * @param {boolean} [plate] with a plate behind it
   */
  text(to, text, size, ink, x, y, plate) {
    const { dpr, colours } = this, px = Math.round(size) * dpr;
    const spot = this.texts.find(`${text}|${px}|${ink}|${plate}`, () => [
      this.width(text, Math.round(size)) * dpr + (plate ? 10 : 2) * dpr, px * (plate ? 1.5 : 1.2),
    ], (ctx) => {
      if (plate) {
        const w = this.width(text, Math.round(size)) * dpr / 2 + 4 * dpr;
        ctx.fillStyle = css(blend(colours.surface, colours.ground, 0.9));
        ctx.globalAlpha = 0.88;
        ctx.beginPath();
        ctx.roundRect(-w, -px * 0.7, 2 * w, px * 1.4, 4 * dpr);
        ctx.fill();
        ctx.globalAlpha = 1;
      }
      const own = colours[/** @type {import('./colour.js').Name} */ (ink)];
      ctx.fillStyle = own ? css(own) : ink;
      this.type(px);
      this.write(ctx, text, px);
    });
    this.texts.put(to, spot, x, y);
  }
}

