// Small pictures that are drawn once and used often: seats by price and form, and texts.

import { AS_HELD } from './model.js';
import { blend, css, pad } from './colour.js';

/** @typedef {import('./colour.js').Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Pen */

const SHEET = 1024;

/** A canvas that fills up with small pictures. They are put first and drawn all at once: to draw
 * from a canvas that has changed since the last time costs a copy of all of it.
 */
class Sheet {
  /** What is put: in turn a picture, and the corner where it goes.
   * @type {any[]} */ waiting = [];
  /** Where each picture is, and how large it is.
   * @type {Map<string | number, number[]>} */ known = new Map();
  pen = pad(SHEET);
  x = 0;
  y = 0;
  tall = 0;
  /** The size that its font was set to, in px: to set it is dear. */
  px = 0;

  /** @param {Pen} to @param {Sheet} [below] what has to be drawn before it */
  constructor(to, below) {
    this.to = to;
    this.below = below;
  }

  clear() {
    this.pen.canvas.width = SHEET; // which makes it empty
    this.known.clear();
    this.x = this.y = this.tall = this.px = 0;
  }

  /** Puts a picture about a point. If it isn't known it is drawn about the middle of its room.
   * @param {string | number} key
   * @param {number} cx
   * @param {number} cy
   * @param {() => number[]} measure its width and height
   * @param {(pen: Pen) => void} draw
   */
  put(key, cx, cy, measure, draw) {
    const { known, pen } = this;
    let spot = known.get(key);
    if (!spot) {
      const [w, h] = measure().map((v) => Math.min(Math.ceil(v), SHEET));
      if (this.x + w > SHEET) {
        this.x = 0;
        this.y += this.tall;
        this.tall = 0;
      }
      if (this.y + h > SHEET) {
        this.flush();
        this.clear();
      }
      known.set(key, spot = [this.x, this.y, w, h]);
      pen.setTransform(1, 0, 0, 1, this.x + w / 2, this.y + h / 2);
      this.x += w;
      this.tall = Math.max(this.tall, h);
      draw(pen);
    }
    this.waiting.push(spot, Math.round(cx - spot[2] / 2), Math.round(cy - spot[3] / 2));
  }

  /** Draws what has been put. */
  flush() {
    const { waiting, to, pen: { canvas } } = this;
    this.below?.flush();
    for (let i = 0; i < waiting.length; i += 3) {
      const [x, y, w, h] = waiting[i];
      to.drawImage(canvas, x, y, w, h, waiting[i + 1], waiting[i + 2], w, h);
    }
    waiting.length = 0;
  }
}

/** @typedef {ReturnType<typeof makeSprites>} Sprites */

