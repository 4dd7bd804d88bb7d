// Lets the time of a hold run: by the server's clock, whatever the one here says.

/** When more time is offered out loud: long enough before the end to take it. */
const SOON = 2 * 60 * 1000;

/** @type {Element | null} */
let clock = null;
let ahead = 0; // of the server's clock before ours, in ms
let until = 0;
let told = '';

const voice = document.createElement('p');
voice.className = 'hush';
voice.setAttribute('role', 'status');
document.body.append(voice);

/** Says something once.
 * @param {string | undefined} text
 */
function say(text) {
  if (!text || told === text) return;
  told = text;
  voice.textContent = text;
}

/** Finds the clock of the page; it may have come or changed. */
export function wind() {
  clock = document.querySelector('.clock');
  if (!(clock instanceof HTMLElement)) return;
  const end = Number(clock.dataset.until);
  if (end !== until) told = ''; // more time was taken: warn again
  until = end;
  ahead = Number(clock.dataset.now) - Date.now();
  const time = clock.querySelector('time');
  const here = new Date(until);
  const there = /([+-])(\d\d):(\d\d)$/.exec(time?.dateTime ?? '');
  const east = there ? Number(`${there[1]}1`) * (60 * Number(there[2]) + Number(there[3])) : 0;
  // Somebody in another zone than the house's reads their own time, too.
  if (time && time.dataset.here === undefined && east !== -here.getTimezoneOffset()) {
    time.dataset.here = '';
    time.append(` (${here.toLocaleTimeString(document.documentElement.lang, {
      hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' })})`);
  }
  tick();
}

function tick() {
  if (!(clock instanceof HTMLElement)) return;
  const left = Math.max(0, until - Date.now() - ahead);
  const seconds = Math.ceil(left / 1000);
  const shown = clock.querySelector('[data-left]');
  if (shown) shown.textContent = `(${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')})`;
  if (left > 0 && left <= SOON) {
    clock.classList.add('soon');
    say(clock.dataset.soon);
  }
  if (left > 0) return;
  // What was sent in the last second is in time, and its answer is on its way.
  if (document.querySelector('form[data-sent]')) return;
  say(clock.dataset.over);
  const over = clock;
  clock = null;
  // The server has the last word; it also knows which places are still free.
  over.dispatchEvent(new CustomEvent('clock:over', { bubbles: true }));
  if (!document.querySelector('seat-map')) location.reload();
}

wind();
setInterval(tick, 1000);
document.addEventListener('visibilitychange', tick); // intervals sleep in hidden tabs
