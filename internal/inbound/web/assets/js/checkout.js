// What the checkout does beside its form: nothing typed is lost, and slips in an address are asked
// about while it is still at hand.

const form = /** @type {HTMLFormElement | null} */ (document.getElementById('checkout'));
const KEPT = ['name', 'email', 'voucher'];
const draft = `draft:${location.pathname}`;

/** @param {string} name */
const input = (name) => /** @type {HTMLInputElement | null} */ (form?.elements.namedItem(name));

/** Puts back what was typed before the page was loaded again. */
function restore() {
  /** @type {Record<string, string>} */
  const kept = JSON.parse(sessionStorage.getItem(draft) ?? '{}');
  for (const name of KEPT) {
    const field = input(name);
    if (field && !field.value && kept[name]) field.value = kept[name];
  }
}

form?.addEventListener('input', () => {
  const kept = Object.fromEntries(KEPT.map((name) => [name, input(name)?.value ?? '']));
  sessionStorage.setItem(draft, JSON.stringify(kept));
});
form?.addEventListener('submit', () => sessionStorage.removeItem(draft));

/** How many letters differ, swapped ones counted once.
 * @param {string} a
 * @param {string} b
 */
function slips(a, b) {
  /** @type {number[][]} */
  const d = [];
  for (let i = 0; i <= a.length; i++) {
    d[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      if (i === 0) {
        d[0][j] = j;
        continue;
      }
      d[i][j] = Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.length][b.length];
}

/** The address that was probably meant, or nothing.
 * @param {string} address
 * @param {string[]} hosts
 */
function meant(address, hosts) {
  const at = address.lastIndexOf('@');
  const host = address.slice(at + 1).toLowerCase();
  if (at < 1 || !host || host.length > 40 || hosts.includes(host)) return '';
  const near = hosts.filter((known) => slips(host, known) <= (known.length > 8 ? 2 : 1));
  near.sort((a, b) => slips(host, a) - slips(host, b));
  return near.length ? address.slice(0, at + 1) + near[0] : '';
}

const email = input('email');
email?.addEventListener('blur', () => {
  document.getElementById('meant')?.remove();
  const better = meant(email.value.trim(), (email.dataset.hosts ?? '').split(' '));
  if (!better || document.getElementById('email-error')) return;
  const box = document.createElement('p');
  box.id = 'meant';
  box.className = 'cluster';
  box.setAttribute('role', 'status');
  box.append((email.dataset.meant ?? '').replace('{email}', better), ' ');
  const use = document.createElement('button');
  use.type = 'button';
  use.className = 'button';
  use.textContent = email.dataset.use ?? '';
  use.addEventListener('click', () => {
    email.value = better;
    email.dispatchEvent(new Event('input', { bubbles: true }));
    box.remove();
    email.focus();
  });
  box.append(use);
  email.parentElement?.append(box);
});

restore();
document.getElementById('problems')?.focus();
