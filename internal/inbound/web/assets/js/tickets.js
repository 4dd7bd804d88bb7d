// Keeps the screen on while a ticket is shown at the gate, where the browser can.

async function stayAwake() {
  if (document.hidden || !('wakeLock' in navigator)) return;
  try {
    await navigator.wakeLock.request('screen');
  } catch {
    // Low battery, for instance: the page works without.
  }
}

document.addEventListener('visibilitychange', stayAwake);
stayAwake();
