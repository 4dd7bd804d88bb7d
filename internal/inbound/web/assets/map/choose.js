// Choosing: the card of a seat or a section, the prices, and the keyboard.

import { gestures } from './gestures.js';
import { HELD } from './model.js';
import { button, clamp, fill, make, many, now } from './words.js';

/** @typedef {ReturnType<typeof choosing>} Chooser */
/** @typedef {{text: string, section: string, row: string, seat: string}} Label */

/** A tap finds the seat within so many px; from so many px on it needs no card between. */
const REACH = 22, SURE = 32;

/** The keys that move. @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** How long the map glides on after a swipe, in ms, and how far: for so many ms at its last speed. */
const GLIDE = 300, REACHES = 110;

/** How far from the edge of the window the focus stays, in px. */
const EDGE = 60;

/** A click this soon after the card has opened was meant for what was there before. */
const GUARD = 250;

/** @param {import('./map.js').SeatMap} map @param {AbortSignal} signal */
export function choosing(map, signal) {
  const { words, model, painter, canvas, stage, root, own, language } = map;
  const { plan, tiers, state, freeIn, freeOf, filter, free } = model, { sections, flags } = plan;
  const { moving, sectionAt } = painter;
  /** The seat that had the focus or was tapped last. */
  let last = -1;
  let counting = 0, tipping = 0;

  const here = button('here', '', act);
  const tip = make('p', 'tip');
  const said = make('p', 'live', '', { role: 'status' });
  const where = make('span', '');
  const crumb = make('p', 'crumb', [button('', words.home, () => map.home()), where], { hidden: true });
  const bar = make('div', 'bar', '', { role: 'group', ariaLabel: words.prices });

  const number = (/** @type {number} */ n) => n.toLocaleString(language);

  /** @param {import('./model.js').Money} money */
  const money = ({ amount, currency }) => {
    const format = new Intl.NumberFormat(language, { style: 'currency', currency });
    return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  };

  const named = (/** @type {number} */ section) => fill(words.section, sections[section].name);
  const standing = (/** @type {number} */ section) => sections[section]?.standing;
  const priced = (/** @type {number} */ place) => tiers[model.tier[place]];
  const taken = (/** @type {number} */ place) => !free(place) && !own.has(place);
  const middle = () => sectionAt(...map.middle());

  /** The places of a section. @param {number} section */
  const within = (section) => {
    const { first, places } = sections[section];
    return many(places, (i) => first + i);
  };

  /** What a seat is called.
   * @param {number} place
   * @returns {Label}
   */
  const labelled = (place) => {
    const { name: section, index, standing } = sections[plan.sectionOf[place]];
    if (standing) return { text: section, section, row: '', seat: '' };
    const i = plan.rowOf(place), { label: row, title, seatTitle } = plan.row(i);
    const seat = plan.label(place, i);
    const text = [
      named(index), title || row && fill(words.row, row),
      seatTitle ? seatTitle.replace('%s', seat) : fill(words.seat, seat),
    ].filter(Boolean).join(' · ');
    return { text, section, row, seat };
  };

  /** What is to be said of a seat beside its name: state, kind, why its view is restricted.
   * @param {number} place
   */
  const notes = (place) => {
    const flag = flags[place], since = own.get(place), why = plan.reasons[place];
    return [
      since !== undefined ? since ? words.pending : words.mine :
        !free(place) && (state[place] ? state[place] === HELD ? words.held : words.taken : words.closed),
      flag & 1 && words.accessible, flag & 2 && words.companion,
      flag & 4 && words.restricted + (why ? ': ' + why : ''),
    ].filter((note) => typeof note === 'string');
  };

  /** The one with the lowest price, if there is any.
   * @param {import('./model.js').Tier[]} some
   * @returns {import('./model.js').Tier | undefined}
   */
  const lowest = (some) => some.sort((a, b) => a.buyer_pays.amount - b.buyer_pays.amount)[0];

  /** The lowest price among the free places of a section. @param {number} section */
  const cheapest = (section) => lowest(within(section).filter(free).map(priced));

  const card = {
    element: make('div', 'card', '', { role: 'group', hidden: true }),
    opened: 0, place: -1, section: -1, pinned: false, count: 1,
    /** Shows again what it shows, after something has changed. */
    anew: () => {},

    /** What a seat is, in one sentence.
     * @param {number} place
     */
    sentence(place) {
      const tier = priced(place);
      return [labelled(place).text, ...tier ? [`${tier.name} ${money(tier.buyer_pays)}`] : [],
        ...notes(place)].join(', ');
    },

    /** Shows a seat: for a look, or pinned with its button.
     * @param {number} place
     * @param {boolean} pinned
     * @param {number} x where the pointer is
     * @param {number} y
     * @param {boolean} [touch]
     */
    seat(place, pinned, x, y, touch) {
      const { text, row, seat } = labelled(place), tier = priced(place);
      const parts = [
        spotted(row ? [make('span', '', named(plan.sectionOf[place]) + ' · ' + fill(words.row, row)),
          make('b', '', seat)] : [make('b', '', text)]),
        ...tier ? [price(money(tier.buyer_pays), tier.name)] : [],
        ...notes(place).map((note) => make('p', 'said', note)),
      ];
      if (pinned) {
        const name = own.has(place) ? 'drop' : 'choose';
        parts.push(make('div', 'acts', [
          ...taken(place) ? [] : [button(name, words[name], () => guarded(() => toggle(place)))],
          button('close', words.close, card.hide),
        ]));
      }
      show(parts, text, pinned, x, y, touch, place, -1, card.seat);
    },

    /** Shows a section: how much is free, and for standing places how many are wanted.
     * @param {number} section
     * @param {boolean} pinned
     * @param {number} x
     * @param {number} y
     * @param {boolean} [touch]
     */
    area(section, pinned, x, y, touch) {
      const { name, standing, entrance } = sections[section], left = freeIn[section];
      const tier = cheapest(section), cost = tier ? money(tier.buyer_pays) : '';
      const parts = [
        spotted([make('b', '', standing ? name : named(section))]),
        price(cost && !standing ? fill(words.from, cost) : cost,
          left ? fill(words.left, number(left)) : words.soldOut),
        ...entrance ? [make('p', 'said', fill(words.entrance, entrance))] : [],
      ];
      if (pinned) {
        if (standing && left) {
          if (card.section !== section) card.count = 1;
          const shown = make('output', 'count');
          const step = (/** @type {number} */ by) => {
            card.count = clamp(card.count + by, 1, Math.min(left, model.most));
            shown.textContent = `${card.count}`;
          };
          step(0);
          parts.push(make('div', 'acts', [
            button('step', '−', () => step(-1), { ariaLabel: words.fewer }), shown,
            button('step', '+', () => step(1), { ariaLabel: words.more }),
            button('choose', words.choose, () => guarded(() => stand(section, card.count))),
          ]));
        }
        parts.push(button('close map-corner', '×', card.hide, { ariaLabel: words.close }));
      }
      show(parts, name, pinned, x, y, touch, -1, section, card.area);
    },

    hide() {
      if (holds()) here.focus();
      card.element.hidden = true;
      card.pinned = false;
      card.place = card.section = -1;
    },
  };
  const { element } = card;

  /** @param {Node[]} content */
  function spotted(content) {
    return make('p', 'where', content);
  }

  /** @param {string} cost @param {string} name @returns {HTMLElement} */
  function price(cost, name) {
    return make('p', 'price', [make('b', '', cost), make('span', '', name)]);
  }

  function holds() {
    return element.contains(document.activeElement);
  }

  /** @param {() => void} act */
  function guarded(act) {
    if (now() - card.opened > GUARD) act();
  }

  /** Puts the card beside the pointer, or at the edge of the map where no finger is.
   * @param {Node[]} parts
   * @param {string} label
   * @param {boolean} pinned
   * @param {number} x
   * @param {number} y
   * @param {boolean | undefined} touch
   * @param {number} place
   * @param {number} section
   * @param {typeof card.seat} anew
   */
  function show(parts, label, pinned, x, y, touch, place, section, anew) {
    if (pinned && !card.pinned) card.opened = now();
    const held = holds(), { width, height } = map, edge = touch || width < 480;
    Object.assign(card, {
      pinned, place, section, anew: () => anew(Math.max(place, section), pinned, x, y, touch),
    });
    element.replaceChildren(...parts);
    element.ariaLabel = label;
    element.hidden = false;
    if (held) first();
    element.classList.toggle('map-edge', edge);
    element.classList.toggle('map-pinned', pinned);
    const { offsetWidth: w, offsetHeight: h } = element;
    const [cx, cy] = edge ? [0, y < height - h - 48 ? height - h - 12 : 12] :
      [x + 20 + w < width ? x + 20 : Math.max(x - 20 - w, 8), clamp(y + 16, 8, height - h - 8)];
    element.style.translate = `${cx}px ${cy}px`;
  }

  function first() {
    element.querySelector('button')?.focus();
  }

  /** Chooses a place, or drops it.
   * @param {number} place
   */
  function toggle(place) {
    const tier = priced(place);
    const detail = { place, label: labelled(place), tier: tier?.key, price: tier?.buyer_pays };
    card.hide();
    last = place;
    if (own.has(place)) {
      if (map.emit('drop', detail)) own.delete(place);
    } else if (free(place) && map.emit('choose', detail) && !own.has(place)) {
      // Shown as the buyer's at once; the page says what came of it.
      own.set(place, now());
    }
    map.renew();
  }

  /** Chooses standing places: which of them doesn't matter, so that two buyers seldom meet.
   * @param {number} section
   * @param {number} count
   */
  function stand(section, count) {
    const tier = cheapest(section), { name, first } = sections[section];
    const all = within(section).filter((p) => free(p) && !own.has(p));
    const start = Math.random() * all.length | 0;
    map.emit('choose', { section: name, sectionIndex: section, count,
      places: [...all.slice(start), ...all.slice(0, start)].slice(0, count),
      label: labelled(first), tier: tier?.key, price: tier?.buyer_pays });
    card.hide();
  }

  /** What is at a point: the place or -1, the section or -1, and whether places can be seen.
   * @param {number} x
   * @param {number} y
   * @param {boolean} [touch] by a finger
   */
  function aim(x, y, touch) {
    const [wx, wy] = map.world(x, y), near = painter.level > 1;
    return /** @type {const} */ ([
      near ? model.nearest(wx, wy, touch ? REACH / map.view.k : model.pitch * 0.6) : -1,
      sectionAt(wx, wy), near,
    ]);
  }

  /** @param {number} x @param {number} y @param {boolean} touch */
  function tap(x, y, touch) {
    const [place, section, near] = aim(x, y, touch);
    if (place >= 0) {
      last = place;
      if (taken(place)) {
        card.hide();
        shake(place, words.taken);
      } else if (map.px() >= SURE) toggle(place);
      else if (card.pinned && card.place === place) guarded(() => toggle(place));
      else card.seat(place, true, x, y, touch);
    } else if (standing(section)) card.area(section, true, x, y, touch);
    else if (section < 0 || near) card.hide();
    else map.approach(section, x, y);
  }

  /** @param {number} x outside where it is NaN @param {number} y */
  function hover(x, y) {
    if (card.pinned) return;
    const [place, section, near] = aim(x, y);
    canvas.style.cursor = place >= 0 || section >= 0 ? 'pointer' : '';
    if (place >= 0) card.seat(place, false, x, y);
    else if (section >= 0 && (!near || standing(section))) card.area(section, false, x, y);
    else card.hide();
  }

  /** The next seat from a place in a direction, or the place itself.
   * @param {number} place
   * @param {number} ux
   * @param {number} uy
   */
  function next(place, ux, uy) {
    const { plan: { x, y }, pitch } = model;
    const found = model.best(x[place], y[place], 40 * pitch, (dx, dy) => {
      const along = dx * ux + dy * uy, aside = Math.abs(dx * uy - dy * ux);
      return along > pitch / 3 && aside < along ? along + 2 * aside : Infinity;
    });
    return found < 0 ? place : found;
  }

  /** Tells at once that a place is gone that was looked at.
   * @param {number} place
   */
  function lost(place) {
    shake(place, words.gone);
    say(`${labelled(place).text}: ${words.gone}`);
  }

  /** @param {number} place @param {string} text */
  function shake(place, text) {
    const { x, y } = map.spot(place);
    if (!map.still()) moving.set(place, { pulse: false, since: now() });
    tip.textContent = text;
    tip.style.translate = `${x}px ${y - map.px() / 2}px`;
    clearTimeout(tipping);
    tipping = setTimeout(() => tip.textContent = '', 1800);
    say(text);
    map.redraw();
  }

  /** @param {string} text */
  function say(text) {
    said.textContent = text;
  }

  /** Brings the figures up to date. */
  function count() {
    const least = lowest(tiers.filter((_, i) => freeOf[i]));
    bar.querySelectorAll('small').forEach((figure, i) => figure.textContent = number(freeOf[i]));
    canvas.ariaLabel = fill(words.summary, sections.length, number(freeOf.reduce((a, b) => a + b)),
      least ? money(least.buyer_pays) : '–');
  }

  /** The prices, which filter, and what else can be left out. */
  function legend() {
    const focused = [...bar.children].indexOf(/** @type {Element} */ (document.activeElement));
    /** @param {string | Node[]} content @param {boolean} on @param {() => object} wish */
    const chip = (content, on, wish) =>
      button('chip', content, () => map.filter(wish()), { ariaPressed: on });
    /** @type {HTMLElement[]} */
    const parts = tiers.map(({ key, name, buyer_pays }, i) => chip([
      make('i', `hue map-hue-${i % 6 + 1}`), make('span', '', name), make('b', '', money(buyer_pays)),
      make('small', ''),
    ], !!filter.tiers?.includes(key), () => {
      const set = new Set(filter.tiers);
      if (!set.delete(key)) set.add(key);
      return { tiers: set.size ? [...set] : null };
    }));
    for (const [kind, flag] of /** @type {const} */ ([['stepFree', 3], ['clearView', 4]])) {
      if (flags.some((f) => f & flag)) {
        parts.push(chip(words[kind], filter[kind], () => ({ [kind]: !filter[kind] })));
      }
    }
    if (plan.floors[1]) {
      const floors = make('select', 'floors', [words.allFloors, ...plan.floors].map((name, i) =>
        make('option', '', name, { value: i - 1 })), { ariaLabel: words.floor });
      floors.value = `${filter.floor}`;
      floors.onchange = () => map.filter({ floor: +floors.value });
      parts.unshift(floors);
    }
    bar.replaceChildren(...parts);
    count();
    parts[focused]?.focus();
  }

  // The keyboard: one button that stands for the seat in the focus.

  /** Keeps the focus on a seat that can be seen, and the button's words true. */
  function keep(place = painter.focus) {
    if (document.activeElement !== here || painter.level < 2) place = -1;
    else if (place < 0) {
      place = last >= 0 ? last : model.nearest(...map.middle(), map.width / map.view.k);
    }
    painter.focus = place;
    if (place >= 0) {
      last = place;
      here.ariaLabel = card.sentence(place);
    } else {
      const section = middle();
      here.ariaLabel = [words.map, ...section < 0 ? [] :
        [named(section), fill(words.left, number(freeIn[section]))], words.enter].join('. ');
    }
    map.redraw();
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const { key } = event, arrow = ARROWS[key], { focus } = painter;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow) {
      if (focus < 0) {
        map.pan(-arrow[0] * 80, -arrow[1] * 80);
        map.fly(map.view, 0);
        keep();
      } else step(next(focus, ...arrow));
    } else if (key === '+' || key === '=') map.closer(1.7);
    else if (key === '-') map.closer(1 / 1.7);
    else if (key === 'Escape' && !element.hidden) card.hide();
    else if (key === '0' || key === 'Home' || key === 'Escape') {
      last = -1;
      map.home(0);
      map.draw(now());
      keep(-1);
    } else return;
    event.preventDefault();
  }

  /** Moves the focus to a seat, and the window with it.
   * @param {number} place
   */
  function step(place) {
    const { width, height } = map;
    let { x, y } = map.spot(place);
    if (Math.min(x, y, width - x, height - y) < EDGE) {
      map.fly(map.around(plan.x[place], plan.y[place], map.view.k));
      [x, y] = [width / 2, height / 2];
    }
    keep(place);
    say(card.sentence(place));
    card.seat(place, false, x, y);
  }

  /** What Enter does: choose the seat in the focus, or go closer. */
  function act() {
    const { focus } = painter;
    if (focus >= 0) {
      if (taken(focus)) shake(focus, words.taken);
      else toggle(focus);
      say(card.sentence(focus));
      return;
    }
    const x = map.width / 2, y = map.height / 2, [wx, wy] = map.middle();
    const far = (/** @type {{x: number, y: number}} */ s) => Math.hypot(s.x - wx, s.y - wy);
    let section = middle();
    if (section < 0) {
      section = sections.filter((_, i) => model.shown(i)).sort((a, b) => far(a) - far(b))[0]?.index ?? -1;
    }
    if (standing(section)) {
      card.area(section, true, x, y);
      first();
    } else if (section >= 0) {
      map.approach(section, x, y);
      // Who uses the keys goes on from there at once.
      map.go(map.goal());
      map.draw(now());
      keep();
      if (painter.focus >= 0) step(painter.focus);
    }
  }

  /** Hears that the state of a place has changed.
   * @param {number} place
   * @param {boolean} [quiet] since it happened some time ago
   */
  function changed(place, quiet) {
    if (own.has(place)) return;
    if (state[place]) {
      if (card.place === place || painter.focus === place) lost(place);
    } else if (!quiet && painter.level > 1 && !map.still()) {
      moving.set(place, { pulse: true, since: now() });
    }
  }

  function renew() {
    if (!element.hidden) card.anew();
    keep();
    // Figures that change all the time can't be read: once a second is enough.
    counting ||= setTimeout(() => {
      counting = 0;
      count();
    }, 1000);
  }

  canvas.after(here, crumb);
  stage.append(tip, element, said);
  root.prepend(bar);
  legend();
  keep();
  here.onkeydown = press;
  here.onfocus = here.onblur = () => keep();
  gestures(canvas, {
    grab: () => { map.flight = undefined; },
    pan: map.pan,
    zoom: map.zoom,
    release: (vx, vy) => {
      const { x, y, k } = map.view, far = REACHES / k;
      map.fly({ x: x - vx * far, y: y - vy * far, k }, GLIDE);
    },
    tap,
    twice: (x, y) => {
      const [wx, wy] = map.world(x, y), section = sectionAt(wx, wy);
      if (section < 0) map.fly(map.around(wx, wy, map.view.k * 2));
      else map.approach(section, x, y);
    },
    hover,
  }, signal);

  return {
    card, lost, legend, renew, changed,

    /** Says where one is, once nothing moves. @param {boolean} atHome */
    settle(atHome) {
      const section = atHome ? -1 : middle(), text = section < 0 ? '' : '› ' + named(section);
      crumb.hidden = atHome;
      where.textContent = text;
    },
  };
}
