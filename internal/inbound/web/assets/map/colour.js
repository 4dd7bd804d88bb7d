// Colours: read once from the page's tokens, since a canvas knows nothing of light and dark.

/** The tokens of the map, each a property of map.css. */
const NAMES = /** @type {const} */ ([
  'ground', 'surface', 'line', 'ink', 'ink-2', 'accent', 'focus', 'on', 'held', 'sold',
  '1', '2', '3', '4', '5', '6',
]);

/** @typedef {typeof NAMES[number]} Name */
/** @typedef {number[]} Colour red, green, blue */
/** @typedef {Record<Name, Colour>} Palette */

/** Colours in words as numbers: one row of pixels is painted and read.
 * @param {string[]} words
 * @returns {Colour[]}
 */
export function mixed(words) {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(words.length, 1);
  canvas.height = 1;
  const ctx = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext('2d', { willReadFrequently: true }));
  words.forEach((colour, i) => {
    ctx.fillStyle = colour;
    ctx.fillRect(i, 0, 1, 1);
  });
  const { data } = ctx.getImageData(0, 0, canvas.width, 1);
  return words.map((_, i) => [...data.subarray(4 * i, 4 * i + 3)]);
}

/** The palette that holds now where an element stands.
 * @param {HTMLElement} element
 */
export function palette(element) {
  // Only as a colour of something does a token say what it is under this theme.
  const probes = NAMES.map((name) => {
    const probe = document.createElement('i');
    probe.style.cssText = `color:var(--map-${name});forced-color-adjust:none;display:none`;
    element.append(probe);
    return probe;
  });
  const colours = mixed(probes.map((probe) => getComputedStyle(probe).color));
  for (const probe of probes) probe.remove();
  return /** @type {Palette} */ (Object.fromEntries(NAMES.map((name, i) => [name, colours[i]])));
}

/** A share of one colour over another.
 * @param {Colour} over
 * @param {Colour} under
 * @param {number} share
 */
export const blend = (over, under, share) =>
  over.map((v, i) => Math.round(v * share + under[i] * (1 - share)));

/** @param {Colour} colour */
export const css = ([r, g, b]) => `rgb(${r},${g},${b})`;

/** A colour as a pixel of ImageData on a machine with the low byte first, as they all are.
 * @param {Colour} colour
 */
export const pixel = ([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0;

/** How light a colour is, from 0 to 255.
 * @param {Colour} colour
 */
export const light = ([r, g, b]) => 0.3 * r + 0.6 * g + 0.1 * b;