/** @param {Pen} to @param {string} font */
export function makeSprites(to, font) {
  const forms = new Sheet(to), texts = new Sheet(to, forms);
  /** @type {Map<string, number>} */
  const widths = new Map();
  /** @type {Palette} */
  let colours;
  let dpr = 1, size = 0;

  /** @param {Pen} pen @param {string} text @param {number} px */
  const write = (pen, text, px) => {
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillText(text, 0, px * 0.06);
  };

  /** Sets a font. @param {Pen} pen @param {number} px */
  const type = (pen, px) => {
    pen.font = `600 ${px}px ${font}`;
  };

  /** How wide a text is, in pixels of the canvas.
   * @param {string} text
   * @param {number} px its size, in such pixels, too
   */
  const width = (text, px) => {
    const key = px + text;
    let w = widths.get(key);
    if (w === undefined) {
      if (px !== texts.px) type(texts.pen, texts.px = px);
      widths.set(key, w = texts.pen.measureText(text).width);
    }
    return w;
  };

  /** Draws a seat. @param {Pen} pen @param {number} code @param {number} flags */
  const form = (pen, code, flags) => {
    const kind = code & 7, tier = code >> 3, h = size / 2, held = kind < AS_HELD + 2;
    /** @param {number} x @param {number} y @param {number} r */
    const disc = (x, y, r) => {
      pen.beginPath();
      pen.arc(x, y, r, 0, 7);
      pen.fill();
    };
    /** The outline of a seat: round at the back, with a corner cut off where the view is.
     * @param {number} square
     * @param {number} cut
     */
    const chair = (square, cut) => {
      const t = square ? 0.2 : 0.9, l = square ? 0.2 : 0.5;
      const round = (/** @type {number} */ r, /** @type {number} */ x, /** @type {number} */ y) =>
        `a${r} ${r} 0 0 1 ${x} ${y}`;
      return new Path2D(`M0-1H${1 - t}${round(t, t, t)}V${cut ? '.1L.1 1' : 1 - l + round(l, -l, l)}H${
        l - 1}${round(l, -l, -l)}V${t - 1}${round(t, t, -t)}Z`);
    };
    pen.scale(h, h);
    pen.globalAlpha = kind % 2 ? 1 : 0.25;
    pen.lineWidth = Math.max((kind < AS_HELD ? 1 : 1.5 * dpr) / h, 1 / 6);
    pen.fillStyle = pen.strokeStyle = css(
      kind < AS_HELD ? hue(colours, tier) : held ? colours.held : colours.sold);
    if (kind >= AS_HELD) {
      disc(0, 0, held ? 0.45 : 0.36);
      pen.scale(0.92, 0.92); // so that its rim is inside
      if (held) pen.stroke(chair(0, 0));
      return;
    }
    pen.fill(chair(flags & 3, flags & 4));
    pen.fillStyle = pen.strokeStyle = css(colours.on);
    if (flags & 1) {
      disc(-0.1, -0.62, 0.14);
      pen.stroke(new Path2D('M-.34.01A.4.4 0 0 0-.13.6M-.1-.4-.05.1H.4L.6.6'));
    } else if (flags & 2 || tier > 5) {
      // More prices than hues: the same hue again, with a letter.
      type(pen, 0.92);
      write(pen, flags & 2 ? '+1' : String.fromCharCode(64 + tier / 6), 0.92);
    }
  };

  return {
    texts, width,

    /** @param {Palette} palette */
    theme(palette) {
      colours = palette;
      forms.clear();
      texts.clear();
    },

    /** Seats will be so many pixels wide.
     * @param {number} pixels
     * @param {number} sharpness
     */
    begin(pixels, sharpness) {
      if (pixels !== size) forms.clear();
      size = pixels;
      dpr = sharpness;
    },

    /** Puts a seat.
     * @param {number} code
     * @param {number} flags
     * @param {number} x
     * @param {number} y
     */
    seat(code, flags, x, y) {
      // A seat that can't be had looks the same whatever it costs.
      forms.put((code & 7) < AS_HELD ? code << 3 | flags : code & 7, x, y, () => [size + 2, size + 2],
        (pen) => form(pen, code, flags));
    },

    /** Puts a text about a point.
     * @param {string} text
     * @param {number} px its size
     * @param {import('./colour.js').Colour} ink
     * @param {number} x
     * @param {number} y
     * @param {boolean} [plate] with a plate behind it
     */
    text(text, px, ink, x, y, plate) {
      texts.put(`${text}|${px}|${ink}|${plate}`, x, y, () => [
        width(text, px) + px * (plate ? 0.9 : 0.2), px * 1.5,
      ], (pen) => {
        if (plate) {
          const w = width(text, px) / 2 + px * 0.4;
          pen.fillStyle = css(blend(colours.surface, colours.ground, 0.9));
          pen.globalAlpha = 0.88;
          pen.beginPath();
          pen.roundRect(-w, -px * 0.7, 2 * w, px * 1.4, px * 0.4);
          pen.fill();
          pen.globalAlpha = 1;
        }
        pen.fillStyle = css(ink);
        if (px !== texts.px) type(pen, texts.px = px);
        write(pen, text, px);
      });
    },
  };
}

/** The colour of a tier.
 * @param {Palette} colours
 * @param {number} tier
 */
export const hue = (colours, tier) => colours[/** @type {'1'} */ (`${tier % 6 + 1}`)];
