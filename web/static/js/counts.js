// How much is due, in the rail of every page: read at the start, after news, and each minute (time alone makes things due).
import { live } from "./live.js";

const MINUTE = 60_000;
const AFTER = [400, 2500, 6000]; // milliseconds: what the news is about is stored behind it, at times late
const NEWS = new Set(["day.changed", "pop.closed", "pop.opened"]);
const listeners = [readCount];
let timers = [];

/** Calls `then` when what is due may be another. */
export function onDay(then) {
  listeners.push(then);
}

function soon() {
  for (const timer of timers) clearTimeout(timer);
  timers = AFTER.map((wait) => setTimeout(tell, wait));
}

function tell() {
  for (const then of listeners) then();
}

async function readCount() {
  const badge = document.querySelector("[data-counts]");
  if (!badge || document.hidden) return;
  try {
    const response = await fetch(badge.dataset.counts, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (response.ok) show(badge, await response.json());
  } catch { /* not connected: the next news or minute asks again */ }
}

function show(badge, { due, overdue }) {
  badge.hidden = !due;
  badge.querySelector("[data-slot=count]").textContent = due > 99 ? "99+" : due;
  badge.toggleAttribute("data-late", overdue > 0);
}

export function startCounts() {
  if (!document.querySelector("[data-counts]")) return;
  readCount();
  live.addEventListener("snapshot", soon);
  live.addEventListener("message", (event) => { if (NEWS.has(event.detail.type)) soon(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tell(); });
  setInterval(tell, MINUTE);
}
