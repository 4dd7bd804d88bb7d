// Tells the page around this one how tall it is, if that is a page that may show it.

const allowed = (document.body.dataset['origins'] ?? '').split(' ').filter(Boolean);

/** The origin of the page around, as far as the browser tells. */
function around() {
  const [first] = location.ancestorOrigins ?? [];
  if (first) return first;
  try {
    return new URL(document.referrer).origin;
  } catch {
    return '';
  }
}

const origin = around();
if (window.parent !== window && allowed.includes(origin)) {
  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    window.parent.postMessage({ ticketflow: 'size', height, title: document.title }, origin);
  }).observe(document.body);
}
