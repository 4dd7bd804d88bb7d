// What every page does beside its own work: nothing yet that it couldn't do without.

/** What brings back the buttons that were pressed.
 * @type {(() => void)[]}
 */
const undo = [];

/** Submits a form only once: a second press while the first is on its way changes nothing. */
document.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.dataset.once === undefined) return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = '';
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (!button) return;
  const said = [...button.childNodes];
  undo.push(() => {
    button.replaceChildren(...said);
    button.removeAttribute('aria-disabled');
  });
  if (button.dataset.busy) button.textContent = button.dataset.busy;
  button.setAttribute('aria-disabled', 'true');
});

// A page that comes back from the browser's memory can be sent again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form[data-sent]')) form.removeAttribute('data-sent');
  for (const bring of undo.splice(0)) bring();
});
