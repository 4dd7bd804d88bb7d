// What makes elements, and what fills sentences. The words of the map are the page's: it gives them
// as JSON in data-words, in the language of its reader.

/** @typedef {Record<'map' | 'summary' | 'section' | 'row' | 'seat' | 'entrance' | 'left' | 'from' |
 *   'soldOut' | 'closed' | 'held' | 'taken' | 'mine' | 'pending' | 'gone' | 'accessible' |
 *   'companion' | 'restricted' | 'choose' | 'drop' | 'close' | 'zoomIn' | 'zoomOut' | 'home' |
 *   'enter' | 'more' | 'fewer' | 'floor' | 'allFloors' | 'prices' | 'stepFree' | 'clearView' |
 *   'stale' | 'failed' | 'again', string>} Words
 */

/** Fills the gap of a sentence, or its gaps.
 * @param {string} sentence
 * @param {...(string | number)} values in the order of the gaps
 */
export const fill = (sentence, ...values) => sentence.replace(/{.+?}/g, () => `${values.shift()}`);

/** Makes an element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} name of its class, after "map-"
 * @param {string | Node[]} [content]
 * @param {object} [properties]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, name, content = [], properties) {
  const element = document.createElement(tag);
  if (name) element.className = 'map-' + name;
  element.append(...[content].flat());
  return Object.assign(element, properties);
}

/** Makes a button.
 * @param {string} name
 * @param {string | Node[]} content
 * @param {() => void} onclick
 * @param {object} [properties]
 */
export const button = (name, content, onclick, properties) =>
  make('button', name, content, { type: 'button', onclick, ...properties });

/** @param {number} v @param {number} least @param {number} most */
export const clamp = (v, least, most) => Math.max(Math.min(v, most), least);

/** A list of so many things. @template T @param {number} count @param {(i: number) => T} make */
export const many = (count, make) => Array.from({ length: count }, (_, i) => make(i));

export const now = () => performance.now();
