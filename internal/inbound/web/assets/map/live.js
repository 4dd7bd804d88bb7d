// What changes while somebody looks: a stream of events that comes back by itself.

/** After how long out of sight the stream ends, and without it the buyer is told. */
const HIDDEN = 60_000, SILENT = 3_000;

/**
 * @typedef {object} Needs
 * @property {() => number} version of the state that the map has
 * @property {() => Promise<void>} refresh takes a new snapshot
 * @property {(delta: any) => boolean} delta false if something before it is missing
 * @property {(fresh: boolean) => void} fresh whether what is shown is up to date
 */

export class Live {
  /** @type {EventSource | undefined} */ source;
  failures = 0;
  end = new AbortController();
  /** The clocks that run, each with its number or 0. */
  sleep = 0;
  silence = 0;
  retry = 0;

  /** @param {string} url @param {Needs} needs */
  constructor(url, needs) {
    this.url = url;
    this.needs = needs;
    const { signal } = this.end;
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.sleep);
      if (!document.hidden) this.open();
      else this.sleep = setTimeout(() => this.close(), HIDDEN);
    }, { signal });
    // A page in the browser's memory must not hold a connection.
    addEventListener('pagehide', () => this.close(), { signal });
    addEventListener('pageshow', () => this.open(), { signal });
    this.open();
  }

  open() {
    if (this.source || this.end.signal.aborted) return;
    const source = this.source = new EventSource(`${this.url}?from=${this.needs.version()}`);
    const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ act) =>
      source.addEventListener(name, (event) => this.source === source && act(event));
    on('ready', () => this.heard());
    on('delta', (event) => {
      this.heard();
      if (!this.needs.delta(JSON.parse(event.data))) this.again();
    });
    on('resync', () => this.again());
    on('error', () => {
      this.unheard();
      // The browser comes back by itself unless it was told off.
      if (source.readyState === 2) this.again();
    });
  }

  heard() {
    this.failures = 0;
    clearTimeout(this.silence);
    this.silence = 0;
    this.needs.fresh(true);
  }

  unheard() {
    this.silence ||= setTimeout(() => this.needs.fresh(false), SILENT);
  }

  /** Starts anew from a snapshot: at once, and then ever more slowly. */
  again() {
    this.close();
    this.unheard();
    const wait = this.failures++ ? Math.min(500 * 2 ** this.failures, 15_000) : 0;
    this.retry = setTimeout(async () => {
      try {
        await this.needs.refresh();
        this.open();
      } catch {
        this.again();
      }
    }, wait * (0.5 + Math.random() / 2));
  }

  close() {
    clearTimeout(this.retry);
    this.source?.close();
    this.source = undefined;
  }

  stop() {
    this.close();
    this.end.abort();
    clearTimeout(this.silence);
    clearTimeout(this.sleep);
  }
}
