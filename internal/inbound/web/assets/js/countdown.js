// Counts down to the opening of a sale by the server's time, and shows the way in when it is open.
// It asks the server nothing: ten thousand browsers that wait for one moment must not meet there,
// so the way in comes up to three seconds late, each browser's at its own time.

/**
 * @typedef {{in: string, units: [string, string][], moment: string}} Words
 */

const spreadMs = 3000;
const unitsMs = [86_400_000, 3_600_000, 60_000];

/**
 * What is left, in two units.
 * @param {number} ms
 * @param {Words} words
 */
function span(ms, words) {
  /** @type {string[]} */
  const parts = [];
  let rest = ms;
  for (const [i, unit] of unitsMs.entries()) {
    const n = Math.floor(rest / unit);
    rest -= n * unit;
    const names = words.units[i];
    if (n > 0 && parts.length < 2 && names) parts.push(`${n} ${n === 1 ? names[0] : names[1]}`);
  }
  return words.in.replace('{span}', parts.join(' ') || words.moment);
}

/** @param {HTMLElement} notice */
function count(notice) {
  const left = notice.querySelector('.left');
  const action = document.getElementById('open');
  const opened = document.getElementById('opened');
  if (!left || !action) return;
  /** @type {Words} */
  const words = JSON.parse(notice.dataset['words'] ?? '');
  const total = Number(notice.dataset['until']) - Number(notice.dataset['now']);
  const begun = Date.now(); // only the difference counts: a phone's clock may be minutes off
  const late = Math.random() * spreadMs;

  // The time is computed anew at each look: a timer of a page in the background sleeps.
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    const ms = total - (Date.now() - begun);
    if (ms + late > 0) {
      const text = ms > 0 ? span(ms, words) : words.in.replace('{span}', words.moment);
      if (left.textContent !== text) left.textContent = text;
      timer = setTimeout(look, Math.max(50, Math.min(1000, ms + late)));
      return;
    }
    notice.hidden = true;
    action.hidden = false;
    if (opened) opened.textContent = opened.dataset['say'] ?? '';
  };
  look();
  document.addEventListener('visibilitychange', look);
}

const notice = document.getElementById('opens');
if (notice) count(notice);
