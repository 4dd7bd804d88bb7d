// <seat-map event="evt_1" src="" plan="pln_1" lang="en">: a house with its places, live.
//
// It shows and lets choose; what is chosen is the page's business: it hears seatmap:choose and
// seatmap:drop, and answers with mine() and refuse(). Nothing here is kept or sent.

import { Card } from './mapcard.js';
import { decodePlan } from './mapdecode.js';
import { levelOf, Painter } from './mapdraw.js';
import { gestures } from './mapgestures.js';
import { Live } from './maplive.js';
import { FREE, Model, SOLD } from './mapmodel.js';
import { button, fill, make, WORDS } from './mapwords.js';

/** @typedef {import('./mapdraw.js').View} View */
/** @typedef {import('./mapmodel.js').Money} Money */

/** How long a flight takes, and how much slower the canvas follows beyond the house's edge. */
const FLIGHT = 240, FLING = 300;

/** A tap finds the seat within so many px; from so many px on it needs no card between. */
const REACH = 22, SURE = 32;

/** How large a seat gets, in px. */
const LARGEST = 52;

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class SeatMap extends HTMLElement {
  connectedCallback() {
    if (this.end) return;
    this.end = new AbortController();
    this.words = { ...WORDS, ...JSON.parse(this.dataset.words || '{}') };
    this.language = /** @type {HTMLElement | null} */ (this.closest('[lang]'))?.lang || 'en';
    this.size = { width: 0, height: 0 };
    /** @type {View} */
    this.view = { x: 0, y: 0, k: 0 };
    this.frames = this.lastFrameMs = this.frame = 0;
    this.atHome = true;
    this.most = 8;
    this.build();
    this.load();
  }

  disconnectedCallback() {
    // It may only have been moved to another place of the page.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.end?.abort();
      this.live?.stop();
      this.sight?.disconnect();
      cancelAnimationFrame(this.frame ?? 0);
      clearTimeout(this.counting);
      this.root?.remove();
      this.end = undefined;
    });
  }

  /** Makes what the map consists of. */
  build() {
    const words = this.words;
    this.canvas = make('canvas', 'canvas', '', { role: 'img', 'aria-label': words.map });
    this.here = button('here', '', () => this.act(), { 'aria-label': words.map });
    this.tip = make('p', 'tip', '', { hidden: '' });
    this.note = make('p', 'note', '', { role: 'status' });
    this.said = make('p', 'live', '', { role: 'status' });
    this.crumb = make('p', 'crumb', '', { hidden: '' });
    this.bar = make('div', 'bar', '', { role: 'group', 'aria-label': words.prices, hidden: '' });
    const zoom = make('div', 'zoom', [
      button('', '+', () => this.closer(1.7), { 'aria-label': words.zoomIn }),
      button('', '−', () => this.closer(1 / 1.7), { 'aria-label': words.zoomOut }),
      button('', '⌂', () => this.home(), { 'aria-label': words.home }),
    ]);
    this.card = new Card(this);
    this.stage = make('div', 'stage', [
      this.canvas, this.here, this.crumb, zoom, this.note, this.tip, this.card.element, this.said]);
    this.root = make('div', 'root', [this.bar, this.stage], { role: 'group', 'aria-label': words.map });
    this.append(this.root);
  }

  /** Asks for all three parts at once: the house, the prices and the states. */
  async load() {
    const url = `${this.getAttribute('src') ?? ''}/v1/events/${this.getAttribute('event')}`;
    const plan = this.getAttribute('plan');
    const get = async (/** @type {string} */ end) => {
      const answer = await fetch(url + end);
      if (!answer.ok) throw new Error(`${answer.status} for ${url + end}`);
      return answer;
    };
    try {
      const [house, event, states] = await Promise.all([
        get(`/plan.bin${plan ? `?plan=${plan}` : ''}`).then(async (a) => decodePlan(await a.arrayBuffer())),
        get('').then((a) => a.json()),
        get('/availability').then((a) => a.arrayBuffer()),
      ]);
      if (!this.end || this.model) return;
      this.begin(house, event, states, url, () => get('/availability'));
    } catch (error) {
      console.warn(error);
      this.note?.replaceChildren(this.words?.failed ?? '', ' ',
        button('again', this.words?.again ?? '', () => {
          this.note?.replaceChildren();
          this.load();
        }));
    }
  }

  /** Begins to show.
   * @param {import('./mapdecode.js').Plan} plan
   * @param {any} event
   * @param {ArrayBuffer} states
   * @param {string} url
   * @param {() => Promise<Response>} again
   */
  begin(plan, event, states, url, again) {
    const { canvas, end } = this;
    if (!canvas || !end || !this.stage) return;
    const { signal } = end;
    const tiers = event.tiers.map((/** @type {any} */ t) => ({
      key: t.key, name: t.name, price: t.buyer_pays ?? t.price }));
    this.most = event.sale?.max_per_order ?? 8;
    const model = this.model = new Model(plan, tiers, event.place_tiers);
    model.snapshot(states);
    this.painter = new Painter(canvas, model, this.words);
    this.painter.sprites.font = getComputedStyle(this).fontFamily;
    this.mine_ = this.painter.mine;
    this.legend();
    this.sight = new ResizeObserver(() => this.measure());
    this.sight.observe(this.stage);
    this.measure();
    this.count();
    gestures(canvas, {
      grab: () => { this.flight = undefined; },
      pan: (dx, dy) => this.pan(dx, dy),
      zoom: (x, y, factor) => this.zoom(x, y, factor),
      release: (vx, vy) => {
        const { x, y, k } = this.view;
        const far = this.still() ? 0 : 110 / k;
        this.fly({ x: x - vx * far, y: y - vy * far, k }, FLING);
      },
      tap: (x, y, touch) => this.tap(x, y, touch),
      twice: (x, y) => this.twice(x, y),
      hover: (x, y) => this.hover(x, y),
    }, signal);
    this.here?.addEventListener('keydown', (key) => this.key(key), { signal });
    this.here?.addEventListener('focus', () => this.keep(), { signal });
    this.here?.addEventListener('blur', () => this.keep(-1), { signal });
    const theme = () => {
      this.painter?.theme(this);
      this.redraw();
    };
    for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
      matchMedia(query).addEventListener('change', theme, { signal });
    }
    const dress = new MutationObserver(theme);
    dress.observe(document.documentElement, { attributes: true });
    signal.addEventListener('abort', () => dress.disconnect());
    this.live = new Live(`${url}/changes`, {
      version: () => model.version,
      refresh: async () => {
        const answer = await again();
        const before = model.state.slice();
        model.snapshot(await answer.arrayBuffer());
        before.forEach((was, p) => was !== model.state[p] && this.changed(p, true));
        this.renew();
      },
      delta: (delta) => {
        const complete = model.delta(delta, (p) => this.changed(p));
        this.renew();
        return complete;
      },
      fresh: (fresh) => {
        const text = fresh ? '' : this.words.stale;
        if (this.note && this.note.textContent !== text) this.note.textContent = text;
      },
    });
    this.emit('ready', { seats: plan.places });
  }

  // What a page may ask of the map.

  /** Says which places are the buyer's, and for which of them the server hasn't answered yet.
   * @param {Iterable<number>} places
   * @param {Iterable<number>} [pending]
   */
  mine(places, pending = []) {
    const own = this.mine_;
    if (!own) return;
    const waiting = [...pending].map((p) => /** @type {[number, number]} */ ([p, own.get(p) || now()]));
    own.clear();
    for (const p of places) own.set(p, 0);
    for (const [p, since] of waiting) own.set(p, since);
    this.renew();
  }

  /** Says that a place can't be had, and what it is instead: "held", "sold" or their number.
   * @param {number} place
   * @param {string | number} [state]
   */
  refuse(place, state = SOLD) {
    this.mine_?.delete(place);
    this.model?.set(place, typeof state === 'number' ? state : state === 'held' ? 1 : SOLD);
    this.lost(place);
    this.renew();
  }

  /** Leaves out what a buyer doesn't want: it stays, but pale. What isn't named stays as it is.
   * @param {Partial<import('./mapmodel.js').Filter>} wish
   */
  filter(wish) {
    if (!this.model) return;
    Object.assign(this.model.filter, wish);
    this.model.recode();
    this.legend();
    this.renew();
  }

  /** Shows a section as large as it fits.
   * @param {number | string} section its index in the plan, or its name
   */
  zoomTo(section) {
    const { model } = this;
    if (!model) return;
    const i = typeof section === 'number' ? section :
      model.plan.sections.findIndex((s) => s.name === section);
    const a = model.areas[i];
    if (!a) return;
    const { width, height } = this.size;
    const fit = Math.min(0.92 * width / (a.r - a.l), 0.92 * height / (a.b - a.t));
    const k = this.within(Math.max(fit, model.plan.sections[i].standing ? 0 : 10 / model.pitch));
    this.fly(this.around((a.l + a.r) / 2, (a.t + a.b) / 2, k));
  }

  /** What tests want to know. */
  debug() {
    const { model, painter, frames, lastFrameMs, view } = this;
    return {
      seats: model?.plan.places ?? 0, drawn: painter?.drawn ?? 0, level: painter?.level ?? -1,
      version: model?.version ?? 0, hash: model?.hash() ?? '', frames, lastFrameMs, view: { ...view },
      pitch: (model?.pitch ?? 0) * view.k, moving: !!this.flight || !!this.frame,
      /** Where a place is in the window. */
      at: (/** @type {number} */ place) => {
        const box = this.canvas?.getBoundingClientRect();
        return model && box && { x: box.left + (model.plan.x[place] - view.x) * view.k,
          y: box.top + (model.plan.y[place] - view.y) * view.k };
      },
      /** Draws at once, from elsewhere if told so. */
      draw: (/** @type {View} */ from = view) => painter?.draw(from, now()),
      look: (/** @type {View} */ from) => this.fly(from, 0),
      model, painter,
    };
  }

  // Looking around.

  still() {
    return matchMedia('(prefers-reduced-motion: reduce)').matches;
  }

  measure() {
    const { stage, painter } = this;
    if (!stage || !painter) return;
    const { clientWidth: width, clientHeight: height } = stage;
    // What is hidden has no size yet; it will be told when it has.
    if (!width || !height) return;
    const { x, y, k } = this.view, middle = { x: x + this.size.width / 2 / k, y: y + this.size.height / 2 / k };
    this.size = { width, height };
    painter.resize(width, height);
    if (this.atHome || !k) this.home(0);
    else this.view = this.around(middle.x, middle.y, k);
    this.draw(now());
  }

  /** The view about a point.
   * @param {number} x
   * @param {number} y
   * @param {number} k
   */
  around(x, y, k) {
    return { x: x - this.size.width / 2 / k, y: y - this.size.height / 2 / k, k };
  }

  /** The whole house. */
  fit() {
    const { left = 0, top = 0, width = 1, height = 1 } = this.model ?? {};
    const k = 0.96 * Math.min(this.size.width / width, this.size.height / height);
    return this.around(left + width / 2, top + height / 2, k);
  }

  home(time = FLIGHT) {
    this.card?.hide();
    this.fly(this.fit(), time);
    this.atHome = true;
  }

  /** @param {number} k */
  within(k) {
    const least = this.fit().k;
    return Math.min(Math.max(k, least), Math.max(LARGEST / (this.model?.pitch ?? 50), least));
  }

  /** A view whose middle lies in the house.
   * @param {View} view
   */
  inside({ x, y, k }) {
    const { left = 0, top = 0, width = 1, height = 1 } = this.model ?? {};
    const w = this.size.width / 2 / k, h = this.size.height / 2 / k;
    const hold = (/** @type {number} */ v, /** @type {number} */ from, /** @type {number} */ size,
      /** @type {number} */ half) => {
      const slack = Math.max(size / 2 - half * 0.8, 0);
      return Math.min(Math.max(v, from + size / 2 - slack), from + size / 2 + slack);
    };
    return this.around(hold(x + w, left, width, w), hold(y + h, top, height, h), k);
  }

  /** Goes to a view; in one step for who doesn't want motion.
   * @param {View} view
   */
  fly(view, time = FLIGHT) {
    const to = this.inside({ ...view, k: this.within(view.k) });
    this.atHome = false;
    if (!time || this.still()) {
      this.view = to;
      this.flight = undefined;
    } else {
      this.flight = { from: this.view, to, since: now(), time };
    }
    this.redraw();
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    const { x, y, k } = this.view, free = { x: x - dx / k, y: y - dy / k, k };
    const held = this.inside(free);
    // Beyond the edge it follows at a third of the speed, and comes back when it is let go.
    this.view = {
      x: held.x === free.x ? free.x : x - dx / k / 3, y: held.y === free.y ? free.y : y - dy / k / 3, k };
    this.atHome = false;
    this.redraw();
  }

  /** @param {number} x @param {number} y @param {number} factor */
  zoom(x, y, factor) {
    const { view } = this, k = this.within(view.k * factor);
    this.view = { x: view.x + x / view.k - x / k, y: view.y + y / view.k - y / k, k };
    this.atHome = false;
    this.redraw();
  }

  /** Closer to the middle, or away from it.
   * @param {number} factor
   */
  closer(factor) {
    const { x, y, k } = this.flight?.to ?? this.view, { width, height } = this.size;
    this.fly(this.around(x + width / 2 / k, y + height / 2 / k, this.within(k * factor)));
  }

  redraw() {
    this.frame ||= requestAnimationFrame((at) => this.draw(at));
  }

  /** Draws a frame, and asks for the next one while something moves.
   * @param {number} at
   */
  draw(at) {
    this.frame = 0;
    const { painter, flight } = this;
    if (!painter || !this.size.width) return;
    const begun = now();
    if (flight) {
      const t = Math.min((at - flight.since) / flight.time, 1), e = 1 - (1 - Math.max(t, 0)) ** 3;
      this.view = t < 1 ? between(flight.from, flight.to, e, this.size) : flight.to;
      if (t >= 1) this.flight = undefined;
    }
    if (painter.draw(this.view, begun) || this.flight) this.redraw();
    else this.settle();
    this.frames++;
    this.lastFrameMs = now() - begun;
  }

  /** Says where one is, once nothing moves. */
  settle() {
    const { crumb, model, words } = this;
    if (!crumb || !model || !words) return;
    const section = this.atHome ? -1 : this.middle();
    const text = section < 0 ? '' : fill(words.section, { section: model.plan.sections[section].name });
    crumb.hidden = this.atHome;
    if (crumb.dataset.at === text && crumb.firstChild) return;
    crumb.dataset.at = text;
    crumb.replaceChildren(button('', words.home, () => this.home()), make('span', '', text && `› ${text}`));
  }

  // Choosing.

  /** @param {number} x @param {number} y */
  world(x, y) {
    return /** @type {const} */ ([this.view.x + x / this.view.k, this.view.y + y / this.view.k]);
  }

  /** The section in the middle of the window. */
  middle() {
    const { model, size } = this, [x, y] = this.world(size.width / 2, size.height / 2);
    return model ? model.sectionAt(x, y) : -1;
  }

  px() {
    return (this.model?.pitch ?? 0) * this.view.k;
  }

  /** @param {number} x @param {number} y @param {boolean} touch */
  tap(x, y, touch) {
    const { model, card } = this, [wx, wy] = this.world(x, y), px = this.px();
    if (!model || !card) return;
    const place = levelOf(px) < 2 ? -1 :
      model.nearest(wx, wy, touch ? REACH / this.view.k : model.pitch * 0.6);
    if (place >= 0) {
      const known = card.pinned && card.place === place;
      if (!model.free(place) && !this.mine_?.has(place)) {
        card.hide();
        this.shake(place, this.words.taken);
      } else if (px >= SURE) this.toggle(place);
      else if (known) card.guarded(() => this.toggle(place));
      else card.seat(place, true, x, y, touch);
      this.last = place;
      return;
    }
    const section = model.sectionAt(wx, wy);
    if (section < 0 || levelOf(px) === 2 && !model.plan.sections[section].standing) card.hide();
    else if (model.plan.sections[section].standing) card.area(section, true, x, y, touch);
    else this.approach(section, x, y);
  }

  /** Goes to a section, and from there to its seats.
   * @param {number} section
   * @param {number} x
   * @param {number} y
   */
  approach(section, x, y) {
    const { model } = this, before = this.view.k, [wx, wy] = this.world(x, y);
    this.card?.hide();
    this.zoomTo(section);
    const to = this.flight?.to ?? this.view;
    if (model && to.k < before * 1.1) this.fly(this.around(wx, wy, 24 / model.pitch));
  }

  /** @param {number} x @param {number} y */
  twice(x, y) {
    const { model } = this, [wx, wy] = this.world(x, y);
    const section = model?.sectionAt(wx, wy) ?? -1;
    if (section < 0) this.fly(this.around(wx, wy, this.view.k * 2));
    else this.approach(section, x, y);
  }

  /** @param {number} x @param {number} y */
  hover(x, y) {
    const { model, card, canvas } = this;
    if (!model || !card || !canvas || card.pinned) return;
    const [wx, wy] = this.world(x, y), near = levelOf(this.px()) === 2;
    const place = near && x === x ? model.nearest(wx, wy, model.pitch * 0.6) : -1;
    const section = x === x && place < 0 ? model.sectionAt(wx, wy) : -1;
    canvas.style.cursor = place >= 0 || section >= 0 ? 'pointer' : '';
    if (place >= 0) card.seat(place, false, x, y, false);
    else if (section >= 0 && (!near || model.plan.sections[section].standing)) {
      card.area(section, false, x, y, false);
    } else if (!card.element.hidden) card.hide();
  }

  /** Chooses a place, or drops it.
   * @param {number} place
   */
  toggle(place) {
    const { model, card, mine_: own } = this;
    if (!model || !card || !own) return;
    const tier = model.tiers[model.tier[place]];
    const detail = { place, label: card.label(place), tier: tier?.key, price: tier?.price };
    card.hide();
    this.last = place;
    if (own.has(place)) {
      if (this.emit('drop', detail)) own.delete(place);
    } else if (model.free(place) && this.emit('choose', detail) && !own.has(place)) {
      // Shown as the buyer's at once; the page says what came of it.
      own.set(place, now());
    }
    this.renew();
  }

  /** Chooses standing places.
   * @param {number} section
   * @param {number} count
   */
  stand(section, count) {
    const tier = this.model?.cheapest(section), name = this.model?.plan.sections[section].name;
    this.emit('choose', { section: name, sectionIndex: section, count, label: { text: name, section: name,
      row: '', seat: '' }, tier: tier?.key, price: tier?.price });
    this.card?.hide();
  }

  /** @param {string} name @param {object} detail */
  emit(name, detail) {
    return this.dispatchEvent(new CustomEvent(`seatmap:${name}`, { detail, bubbles: true, cancelable: true }));
  }

  // What happens meanwhile.

  /** @param {number} place */
  changed(place, quiet = false) {
    const { model, painter, card } = this;
    if (!model || !painter || this.mine_?.has(place)) return;
    if (model.state[place] !== FREE) {
      if (card?.place === place || painter.focus === place) this.lost(place);
    } else if (!quiet && painter.level === 2 && !this.still()) {
      painter.moving.set(place, { pulse: true, since: now() });
    }
  }

  /** Tells at once that a place is gone that was looked at.
   * @param {number} place
   */
  lost(place) {
    this.shake(place, this.words.gone);
    this.say(`${this.card?.label(place).text ?? ''}: ${this.words.gone}`);
  }

  /** @param {number} place @param {string} text */
  shake(place, text) {
    const { tip, model, painter, view } = this;
    if (!tip || !model || !painter) return;
    if (!this.still()) painter.moving.set(place, { pulse: false, since: now() });
    tip.textContent = text;
    tip.hidden = false;
    tip.style.translate = `${(model.plan.x[place] - view.x) * view.k}px ${
      (model.plan.y[place] - view.y) * view.k - this.px() / 2}px`;
    clearTimeout(this.tipping);
    this.tipping = setTimeout(() => { tip.hidden = true; }, 1800);
    this.say(text);
    this.redraw();
  }

  /** @param {string} text */
  say(text) {
    if (this.said) this.said.textContent = text;
  }

  renew() {
    this.card?.renew();
    this.redraw();
    this.keep();
    // Figures that change all the time can't be read: once a second is enough.
    this.counting ||= setTimeout(() => {
      this.counting = 0;
      this.count();
    }, 1000);
  }

  /** Brings the figures up to date. */
  count() {
    const { model, words, canvas, bar } = this;
    if (!model || !canvas || !bar) return;
    let free = 0, least = Infinity;
    /** @type {Money | undefined} */
    let price;
    model.tiers.forEach((t, i) => {
      free += model.freeOf[i];
      if (model.freeOf[i] && t.price.amount < least) [least, price] = [t.price.amount, t.price];
      const figure = bar.querySelector(`[data-tier="${i}"] small`);
      if (figure) figure.textContent = this.number(model.freeOf[i]);
    });
    canvas.setAttribute('aria-label', fill(words.summary, { sections: model.plan.sections.length,
      free: this.number(free), price: price ? this.money(price) : '–' }));
  }

  /** The prices, which filter, and what else can be left out. */
  legend() {
    const { model, words, bar } = this;
    if (!model || !bar) return;
    const { filter, plan } = model;
    const chip = (/** @type {(string | Node)[]} */ content, /** @type {boolean} */ on,
      /** @type {() => void} */ act, /** @type {Record<string, string>} */ more = {}) => {
      const one = button('chip', '', act, { 'aria-pressed': String(on), ...more });
      one.append(...content);
      return one;
    };
    const focused = [...bar.children].indexOf(/** @type {Element} */ (document.activeElement));
    /** @type {Node[]} */
    const parts = model.tiers.map((t, i) => chip([
      make('i', `hue map-hue-${i % 6 + 1}`), `${t.name} `, make('b', '', this.money(t.price)), ' ',
      make('small', '', this.number(model.freeOf[i])),
    ], !!filter.tiers?.includes(t.key), () => {
      const set = new Set(filter.tiers ?? []);
      if (!set.delete(t.key)) set.add(t.key);
      this.filter({ tiers: set.size ? [...set] : null });
    }, { 'data-tier': String(i) }));
    if (plan.flags.some((f) => f & 3)) {
      parts.push(chip([words.stepFree], filter.stepFree, () => this.filter({ stepFree: !filter.stepFree })));
    }
    if (plan.flags.some((f) => f & 4)) {
      parts.push(chip([words.clearView], filter.clearView, () => this.filter({ clearView: !filter.clearView })));
    }
    if (plan.floors.length > 1) {
      const floors = make('select', 'floors', [words.allFloors, ...plan.floors].map((name, i) =>
        make('option', '', name, { value: String(i - 1) })), { 'aria-label': words.floor });
      floors.value = String(filter.floor);
      floors.addEventListener('change', () => this.filter({ floor: Number(floors.value) }));
      parts.unshift(floors);
    }
    bar.replaceChildren(...parts);
    bar.hidden = false;
    /** @type {HTMLElement | undefined} */ (bar.children[focused])?.focus();
  }

  /** @param {number} n */
  number(n) {
    return n.toLocaleString(this.language);
  }

  /** @param {Money} money */
  money({ amount, currency }) {
    const format = new Intl.NumberFormat(this.language, { style: 'currency', currency });
    return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  }

  // The keyboard: one button that stands for the seat in the focus.

  /** Keeps the focus on a seat that can be seen, and the button's words true.
   * @param {number} [place]
   */
  keep(place) {
    const { model, painter, here, words, size } = this;
    if (!model || !painter || !here) return;
    const focused = document.activeElement === here;
    if (place === undefined && focused && levelOf(this.px()) === 2) {
      const [x, y] = this.world(size.width / 2, size.height / 2);
      place = painter.focus >= 0 ? painter.focus : this.last ?? model.nearest(x, y, size.width / this.view.k);
    }
    painter.focus = focused ? place ?? -1 : -1;
    if (painter.focus >= 0) {
      this.last = painter.focus;
      here.setAttribute('aria-label', this.card?.sentence(painter.focus) ?? '');
    } else {
      const section = this.middle(), s = model.plan.sections[section];
      here.setAttribute('aria-label', s ? [words.map, fill(words.section, { section: s.name }),
        fill(words.left, { n: model.freeIn[section] }), words.enter].join('. ') : words.map);
    }
    this.redraw();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { model, painter } = this;
    const arrow = ARROWS[/** @type {keyof ARROWS} */ (event.key)];
    if (!model || !painter || event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow && painter.focus >= 0) this.step(model.next(painter.focus, arrow[0], arrow[1]));
    else if (arrow) {
      this.pan(-arrow[0] * 80, -arrow[1] * 80);
      this.fly(this.view, 0);
      this.keep();
    } else if (event.key === '+' || event.key === '=') this.closer(1.7);
    else if (event.key === '-') this.closer(1 / 1.7);
    else if (event.key === '0' || event.key === 'Home' || event.key === 'Escape') {
      if (event.key === 'Escape' && !this.card?.element.hidden) this.card?.hide();
      else {
        this.last = undefined;
        this.home();
        this.keep(-1);
      }
    } else return;
    event.preventDefault();
  }

  /** Moves the focus to a seat, and the window with it.
   * @param {number} place
   */
  step(place) {
    const { model, size, view } = this;
    if (!model) return;
    const x = model.plan.x[place], y = model.plan.y[place];
    const sx = (x - view.x) * view.k, sy = (y - view.y) * view.k, edge = 60;
    if (sx < edge || sy < edge || sx > size.width - edge || sy > size.height - edge) {
      this.fly(this.around(x, y, view.k));
    }
    this.keep(place);
    this.say(this.card?.sentence(place) ?? '');
    const at = { x: sx, y: sy };
    this.card?.seat(place, false, at.x, at.y, false);
  }

  /** What Enter does: choose the seat in the focus, or go closer. */
  act() {
    const { painter, model, size } = this;
    if (!painter || !model) return;
    if (painter.focus >= 0) {
      const place = painter.focus;
      if (!model.free(place) && !this.mine_?.has(place)) this.shake(place, this.words.taken);
      else this.toggle(place);
      this.say(this.card?.sentence(place) ?? '');
      return;
    }
    let section = this.middle();
    if (section < 0) section = this.closest_(size.width / 2, size.height / 2);
    const s = model.plan.sections[section];
    if (s?.standing) this.card?.area(section, true, size.width / 2, size.height / 2, false);
    else if (s) {
      this.approach(section, size.width / 2, size.height / 2);
      if (this.flight) this.view = this.flight.to;
      this.flight = undefined;
      this.last = undefined;
      this.keep();
      if (painter.focus >= 0) this.step(painter.focus);
    }
  }

  /** The section nearest to a point of the window.
   * @param {number} x
   * @param {number} y
   */
  closest_(x, y) {
    const [wx, wy] = this.world(x, y);
    let found = -1, least = Infinity;
    this.model?.areas.forEach((a, i) => {
      const d = Math.hypot(a.x - wx, a.y - wy);
      if (d < least && this.model?.shown(i)) [found, least] = [i, d];
    });
    return found;
  }
}

const now = () => performance.now();

/** The view on the way from one to another, so that the middle goes straight.
 * @param {View} from
 * @param {View} to
 * @param {number} t
 * @param {{width: number, height: number}} size
 */
function between(from, to, t, { width, height }) {
  const k = from.k * (to.k / from.k) ** t;
  const share = Math.abs(to.k / from.k - 1) < 1e-3 ? t :
    (1 / k - 1 / from.k) / (1 / to.k - 1 / from.k);
  const mix = (/** @type {'x' | 'y'} */ axis, /** @type {number} */ size) => {
    const a = from[axis] + size / 2 / from.k, b = to[axis] + size / 2 / to.k;
    return a + (b - a) * share - size / 2 / k;
  };
  return { x: mix('x', width), y: mix('y', height), k };
}

customElements.define('seat-map', SeatMap);
