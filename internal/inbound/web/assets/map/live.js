// What changes while somebody looks: a stream of events that comes back by itself.

/** After how long out of sight the stream ends, and without it the buyer is told. */
const HIDDEN = 60_000, SILENT = 3_000;

/** @typedef {ReturnType<typeof follow>} Live */

/**
 * @param {string} url of the event
 * @param {() => Promise<ArrayBuffer>} states takes a new snapshot
 * @param {import('./map.js').SeatMap} map
 * @param {(place: number, quiet?: boolean) => void} changed
 * @param {AbortSignal} signal
 */
export function follow(url, states, map, changed, signal) {
  const { model, note, words } = map;
  let failures = 0;
  /** The clocks that run, each with its number or 0. */
  let sleep = 0, silence = 0, retry = 0;

  const live = {
    /** @type {EventSource | undefined} */ source: undefined,
    close() {
      clearTimeout(retry);
      live.source?.close();
      live.source = undefined;
    },
  };

  const open = () => {
    if (live.source || signal.aborted) return;
    const source = live.source = new EventSource(`${url}/changes?from=${model.version}`);
    /** @param {string} name @param {(data: string) => void} act */
    const on = (name, act) => source.addEventListener(name, (/** @type {any} */ event) => {
      if (live.source === source) act(event.data);
    });
    on('ready', heard);
    on('delta', (data) => {
      heard();
      if (!model.delta(JSON.parse(data), changed)) again();
      map.renew();
    });
    on('resync', again);
    on('error', () => {
      unheard();
      // The browser comes back by itself unless it was told off.
      if (source.readyState === 2) again();
    });
  };
  const heard = () => {
    failures = 0;
    clearTimeout(silence);
    silence = 0;
    note.textContent = '';
  };
  const unheard = () => {
    silence ||= setTimeout(() => note.textContent = words.stale, SILENT);
  };
  /** Starts anew from a snapshot: at once, and then ever more slowly. */
  const again = () => {
    live.close();
    unheard();
    const wait = failures++ ? Math.min(500 * 2 ** failures, 15_000) : 0;
    retry = setTimeout(() => states().then((fresh) => {
      model.snapshot(fresh, (place) => changed(place, true));
      map.renew();
      open();
    }).catch(again), wait * (0.5 + Math.random() / 2));
  };

  document.addEventListener('visibilitychange', () => {
    clearTimeout(sleep);
    if (!document.hidden) open();
    else sleep = setTimeout(live.close, HIDDEN);
  }, { signal });
  // A page in the browser's memory must not hold a connection.
  addEventListener('pagehide', live.close, { signal });
  addEventListener('pageshow', open, { signal });
  signal.addEventListener('abort', live.close);
  open();
  return live;
}
