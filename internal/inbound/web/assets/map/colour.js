// Colours: read once from the page's tokens, since a canvas knows nothing of light and dark.

/** The tokens of the map, each a property of map.css. */
const NAMES = /** @type {const} */ ([
  'ground', 'surface', 'line', 'ink', 'ink-2', 'accent', 'focus', 'mine', 'on', 'held', 'sold',
  '1', '2', '3', '4', '5', '6',
]);

/** @typedef {typeof NAMES[number]} Name */
/** @typedef {number[]} Colour red, green, blue */
/** @typedef {Record<Name, Colour>} Palette */

/** A canvas to draw on that nobody sees.
 * @param {number} size
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function pad(size, settings) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', settings));
}

/** Reads colours in words as numbers: a pixel is painted and read. */
export function mixer() {
  const pen = pad(1, { willReadFrequently: true });
  return (/** @type {string} */ word) => {
    pen.fillStyle = word;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
  };
}

/** The palette that holds now where an element stands.
 * @param {HTMLElement} element whose own colour isn't seen
 * @param {ReturnType<typeof mixer>} mixed
 */
export function palette(element, mixed) {
  const { style } = element, read = getComputedStyle(element);
  // Only as a colour of something does a token say what it is under this theme.
  const colours = NAMES.map((name) => {
    style.color = `var(--map-${name})`;
    return [name, mixed(read.color)];
  });
  return /** @type {Palette} */ (Object.fromEntries(colours));
}

/** A share of one colour over another.
 * @param {Colour} over
 * @param {Colour} under
 * @param {number} share
 */
export const blend = (over, under, share) =>
  over.map((v, i) => Math.round(v * share + under[i] * (1 - share)));

/** @param {Colour} colour */
export const css = (colour) => `rgb(${colour})`;

/** A colour as a pixel of ImageData on a machine with the low byte first, as they all are.
 * @param {Colour} colour
 */
export const pixel = ([r, g, b]) => 255 << 24 | b << 16 | g << 8 | r;

/** Whether a colour is a dark one. @param {Colour} colour */
export const dark = ([r, g, b]) => 0.3 * r + 0.6 * g + 0.1 * b < 128;
