// The widget: puts an event into a page of another site. It is a plain script, which may be loaded
// async, and it makes one frame and nothing else: what is inside has no access to the page around.
(() => {
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const event = script?.dataset['event'];
  if (!script || !event || !/^evt_[0-9]{1,10}$/.test(event)) return;
  const home = new URL(script.src).origin;
  const address = new URL(`/embed/${event}`, home);
  if (script.dataset['lang']) address.searchParams.set('lang', script.dataset['lang']);

  const frame = document.createElement('iframe');
  frame.title = script.dataset['title'] ?? 'Tickets'; // until the page inside says its own
  frame.referrerPolicy = 'strict-origin-when-cross-origin'; // it has to know where it is shown
  frame.style.cssText = 'display:block;width:100%;height:24rem;border:0;color-scheme:normal';
  frame.src = address.href;

  const maxHeight = 4000;
  addEventListener('message', (message) => {
    if (message.origin !== home || message.source !== frame.contentWindow) return;
    const said = message.data;
    if (said?.ticketflow !== 'size' || !Number.isFinite(said.height)) return;
    frame.style.height = `${Math.min(Math.max(said.height, 80), maxHeight)}px`;
    if (!script.dataset['title'] && typeof said.title === 'string') frame.title = said.title;
  });
  script.after(frame);
})();
