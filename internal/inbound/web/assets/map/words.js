// The words of the map. A page gives its own as JSON in data-words; these are the English ones. And
// what makes elements that say them.

export const WORDS = {
  map: 'Seat map', soldOut: 'sold out', zoomIn: 'Zoom in', zoomOut: 'Zoom out', home: 'Whole venue',
  failed: 'The seat map could not be loaded.', again: 'Try again',
};

/** Those that are needed when somebody chooses. */
export const CHOICE = {
  summary: '{sections} sections, {free} places free, from {price}. ' +
    'Use the list to choose by keyboard, or the arrow keys here.',
  section: 'Section {section}', row: 'Row {row}', seat: 'Seat {seat}', entrance: 'Entrance: {entrance}',
  left: '{n} left', from: 'from {price}', closed: 'not for sale', held: 'held by somebody',
  taken: 'taken', mine: 'yours', pending: 'being held', gone: 'Just taken by somebody else',
  accessible: 'Wheelchair space', companion: 'Companion seat', restricted: 'Restricted view',
  choose: 'Choose', drop: 'Remove', close: 'Close', enter: 'Press Enter to go closer.',
  more: 'One more', fewer: 'One fewer', floor: 'Floor', allFloors: 'All floors', prices: 'Prices',
  stepFree: 'Step-free', clearView: 'No restricted view',
  stale: 'Reconnecting – seats may be out of date',
};

/** @typedef {typeof WORDS & typeof CHOICE} Words */

/** Fills the gaps of a sentence.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export const fill = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));

/** Makes an element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} name of its class, after "map-"
 * @param {string | Node[]} [content]
 * @param {Record<string, string>} [attributes]
 */
export function make(tag, name, content = '', attributes = {}) {
  const element = document.createElement(tag);
  if (name) element.className = `map-${name}`;
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  element.append(...(typeof content === 'string' ? [content] : content));
  return element;
}

/** Makes a button.
 * @param {string} name
 * @param {string} text
 * @param {() => void} act
 * @param {Record<string, string>} [attributes]
 */
export function button(name, text, act, attributes) {
  const element = make('button', name, text, { type: 'button', ...attributes });
  element.addEventListener('click', act);
  return element;
}
