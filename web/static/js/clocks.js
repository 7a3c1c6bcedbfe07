// Ticks every <time data-since="ISO"> (1:05, growing) and <time data-until="ISO"> (shrinking) of the page.
// data-duration="65" is written once, as 1:05. A server whose clock differs says its time in <body data-now>.

/** Seconds as 1:05 or 1:02:07; never negative. */
export function asClock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Milliseconds that the server's clock is ahead; 0 where its time lies between our asking and its answer. */
function skewOf(now) {
  const [page] = performance.getEntriesByType("navigation");
  const asked = performance.timeOrigin + page.requestStart;
  const answered = performance.timeOrigin + page.responseStart;
  if (now < asked) return now - asked;
  return Math.max(0, now - answered);
}

const skew = document.body.dataset.now ? skewOf(Date.parse(document.body.dataset.now)) : 0;

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Brings every clock below `root` up to date. */
export function tick(root = document) {
  const now = Date.now() + skew;
  for (const e of root.querySelectorAll("[data-since]")) {
    const since = Date.parse(e.dataset.since);
    if (!Number.isNaN(since)) write(e, asClock((now - since) / 1000));
  }
  for (const e of root.querySelectorAll("[data-until]")) {
    const until = Date.parse(e.dataset.until);
    if (!Number.isNaN(until)) write(e, asClock((until - now) / 1000));
  }
  for (const e of root.querySelectorAll("[data-duration]")) write(e, asClock(Number(e.dataset.duration)));
}

export function startClocks() {
  tick();
  setInterval(tick, 1000);
}
