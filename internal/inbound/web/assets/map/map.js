// <seat-map event="evt_1" src="" plan="pln_1" data-words="{…}">: a house with its places, live.
//
// It shows and lets choose; what is chosen is the page's business: it hears seatmap:choose and
// seatmap:drop, and answers with mine() and refuse(). Nothing here is kept or sent.

import { choosing } from './choose.js';
import { decodePlan } from './decode.js';
import { makePainter } from './draw.js';
import { follow } from './live.js';
import { looking } from './look.js';
import { makeModel } from './model.js';
import { button, make, now } from './words.js';

/** @typedef {import('./draw.js').View} View */
/**
 * @typedef {object} Later what is there as soon as the map is in a page, or has been loaded
 * @property {import('./words.js').Words} words
 * @property {string} language
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} stage
 * @property {HTMLElement} note
 * @property {HTMLElement} root
 * @property {number} width of the stage
 * @property {number} height
 * @property {import('./model.js').Model} model
 * @property {import('./draw.js').Painter} painter
 * @property {import('./choose.js').Chooser} [chooser]
 * @property {import('./live.js').Live} [live]
 * @property {{from: View, to: View, since: number, time: number}} [flight]
 */
/** @typedef {SeatMapElement & Later} Parts */
/** @typedef {Parts & ReturnType<typeof looking>} SeatMap */

class SeatMapElement extends HTMLElement {
  /** @type {AbortController | undefined} */ end;
  /** @type {View} */ view = { x: 0, y: 0, k: 0 };
  frame = 0;
  /** The buyer's places, and since when the server has been asked for them: 0 once it has agreed.
   * @type {Map<number, number>} */ own = new Map();

  constructor() {
    super();
    Object.assign(this, looking(/** @type {Parts} */ (/** @type {unknown} */ (this))));
  }

  connectedCallback() {
    if (this.end) return;
    const map = /** @type {SeatMap} */ (/** @type {unknown} */ (this));
    const { signal } = map.end = new AbortController();
    const words = map.words = JSON.parse(map.dataset.words || '{}');
    map.language = /** @type {HTMLElement | null} */ (map.closest('[lang]'))?.lang || 'en';
    map.canvas = make('canvas', 'canvas', '', { role: 'img', ariaLabel: words.map });
    map.note = make('p', 'note', '', { role: 'status' });
    map.stage = make('div', 'stage', [map.canvas, make('div', 'zoom', [
      button('in', '', () => map.closer(1.7), { ariaLabel: words.zoomIn }),
      button('out', '', () => map.closer(1 / 1.7), { ariaLabel: words.zoomOut }),
      button('home', '', () => map.home(), { ariaLabel: words.home }),
    ]), map.note]);
    map.root = make('div', 'root', [map.stage], { role: 'group', ariaLabel: words.map });
    load(map, signal);
  }

  disconnectedCallback() {
    // It may only have been moved to another place of the page.
    queueMicrotask(() => {
      if (this.isConnected) return;
      const map = /** @type {Parts} */ (/** @type {unknown} */ (this));
      map.end?.abort();
      map.root.remove();
      map.end = map.chooser = undefined;
      map.painter = /** @type {any} */ (undefined);
    });
  }
}

/** Asks for all three parts at once, the house, the prices and the states, and shows them.
 * @param {SeatMap} map
 * @param {AbortSignal} signal
 */
async function load(map, signal) {
  const { words, note, root } = map, plan = map.getAttribute('plan');
  const url = `${map.getAttribute('src') ?? ''}/v1/events/${map.getAttribute('event')}`;
  const get = async (/** @type {string} */ end) => {
    const answer = await fetch(url + end, { signal });
    if (!answer.ok) throw Error(`${answer.status} ${answer.url}`);
    return answer;
  };
  const states = async () => (await get('/availability')).arrayBuffer();
  try {
    const [house, event, state] = await Promise.all([
      get('/plan.bin' + (plan ? '?plan=' + plan : '')).then(async (a) => decodePlan(await a.arrayBuffer())),
      get('').then((a) => a.json()), states(),
    ]);
    if (signal.aborted) return;
    map.append(root); // now, so that an empty canvas isn't laid out and painted before
    const model = map.model = makeModel(house, event);
    model.snapshot(state);
    map.painter = makePainter(map.canvas, model, map.own, words.soldOut, map.language);
    const sight = new ResizeObserver(map.measure);
    sight.observe(map.stage);
    map.measure();
    performance.mark('seatmap');
    const theme = () => {
      map.painter.theme();
      map.redraw();
    };
    for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
      matchMedia(query).addEventListener('change', theme, { signal });
    }
    const dress = new MutationObserver(theme);
    dress.observe(document.documentElement, { attributes: true });
    signal.addEventListener('abort', () => {
      sight.disconnect();
      dress.disconnect();
    });
    await new Promise(requestAnimationFrame);
    if (signal.aborted) return;
    map.chooser = choosing(map, signal);
    map.live = follow(url, states, map, map.chooser.changed, signal);
    map.draw(now());
    performance.mark('seatmap:names');
    model.ready(); // now, so that the first zoom doesn't wait for it
    map.emit('ready', { seats: house.places });
  } catch (error) {
    if (signal.aborted) return; // the map was taken away, or has begun anew
    console.warn(error);
    map.append(root);
    note.replaceChildren(words.failed, ' ', button('again', words.again, () => {
      note.replaceChildren();
      load(map, signal);
    }));
  }
}

customElements.define('seat-map', SeatMapElement);
