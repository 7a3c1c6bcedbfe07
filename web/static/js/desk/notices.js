// Tells of a ringing call while the desk is out of sight: the browser's notification, a sound; from one tab only.
import { nameOf } from "./cards.js";
import { hush, ring, startTones } from "./tones.js";
import { has, say } from "./words.js";

const SPEAKER = "ringbook.notices"; // the lock of the one tab that tells
const SEEN = "ringbook.desk.in-sight"; // shared by the tabs that the person can see
const CHOICES = "ringbook.notices";

const told = new Map(); // pop id → its notification, null where there is none
const channel = "BroadcastChannel" in window ? new BroadcastChannel("ringbook.notices") : null;
let speaks = false;
let letGo = null; // of SEEN
let last = [];
let unkept = {}; // choices that hold for this page only
let onChosen = () => {};

/** What the agent wants on this computer: { notify, sound }. */
export function choices() {
  try { return { ...JSON.parse(localStorage.getItem(CHOICES)), ...unkept }; } catch { return unkept; }
}

/** Keeps what the agent wants; false where this browser stores nothing. */
export function choose(changes) {
  try {
    localStorage.setItem(CHOICES, JSON.stringify({ ...choices(), ...changes }));
    return true;
  } catch {
    unkept = { ...unkept, ...changes };
    return false;
  }
}

/** Begins; `chosen(id)` is told of a notification that was clicked. */
export function startNotices(chosen) {
  onChosen = chosen;
  startTones(() => choices().sound);
  document.addEventListener("visibilitychange", look);
  channel?.addEventListener("message", ({ data }) => { if (data === "seen") hush(); });
  look();
  if (!navigator.locks) speaks = true; // a page that is not secure: it has no notifications either
  else navigator.locks.request(SPEAKER, () => new Promise(() => { speaks = true; follow(last); })).catch(() => {});
}

/** Follows the cards: a call that begins to ring is told once, one that rings no longer is taken back. */
export function follow(cards) {
  last = [...cards];
  const ringing = last.filter((card) => card.state === "ringing");
  for (const id of [...told.keys()]) if (!ringing.some((card) => card.id === id)) takeBack(id);
  if (!speaks) return;
  for (const card of ringing) if (!told.has(card.id)) tell(card);
}

async function tell(card) {
  told.set(card.id, null);
  if (await isInSight() || !told.has(card.id)) return;
  const { notify, sound } = choices();
  if (sound) ring();
  if (notify && "Notification" in window && Notification.permission === "granted") told.set(card.id, noticeOf(card));
}

function noticeOf(card) {
  const { pop } = card;
  const sure = has(`alert_${card.sure}`) ? say(`alert_${card.sure}`) : "";
  const body = [pop.queue, pop.dialled_as?.label, sure].filter(Boolean).join(" · ");
  const notice = new Notification(`☎ ${nameOf(pop)}`, { body, tag: pop.id, silent: true });
  notice.addEventListener("click", () => {
    window.focus();
    notice.close();
    onChosen(pop.id);
  });
  return notice;
}

function takeBack(id) {
  told.get(id)?.close();
  told.delete(id);
  if (told.size === 0) hush();
}

/** Whether the person sees a desk of this browser. */
async function isInSight() {
  if (!document.hidden) return true;
  if (!navigator.locks) return false;
  const { held } = await navigator.locks.query();
  return held.some((lock) => lock.name === SEEN);
}

/** Says to the other tabs whether this one is in sight. */
function look() {
  if (document.hidden) {
    letGo?.();
    letGo = null;
    return;
  }
  hush();
  channel?.postMessage("seen");
  if (letGo || !navigator.locks) return;
  const wait = new Promise((resolve) => { letGo = resolve; });
  navigator.locks.request(SEEN, { mode: "shared" }, () => wait).catch(() => {});
}
