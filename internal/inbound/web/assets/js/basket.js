// The basket beside what is chosen: it hears the map, asks the server, and shows what it answers.
//
// The server writes what the basket says. Asking is in order, one after the other, so that an answer
// can't come too late and bring a seat back.

import { wind } from './clock.js';

/** @typedef {{place: number, label?: string}} Place */
/** @typedef {HTMLElement & {mine(places: number[], pending: number[]): void,
 *   refuse(place: number, state: string): void}} SeatMap */
/** @typedef {{hold: {places: Place[]} | null, panel: string, bar: string}} Answer */

const LOST_IN_A_ROW = 3;

const root = document.querySelector('[data-basket]');
const map = /** @type {SeatMap | null} */ (document.querySelector('seat-map'));
const url = root instanceof HTMLElement ? root.dataset.basket ?? '' : '';

/** What was asked and isn't answered: place by number, whether it is to be added. */
const pending = new Map();
/** @type {number[]} */
let mine = [];
let lost = 0;
/** @type {Promise<unknown>} */
let queue = Promise.resolve();

const voice = document.createElement('p');
voice.className = 'hush';
voice.setAttribute('role', 'status');
document.body.append(voice);

/** Shows the map what is the buyer's, and what will be if all goes well. */
function paint() {
  const added = [...pending].filter(([, add]) => add).map(([place]) => place);
  const kept = mine.filter((place) => pending.get(place) !== false);
  map?.mine([...new Set([...kept, ...added])], added.filter((place) => !mine.includes(place)));
}

/** Reads what the page says is held. */
function read() {
  const text = document.getElementById('basket')?.dataset.mine ?? '';
  mine = text ? text.split(',').map(Number) : [];
}

/** Puts the server's basket into the page; the focus stays where it was, if that is still there.
 * @param {Answer} answer
 */
function show(answer) {
  const focused = document.activeElement;
  const inside = focused?.closest('#basket');
  for (const [id, text] of [['basket', answer.panel], ['basket-bar', answer.bar]]) {
    const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById(id);
    if (fresh) document.getElementById(id)?.replaceWith(fresh);
  }
  read();
  if (inside) {
    const title = document.getElementById('basket-title');
    title?.setAttribute('tabindex', '-1');
    title?.focus();
  }
  const basket = document.getElementById('basket');
  voice.textContent = basket?.dataset.total ? `${basket.dataset.count} · ${basket.dataset.total}` : '';
  paint();
  wind();
}

/** Says what can't be, with the one button that helps.
 * @param {any} problem
 */
function refuse(problem) {
  const box = document.createElement('div');
  box.id = 'notice';
  box.className = 'notice bad stack tight';
  box.setAttribute('role', 'alert');
  const line = (/** @type {string} */ text) => {
    const p = document.createElement('p');
    p.textContent = text;
    box.append(p);
    return p;
  };
  line(problem.sentence ?? problem.title ?? '').className = 'strong';
  const help = lost >= LOST_IN_A_ROW && root instanceof HTMLElement ? root.dataset.letUs : '';
  if (help) line(help);
  else if (problem.more) line(problem.more);
  if (problem.press && problem.instead?.length) {
    const press = document.createElement('button');
    press.type = 'button';
    press.className = 'button';
    press.textContent = problem.press;
    press.addEventListener('click', () => {
      box.remove();
      ask(problem.instead.map((/** @type {Place} */ p) => p.place), []);
    });
    box.append(press);
  }
  document.getElementById('notice')?.remove();
  root?.querySelector('[data-notices]')?.append(box);
  if (help) document.getElementById('count')?.focus();
}

/** What tells a request from all others. randomUUID is only there where the page came by TLS. */
function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

/** Asks the server to change the basket.
 * @param {number[]} add
 * @param {number[]} remove
 */
function ask(add, remove) {
  for (const place of add) pending.set(place, true);
  for (const place of remove) pending.set(place, false);
  paint();
  const form = new URLSearchParams({ key: freshKey(), back: location.pathname + location.search });
  for (const place of add) form.append('add', String(place));
  for (const place of remove) form.append('remove', String(place));
  queue = queue.then(() => send(form, add, remove));
}

/** Asks for standing places: the server chooses which.
 * @param {number} section
 * @param {number} count
 * @param {string | undefined} tier
 */
function stand(section, count, tier) {
  const form = new URLSearchParams({ key: freshKey(), best: String(count),
    section: String(section), split: '1', back: location.pathname + location.search });
  if (tier) form.set('tier', tier);
  queue = queue.then(() => send(form, [], []));
}

/** @param {URLSearchParams} form
 * @param {number[]} add
 * @param {number[]} remove
 */
async function send(form, add, remove) {
  const settle = () => [...add, ...remove].forEach((place) => pending.delete(place));
  for (let tries = 0; ; tries++) {
    try {
      const answer = await fetch(url, { method: 'POST', body: form, headers: { Accept: 'application/json' } });
      const body = await answer.json();
      if (answer.status === 503 && tries < 3) throw new Error('busy');
      settle();
      if (answer.ok) {
        lost = 0;
        document.getElementById('notice')?.remove();
        show(body);
        return;
      }
      if (body.code === 'place_taken') lost++;
      paint();
      for (const place of body.places ?? []) {
        // A seat that would stay alone is still free.
        if (place.state !== 'free') map?.refuse(place.place, place.state);
      }
      refuse(body);
      return;
    } catch (error) {
      // The same key is sent again: if the server has done it, it says so.
      if (tries < 3) {
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
        continue;
      }
      settle();
      paint();
      console.warn(error);
      return refresh();
    }
  }
}

/** Shows what the server says is held: another tab may have changed it. */
async function refresh() {
  try {
    const answer = await fetch(`${url}?back=${encodeURIComponent(location.pathname + location.search)}`,
      { headers: { Accept: 'application/json' } });
    if (answer.ok && pending.size === 0) show(await answer.json());
  } catch {
    // It is asked again when the page is looked at.
  }
}

document.addEventListener('seatmap:choose', (event) => {
  const { place, sectionIndex, count, tier } = /** @type {CustomEvent} */ (event).detail;
  if (place !== undefined) ask([place], []);
  else stand(sectionIndex, count, tier);
});
document.addEventListener('seatmap:drop', (event) => {
  ask([], [/** @type {CustomEvent} */ (event).detail.place]);
});
document.addEventListener('seatmap:ready', paint);

// Removing from the basket needs no new page.
document.addEventListener('submit', (event) => {
  const button = /** @type {SubmitEvent} */ (event).submitter;
  if (!(button instanceof HTMLButtonElement) || button.name !== 'remove' || !button.closest('#basket')) return;
  event.preventDefault();
  ask([], [Number(button.value)]);
});

document.addEventListener('clock:over', () => { if (map) refresh(); });
document.addEventListener('visibilitychange', () => { if (!document.hidden && url) refresh(); });
addEventListener('pageshow', (event) => { if (event.persisted && url) refresh(); });

read();
if (map) customElements.whenDefined('seat-map').then(paint);
