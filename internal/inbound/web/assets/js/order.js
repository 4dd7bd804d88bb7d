// Lets the page of an order change by itself: it asks less and less often, and shows the page anew
// in place, with the focus on what is true now.

/** Seconds from question to question; the last one goes on. */
const WAITS = [2, 3, 5, 8, 15, 30];

let asked = 0;
let timer = 0;
/** @type {string | undefined} */
let fetched;

const order = () => document.getElementById('order');

function later() {
  const page = order();
  clearTimeout(timer);
  if (!page || page.dataset.waits === undefined || document.hidden) return;
  timer = setTimeout(look, 1000 * WAITS[Math.min(asked++, WAITS.length - 1)]);
}

async function look() {
  const page = order();
  if (!page) return;
  try {
    const answer = await fetch(`${page.dataset.url}/state`, { headers: { Accept: 'application/json' } });
    const now = (await answer.json()).state;
    // From the fourth time on the page itself is asked, which asks the bank: a message may be lost.
    if (answer.ok && now !== page.dataset.state || asked > 3) await change(page);
  } catch {
    // The network is away for a moment: what the page says is still the truth.
  }
  later();
}

/** @param {HTMLElement} page */
async function change(page) {
  const answer = await fetch(page.dataset.url ?? '', { headers: { Accept: 'text/html' } });
  if (!answer.ok) return;
  const there = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = there.getElementById('order');
  const said = fresh?.querySelector('.verdict')?.textContent?.replace(/\s+/g, ' ');
  if (!fresh || said === (fetched ?? page.querySelector('.verdict')?.textContent?.replace(/\s+/g, ' '))) return;
  fetched = said;
  page.replaceWith(fresh);
  document.title = there.title;
  document.getElementById('verdict')?.focus();
}

document.addEventListener('visibilitychange', () => {
  asked = 0;
  later();
});
later();
