// The card of a seat or a section: what it is, what it costs, and a button.

import { seatLabel } from './mapdecode.js';
import { HELD } from './mapmodel.js';
import { button, fill, make } from './mapwords.js';

/** A click this soon after the card has opened was meant for what was there before. */
const GUARD = 250;

/** @typedef {import('./map.js').SeatMap} SeatMap */
/** @typedef {{text: string, section: string, row: string, seat: string}} Label */

export class Card {
  /** @param {SeatMap} map */
  constructor(map) {
    this.map = map;
    this.element = make('div', 'card', '', { role: 'group', hidden: '' });
    this.opened = 0;
    this.place = -1;
    this.section = -1;
    this.pinned = false;
    this.count = 1;
  }

  /** What a seat is called.
   * @param {number} place
   * @returns {Label}
   */
  label(place) {
    const { plan } = this.map.model, { words } = this.map;
    const s = plan.sections[plan.sectionOf[place]];
    const section = s.name;
    if (s.standing) return { text: section, section, row: '', seat: '' };
    const row = plan.rows[plan.rowOf[place]], seat = seatLabel(row, place - row.first);
    const text = [
      fill(words.section, { section }),
      row.title || row.label && fill(words.row, { row: row.label }),
      row.seatTitle ? row.seatTitle.replace('%s', seat) : fill(words.seat, { seat }),
    ].filter(Boolean).join(' · ');
    return { text, section, row: row.label, seat };
  }

  /** What is to be said of a seat beside its name: state, kind, why its view is restricted.
   * @param {number} place
   */
  notes(place) {
    const { model, words, mine } = this.map, flags = model.plan.flags[place];
    const own = mine.get(place), state = model.state[place];
    const notes = [];
    if (own !== undefined) notes.push(own ? words.pending : words.mine);
    else if (!model.free(place)) notes.push(state ? state === HELD ? words.held : words.taken : words.closed);
    if (flags & 1) notes.push(words.accessible);
    if (flags & 2) notes.push(words.companion);
    if (flags & 4) {
      const why = model.plan.reasons.get(place);
      notes.push(words.restricted + (why ? `: ${why}` : ''));
    }
    return notes;
  }

  /** What a seat is, in one sentence.
   * @param {number} place
   */
  sentence(place) {
    const tier = this.map.model.tiers[this.map.model.tier[place]];
    return [this.label(place).text, tier && `${tier.name} ${this.map.money(tier.price)}`,
      ...this.notes(place)].filter(Boolean).join(', ');
  }

  /** Shows a seat: for a look, or pinned with its button.
   * @param {number} place
   * @param {boolean} pinned
   * @param {number} x where the pointer is
   * @param {number} y
   * @param {boolean} touch
   */
  seat(place, pinned, x, y, touch) {
    const { map } = this, { model, words, mine } = map, own = mine.has(place);
    const label = this.label(place), tier = model.tiers[model.tier[place]];
    /** @type {Node[]} */
    const parts = [make('p', 'where', label.row ? [
      make('span', '', fill(words.section, { section: label.section }) + ' · ' +
        fill(words.row, { row: label.row })),
      make('b', '', label.seat),
    ] : [make('b', '', label.text)])];
    if (tier) parts.push(make('p', 'price', [make('b', '', map.money(tier.price)), make('span', '', tier.name)]));
    for (const note of this.notes(place)) parts.push(make('p', 'said', note));
    if (pinned) {
      const act = own || model.free(place) ? [button(own ? 'drop' : 'choose', own ? words.drop : words.choose,
        () => this.guarded(() => map.toggle(place)))] : [];
      parts.push(make('div', 'acts', [...act, button('close', words.close, () => this.hide())]));
    }
    this.place = place;
    this.section = -1;
    this.show(parts, label.text, pinned, x, y, touch);
  }

  /** Shows a section: how much is free, and for standing places how many are wanted.
   * @param {number} section
   * @param {boolean} pinned
   * @param {number} x
   * @param {number} y
   * @param {boolean} touch
   */
  area(section, pinned, x, y, touch) {
    const { map } = this, { model, words } = map;
    const s = model.plan.sections[section], free = model.freeIn[section];
    const tier = model.cheapest(section);
    /** @type {Node[]} */
    const parts = [make('p', 'where', [make('b', '', s.standing ? s.name :
      fill(words.section, { section: s.name }))])];
    const said = free ? fill(words.left, { n: map.number(free) }) : words.soldOut;
    const price = tier ? map.money(tier.price) : '';
    parts.push(make('p', 'price', [
      make('b', '', price && (s.standing ? price : fill(words.from, { price }))), make('span', '', said)]));
    if (s.entrance) parts.push(make('p', 'said', fill(words.entrance, { entrance: s.entrance })));
    if (pinned && s.standing && free) {
      if (this.section !== section) this.count = 1;
      const most = Math.min(free, map.most);
      this.count = Math.min(this.count, most);
      const shown = make('output', 'count', String(this.count));
      const step = (/** @type {number} */ by) => {
        this.count = Math.min(Math.max(this.count + by, 1), most);
        shown.textContent = String(this.count);
      };
      parts.push(make('div', 'acts', [
        button('step', '−', () => step(-1), { 'aria-label': words.fewer }), shown,
        button('step', '+', () => step(1), { 'aria-label': words.more }),
        button('choose', words.choose, () => this.guarded(() => map.stand(section, this.count))),
      ]));
    }
    if (pinned) parts.push(button('close map-corner', '×', () => this.hide(), { 'aria-label': words.close }));
    this.place = -1;
    this.section = section;
    this.show(parts, s.name, pinned, x, y, touch);
  }

  /** @param {() => void} act */
  guarded(act) {
    if (performance.now() - this.opened > GUARD) act();
  }

  /** Puts the card beside the pointer, or at the edge of the map where no finger is.
   * @param {Node[]} parts
   * @param {string} label
   * @param {boolean} pinned
   * @param {number} x
   * @param {number} y
   * @param {boolean} touch
   */
  show(parts, label, pinned, x, y, touch) {
    const { element } = this;
    if (pinned && !this.pinned) this.opened = performance.now();
    this.pinned = pinned;
    this.spot = { x, y, touch };
    element.replaceChildren(...parts);
    element.setAttribute('aria-label', label);
    element.hidden = false;
    const { width, height } = this.map.size;
    const edge = touch || width < 480, { offsetWidth: w, offsetHeight: h } = element;
    element.classList.toggle('map-edge', edge);
    element.classList.toggle('map-pinned', pinned);
    const low = y < height - element.offsetHeight - 48;
    element.style.translate = edge ? `0 ${low ? height - element.offsetHeight - 12 : 12}px` :
      `${x + 20 + w < width ? x + 20 : Math.max(x - 20 - w, 8)}px ${
        Math.max(8, Math.min(y + 16, height - h - 8))}px`;
  }

  /** Shows again what it shows, after something has changed. */
  renew() {
    if (this.element.hidden || !this.spot) return;
    const { x, y, touch } = this.spot, held = this.element.contains(document.activeElement);
    if (this.place >= 0) this.seat(this.place, this.pinned, x, y, touch);
    else this.area(this.section, this.pinned, x, y, touch);
    if (held) this.element.querySelector('button')?.focus();
  }

  hide() {
    if (this.element.contains(document.activeElement)) this.map.here?.focus();
    this.element.hidden = true;
    this.pinned = false;
    this.place = this.section = -1;
  }
}
