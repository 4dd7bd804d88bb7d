// What every page must be, whichever it is. The value is a list of sentences about what it isn't.
(() => {
  const faults = [];
  const say = (text, e) => faults.push(e ? `${text}: ${e.outerHTML.slice(0, 140)}` : text);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const shown = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
    e.getClientRects().length > 0;
  // Hidden from eyes only: one CSS pixel, clipped.
  const forEyes = (e) => {
    const r = e.getBoundingClientRect();
    return shown(e) && r.width > 1 && r.height > 1;
  };

  if (!document.documentElement.lang) say('the page says no language');
  if (!document.title.trim()) say('the page has no title');
  const ids = all('[id]').map((e) => e.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) say(`two elements are #${id}`);

  const headings = all('h1, h2, h3, h4, h5, h6').filter(shown);
  const first = headings.filter((e) => e.tagName === 'H1');
  if (first.length !== 1) say(`the page has ${first.length} headings of the first level`);
  let level = 0;
  for (const e of headings) {
    const next = Number(e.tagName[1]);
    if (next > level + 1) say(`a heading skips from level ${level} to ${next}`, e);
    if (!e.innerText.trim()) say('a heading is empty', e);
    level = next;
  }

  const landmarks = [['main', 'main'], ['banner', 'body > header'],
    ['contentinfo', 'body > footer']];
  // What other sites show within their pages has only its content.
  for (const [name, selector] of location.pathname.startsWith('/embed/') ? landmarks.slice(0, 1)
    : landmarks) {
    const n = all(selector).filter(shown).length;
    if (n !== 1) say(`the page has ${n} landmarks of the kind ${name}`);
  }
  const landmark = 'main, header, footer, nav, aside, dialog, [role="dialog"], .skip, script, ' +
    'noscript, template, [role="status"], [role="alert"], [aria-live]';
  for (const e of document.body.children)
    if (forEyes(e) && !e.matches(landmark)) say('content stands outside of every landmark', e);

  const name = (e) => [e.getAttribute('aria-label'), e.title, e.innerText, e.value,
    ...(e.getAttribute('aria-labelledby') ?? '').split(' ')
      .map((id) => document.getElementById(id)?.innerText),
    ...all('img[alt]', e).map((i) => i.alt)].some((text) => text?.trim());
  for (const e of all('a[href], button, summary, [role="button"]').filter(shown))
    if (!name(e)) say('nothing says what this does', e);
  for (const e of all('input:not([type="hidden"]), select, textarea').filter(shown)) {
    const button = ['submit', 'button', 'image', 'reset'].includes(e.type);
    if (!button && !e.labels.length && !e.getAttribute('aria-label') &&
      !e.getAttribute('aria-labelledby')) say('a field has no label', e);
    if (!button && e.placeholder && !e.labels.length) say('a placeholder is no label', e);
    if (['text', 'search', 'email', 'tel', 'url', 'number', 'password', 'textarea', 'select-one']
      .includes(e.type) && parseFloat(getComputedStyle(e).fontSize) < 16)
      say('a phone zooms in when this field is touched (below 16 px)', e);
  }
  for (const e of all('img')) if (!e.hasAttribute('alt')) say('a picture has no alternative', e);
  for (const e of all('th')) if (!e.scope && !e.id) say('a table heading has no scope', e);

  const wide = document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) {
    const right = (e) => e.getBoundingClientRect().right;
    const widest = all('main *').filter(shown)
      .reduce((a, b) => right(b) > right(a) ? b : a);
    say(`the page is ${wide} px wider than the window`, widest);
  }

  // Target sizes as in WCAG 2.5.8: 24 px, or inline in a sentence, or far enough from the next.
  const least = 24;
  const targets = all('a[href], button, input:not([type="hidden"]), select, textarea, summary, ' +
    '[role="button"], [tabindex]').filter(forEyes).filter((e) => !e.disabled && e.tabIndex >= 0);
  const box = (e) => {
    const r = e.getBoundingClientRect();
    const label = Array.from(e.labels ?? [], (l) => l.getBoundingClientRect())
      .find((l) => l.height >= least);
    return (e.type === 'checkbox' || e.type === 'radio') && label ? label : r;
  };
  const inline = (e) => e.tagName === 'A' && getComputedStyle(e).display === 'inline' &&
    Array.from(e.parentElement.childNodes).some((n) => n.nodeType === 3 && n.data.trim());
  for (const e of targets) {
    const r = box(e);
    if (r.width >= least && r.height >= least || inline(e)) continue;
    const [x, y] = [r.left + r.width / 2, r.top + r.height / 2];
    const near = targets.find((other) => {
      const o = box(other);
      if (other === e || e.contains(other) || other.contains(e)) return false;
      const dx = Math.max(o.left - x, 0, x - o.right), dy = Math.max(o.top - y, 0, y - o.bottom);
      return Math.hypot(dx, dy) < least / 2;
    });
    if (near) say(`a target is ${Math.round(r.width)} by ${Math.round(r.height)} px, with another ` +
      'beside it', e);
  }

  // Focus: each kind of target must look different with it, and must not be covered.
  const looks = (e) => {
    const s = getComputedStyle(e);
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor].join();
  };
  const [x0, y0, before] = [scrollX, scrollY, document.activeElement];
  const kinds = new Set();
  for (const e of targets) {
    const kind = e.tagName + e.type + e.className + e.parentElement.className;
    if (kinds.has(kind) || !e.checkVisibility()) continue;
    kinds.add(kind);
    const plain = looks(e);
    e.focus({focusVisible: true});
    if (document.activeElement !== e) continue;
    if (looks(e) === plain) say('one does not see that this has the focus', e);
    const r = e.getBoundingClientRect();
    // What is wider than the window is looked at where it can be seen.
    const middle = (Math.max(r.left, 0) + Math.min(r.right, innerWidth)) / 2;
    const covered = [0.1, 0.5, 0.9].every((share) => {
      const hit = document.elementFromPoint(middle, r.top + r.height * share);
      return !hit || !e.contains(hit) && !hit.contains(e) && hit.closest('label')?.control !== e;
    });
    if (covered) say('something covers what has the focus', e);
    e.blur();
  }
  before?.focus?.({preventScroll: true});
  if (before === document.body) document.activeElement?.blur?.();
  scrollTo(x0, y0);
  return faults;
})()
