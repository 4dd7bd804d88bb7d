// Choosing: the card of a seat or a section, the prices, and the keyboard. It is loaded after the
// first picture, and imports nothing that is in the map's own file.

import { gestures } from './gestures.js';
import { Live } from './live.js';
import { button, CHOICE, fill, make } from './words.js';

/** @typedef {import('./map.js').SeatMap} SeatMap */
/** @typedef {{text: string, section: string, row: string, seat: string}} Label */
/** @typedef {import('./model.js').Money} Money */

/** A tap finds the seat within so many px; from so many px on it needs no card between. */
const REACH = 22, SURE = 32;

/** The keys that move. @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** How long the map glides on after a swipe, in ms, and how far: for so many ms at its last speed. */
const GLIDE = 300, REACHES = 110;

/** A click this soon after the card has opened was meant for what was there before. */
const GUARD = 250;

class Card {
  /** @param {Chooser} chooser */
  constructor(chooser) {
    this.chooser = chooser;
    this.map = chooser.map;
    this.spot = { x: 0, y: 0, touch: false };
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
    const row = plan.rows[plan.rowOf[place]], seat = this.map.model.seat(place);
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
    const { model, words } = this.map, flags = model.plan.flags[place];
    const own = this.map.own.get(place), state = model.state[place];
    const notes = [];
    if (own !== undefined) notes.push(own ? words.pending : words.mine);
    else if (!model.free(place)) notes.push(state ? state === 1 ? words.held : words.taken : words.closed);
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
    return [this.label(place).text, tier && `${tier.name} ${this.chooser.money(tier.price)}`,
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
    const { map, chooser } = this, { model, words } = map, own = map.own.has(place);
    const label = this.label(place), tier = model.tiers[model.tier[place]];
    /** @type {Node[]} */
    const parts = [make('p', 'where', label.row ? [
      make('span', '', fill(words.section, { section: label.section }) + ' · ' +
        fill(words.row, { row: label.row })),
      make('b', '', label.seat),
    ] : [make('b', '', label.text)])];
    if (tier) parts.push(make('p', 'price', [make('b', '', this.chooser.money(tier.price)), make('span', '', tier.name)]));
    for (const note of this.notes(place)) parts.push(make('p', 'said', note));
    if (pinned) {
      const act = own || model.free(place) ? [button(own ? 'drop' : 'choose', own ? words.drop : words.choose,
        () => this.guarded(() => chooser.toggle(place)))] : [];
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
    const { map, chooser } = this, { model, words } = map;
    const s = model.plan.sections[section], free = model.freeIn[section];
    const tier = chooser.cheapest(section);
    /** @type {Node[]} */
    const parts = [make('p', 'where', [make('b', '', s.standing ? s.name :
      fill(words.section, { section: s.name }))])];
    const said = free ? fill(words.left, { n: this.chooser.number(free) }) : words.soldOut;
    const price = tier ? this.chooser.money(tier.price) : '';
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
        button('choose', words.choose, () => this.guarded(() => chooser.stand(section, this.count))),
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
    if (this.element.hidden) return;
    const { x, y, touch } = this.spot, held = this.element.contains(document.activeElement);
    if (this.place >= 0) this.seat(this.place, this.pinned, x, y, touch);
    else this.area(this.section, this.pinned, x, y, touch);
    if (held) this.element.querySelector('button')?.focus();
  }

  hide() {
    if (this.element.contains(document.activeElement)) this.chooser.here.focus();
    this.element.hidden = true;
    this.pinned = false;
    this.place = this.section = -1;
  }
}

export class Chooser {
  /** The seat that had the focus or was tapped last. */
  last = -1;

  /** @param {SeatMap} map @param {AbortSignal} signal */
  constructor(map, signal) {
    this.map = map;
    map.words = { ...CHOICE, ...map.words };
    const { words, model } = map, { plan } = model;
    this.here = button('here', '', () => this.act());
    this.tip = make('p', 'tip', '', { hidden: '' });
    this.said = make('p', 'live', '', { role: 'status' });
    this.crumb = make('p', 'crumb', '', { hidden: '' });
    this.bar = make('div', 'bar', '', { role: 'group', 'aria-label': words.prices });
    this.card = new Card(this);
    map.canvas.after(this.here, this.crumb);
    map.stage.append(this.tip, this.card.element, this.said);
    map.root.prepend(this.bar);
    this.kinds = {
      stepFree: plan.flags.some((f) => f & 3), clearView: plan.flags.some((f) => f & 4),
    };
    this.legend();
    this.count();
    this.keep();
    this.here.addEventListener('keydown', (key) => this.key(key));
    this.here.addEventListener('focus', () => this.keep());
    this.here.addEventListener('blur', () => this.keep());
    this.listen(signal);
    signal.addEventListener('abort', () => {
      clearTimeout(this.counting);
      clearTimeout(this.tipping);
    });
  }

  /** Lets hands move the map, and point at what is in it.
   * @param {AbortSignal} signal
   */
  listen(signal) {
    const { map } = this, { model } = map;
    gestures(map.canvas, {
      grab: () => { map.flight = undefined; },
      pan: (dx, dy) => map.pan(dx, dy),
      zoom: (x, y, factor) => map.zoom(x, y, factor),
      release: (vx, vy) => {
        const { x, y, k } = map.view, far = REACHES / k;
        map.fly({ x: x - vx * far, y: y - vy * far, k }, GLIDE);
      },
      tap: (x, y, touch) => this.tap(x, y, touch),
      twice: (x, y) => {
        const [wx, wy] = map.world(x, y), section = model.sectionAt(wx, wy);
        if (section < 0) map.fly(map.around(wx, wy, map.view.k * 2));
        else map.approach(section, x, y);
      },
      hover: (x, y) => this.hover(x, y),
    }, signal);
  }

  /** Follows what changes.
   * @param {string} url
   * @param {() => Promise<ArrayBuffer>} states
   */
  follow(url, states) {
    const { map } = this, { model, note, words } = map;
    return new Live(url, {
      version: () => model.version,
      refresh: async () => {
        const fresh = await states(), before = model.state.slice();
        model.snapshot(fresh);
        before.forEach((was, p) => was !== model.state[p] && map.changed(p, true));
        map.renew();
      },
      delta: (delta) => {
        const complete = model.delta(delta, (p) => map.changed(p));
        map.renew();
        return complete;
      },
      fresh: (fresh) => {
        const text = fresh ? '' : words.stale;
        if (note.textContent !== text) note.textContent = text;
      },
    });
  }

  /** Says where one is, once nothing moves. */
  settle() {
    const { crumb, map } = this;
    const section = map.atHome ? -1 : this.middle();
    const text = section < 0 ? '' : fill(map.words.section, { section: map.model.plan.sections[section].name });
    crumb.hidden = map.atHome;
    if (crumb.dataset.at === text) return;
    crumb.dataset.at = text;
    crumb.replaceChildren(button('', map.words.home, () => map.home()), make('span', '', text && `› ${text}`));
  }

  /** The section in the middle of the window. */
  middle() {
    const { width, height } = this.map.size;
    return this.map.model.sectionAt(...this.map.world(width / 2, height / 2));
  }

  /** @param {number} x @param {number} y @param {boolean} touch */
  tap(x, y, touch) {
    const { map, card } = this, { model, words, view } = map, [wx, wy] = map.world(x, y);
    const near = map.painter.level === 2;
    const place = near ? model.nearest(wx, wy, touch ? REACH / view.k : model.pitch * 0.6) : -1;
    if (place >= 0) {
      const known = card.pinned && card.place === place;
      this.last = place;
      if (!model.free(place) && !map.own.has(place)) {
        card.hide();
        this.shake(place, words.taken);
      } else if (map.px() >= SURE) this.toggle(place);
      else if (known) card.guarded(() => this.toggle(place));
      else card.seat(place, true, x, y, touch);
      return;
    }
    const section = model.sectionAt(wx, wy);
    if (model.plan.sections[section]?.standing) card.area(section, true, x, y, touch);
    else if (section < 0 || near) card.hide();
    else map.approach(section, x, y);
  }

  /** @param {number} x outside where it is NaN @param {number} y */
  hover(x, y) {
    const { map, card } = this, { model } = map;
    if (card.pinned) return;
    const [wx, wy] = map.world(x, y), near = map.painter.level === 2, inside = x === x;
    const place = near && inside ? model.nearest(wx, wy, model.pitch * 0.6) : -1;
    const section = inside && place < 0 ? model.sectionAt(wx, wy) : -1;
    map.canvas.style.cursor = place >= 0 || section >= 0 ? 'pointer' : '';
    if (place >= 0) card.seat(place, false, x, y, false);
    else if (section >= 0 && (!near || model.plan.sections[section].standing)) {
      card.area(section, false, x, y, false);
    } else if (!card.element.hidden) card.hide();
  }

  /** Chooses a place, or drops it.
   * @param {number} place
   */
  toggle(place) {
    const { map, card } = this, { model, own } = map, tier = model.tiers[model.tier[place]];
    const detail = { place, label: card.label(place), tier: tier?.key, price: tier?.price };
    card.hide();
    this.last = place;
    if (own.has(place)) {
      if (map.emit('drop', detail)) own.delete(place);
    } else if (model.free(place) && map.emit('choose', detail) && !own.has(place)) {
      // Shown as the buyer's at once; the page says what came of it.
      own.set(place, performance.now());
    }
    map.renew();
  }

  /** Chooses standing places: which of them doesn't matter, so that two buyers seldom meet.
   * @param {number} section
   * @param {number} count
   */
  stand(section, count) {
    const { map } = this, { model } = map, tier = this.cheapest(section);
    const { name, first, places: all } = model.plan.sections[section];
    /** @type {number[]} */
    const free = [];
    for (let p = first; p < first + all; p++) if (model.free(p) && !map.own.has(p)) free.push(p);
    const start = Math.floor(Math.random() * free.length);
    const places = free.slice(0, count).map((_, i) => free[(start + i) % free.length]);
    map.emit('choose', { section: name, sectionIndex: section, count, places,
      label: this.card.label(first), tier: tier?.key, price: tier?.price });
    this.card.hide();
  }

  /** The next seat from a place in a direction, or the place itself.
   * @param {number} place
   * @param {number} ux
   * @param {number} uy
   */
  next(place, ux, uy) {
    const { model } = this.map, { plan: { x, y }, pitch } = model;
    for (const reach of [4 * pitch, 40 * pitch]) {
      const found = model.best(x[place], y[place], reach, (dx, dy) => {
        const along = dx * ux + dy * uy, aside = Math.abs(dx * uy - dy * ux);
        return along > pitch / 3 && aside < along ? along + 2 * aside : Infinity;
      });
      if (found >= 0) return found;
    }
    return place;
  }

  /** The lowest price among the free places of a section, if there is one.
   * @param {number} section
   * @returns {import('./model.js').Tier | undefined}
   */
  cheapest(section) {
    const { model } = this.map, s = model.plan.sections[section];
    /** @type {import('./model.js').Tier | undefined} */
    let found;
    for (let p = s.first; p < s.first + s.places; p++) {
      const tier = model.tiers[model.tier[p]];
      if (model.free(p) && (!found || tier.price.amount < found.price.amount)) found = tier;
    }
    return found;
  }

  /** Tells at once that a place is gone that was looked at.
   * @param {number} place
   */
  lost(place) {
    const { gone } = this.map.words;
    this.shake(place, gone);
    this.say(`${this.card.label(place).text}: ${gone}`);
  }

  /** @param {number} place @param {string} text */
  shake(place, text) {
    const { tip, map } = this, { plan } = map.model, { x, y, k } = map.view;
    if (!map.still()) map.painter.moving.set(place, { pulse: false, since: performance.now() });
    tip.textContent = text;
    tip.hidden = false;
    tip.style.translate = `${(plan.x[place] - x) * k}px ${(plan.y[place] - y) * k - map.px() / 2}px`;
    clearTimeout(this.tipping);
    this.tipping = setTimeout(() => { tip.hidden = true; }, 1800);
    this.say(text);
    map.redraw();
  }

  /** @param {string} text */
  say(text) {
    this.said.textContent = text;
  }

  renew() {
    this.card.renew();
    this.keep();
    // Figures that change all the time can't be read: once a second is enough.
    this.counting ||= setTimeout(() => {
      this.counting = 0;
      this.count();
    }, 1000);
  }

  /** Brings the figures up to date. */
  count() {
    const { map, bar } = this, { model } = map;
    let free = 0;
    /** @type {Money | undefined} */
    let least;
    model.tiers.forEach(({ price }, i) => {
      const left = model.freeOf[i];
      free += left;
      if (left && !(least && least.amount <= price.amount)) least = price;
      const figure = bar.querySelector(`[data-tier="${i}"] small`);
      if (figure) figure.textContent = this.number(left);
    });
    map.canvas.setAttribute('aria-label', fill(map.words.summary, {
      sections: model.plan.sections.length, free: this.number(free), price: least ? this.money(least) : '–' }));
  }

  /** The prices, which filter, and what else can be left out. */
  legend() {
    const { map, bar } = this, { words, model } = map, { filter, plan, tiers } = model;
    const chip = (/** @type {string | Node[]} */ content, /** @type {boolean} */ on,
      /** @type {() => void} */ act, more = {}) => {
      const one = button('chip', '', act, { 'aria-pressed': String(on), ...more });
      one.append(...content);
      return one;
    };
    const focused = [...bar.children].indexOf(/** @type {Element} */ (document.activeElement));
    /** @type {Node[]} */
    const parts = tiers.map((t, i) => chip([
      make('i', `hue map-hue-${i % 6 + 1}`), make('span', '', t.name), make('b', '', this.money(t.price)),
      make('small', '', this.number(model.freeOf[i])),
    ], !!filter.tiers?.includes(t.key), () => {
      const set = new Set(filter.tiers);
      if (!set.delete(t.key)) set.add(t.key);
      map.filter({ tiers: set.size ? [...set] : null });
    }, { 'data-tier': String(i) }));
    for (const kind of /** @type {const} */ (['stepFree', 'clearView'])) {
      if (this.kinds[kind]) {
        parts.push(chip(words[kind], filter[kind], () => map.filter({ [kind]: !filter[kind] })));
      }
    }
    if (plan.floors.length > 1) {
      const floors = make('select', 'floors', [words.allFloors, ...plan.floors].map((name, i) =>
        make('option', '', name, { value: String(i - 1) })), { 'aria-label': words.floor });
      floors.value = String(filter.floor);
      floors.addEventListener('change', () => map.filter({ floor: Number(floors.value) }));
      parts.unshift(floors);
    }
    bar.replaceChildren(...parts);
    /** @type {HTMLElement | undefined} */ (bar.children[focused])?.focus();
  }

  /** @param {number} n */
  number(n) {
    return n.toLocaleString(this.map.language);
  }

  /** @param {Money} money */
  money({ amount, currency }) {
    const format = new Intl.NumberFormat(this.map.language, { style: 'currency', currency });
    return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  }

  // The keyboard: one button that stands for the seat in the focus.

  /** Keeps the focus on a seat that can be seen, and the button's words true. */
  keep(place = this.map.painter.focus) {
    const { map, here, card } = this, { model, painter, size, words } = map;
    if (document.activeElement !== here || painter.level < 2) place = -1;
    else if (place < 0) {
      place = this.last >= 0 ? this.last :
        model.nearest(...map.world(size.width / 2, size.height / 2), size.width / map.view.k);
    }
    painter.focus = place;
    if (place >= 0) {
      this.last = place;
      here.ariaLabel = card.sentence(place);
    } else {
      const section = this.middle(), s = model.plan.sections[section];
      here.ariaLabel = [words.map, ...s ? [fill(words.section, { section: s.name }),
        fill(words.left, { n: this.number(model.freeIn[section]) })] : [], words.enter].join('. ');
    }
    map.redraw();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { map, card } = this, { key } = event, arrow = ARROWS[key], { focus } = map.painter;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow && focus >= 0) this.step(this.next(focus, ...arrow));
    else if (arrow) {
      map.pan(-arrow[0] * 80, -arrow[1] * 80);
      map.fly(map.view, 0);
      this.keep();
    } else if (key === '+' || key === '=') map.closer(1.7);
    else if (key === '-') map.closer(1 / 1.7);
    else if (key === 'Escape' && !card.element.hidden) card.hide();
    else if (key === '0' || key === 'Home' || key === 'Escape') {
      this.last = -1;
      map.home(0);
      map.draw(performance.now());
      this.keep(-1);
    } else return;
    event.preventDefault();
  }

  /** Moves the focus to a seat, and the window with it.
   * @param {number} place
   */
  step(place) {
    const { map } = this, { plan } = map.model, { width, height } = map.size, edge = 60;
    const x = plan.x[place], y = plan.y[place];
    const sx = (x - map.view.x) * map.view.k, sy = (y - map.view.y) * map.view.k;
    const out = sx < edge || sy < edge || sx > width - edge || sy > height - edge;
    if (out) map.fly(map.around(x, y, map.view.k));
    this.keep(place);
    this.say(this.card.sentence(place));
    this.card.seat(place, false, out ? width / 2 : sx, out ? height / 2 : sy, false);
  }

  /** What Enter does: choose the seat in the focus, or go closer. */
  act() {
    const { map } = this, { painter, model, size, own } = map, place = painter.focus;
    if (place >= 0) {
      if (!model.free(place) && !own.has(place)) this.shake(place, map.words.taken);
      else this.toggle(place);
      this.say(this.card.sentence(place));
      return;
    }
    const x = size.width / 2, y = size.height / 2, [wx, wy] = map.world(x, y);
    let section = this.middle(), least = Infinity;
    if (section < 0) {
      model.areas.forEach((a, i) => {
        const d = Math.hypot(a.x - wx, a.y - wy);
        if (d < least && model.shown(i)) [section, least] = [i, d];
      });
    }
    if (model.plan.sections[section]?.standing) {
      this.card.area(section, true, x, y, false);
      this.card.element.querySelector('button')?.focus();
    } else if (section >= 0) {
      map.approach(section, x, y);
      // Who uses the keys goes on from there at once.
      map.view = map.flight?.to ?? map.view;
      map.flight = undefined;
      map.draw(performance.now());
      this.keep();
      if (painter.focus >= 0) this.step(painter.focus);
    }
  }
}
