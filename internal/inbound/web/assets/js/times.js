// Shows a time also as the reader's clock will show it, where that is another zone's.

/**
 * The clock of a zone at a moment.
 * @param {Date} at
 * @param {string | undefined} zone
 */
function clock(at, zone) {
  const lang = document.documentElement.lang;
  return new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, {
    ...(zone ? { timeZone: zone } : {}),
    weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}

for (const time of document.querySelectorAll('time[data-yours]')) {
  if (!(time instanceof HTMLTimeElement)) continue;
  const at = new Date(time.dateTime);
  const yours = clock(at, undefined);
  if (yours === clock(at, time.dataset['zone'])) continue;
  const note = document.createElement('span');
  note.className = 'yours quiet-text';
  note.textContent = `${time.dataset['yours']} ${yours}`;
  time.after(' ', note);
}
