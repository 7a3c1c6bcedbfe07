// The desk: hears the live side and keeps the cards, the page's title, the lists and the warnings true.
import { toast } from "../dialogs.js";
import { live } from "../live.js";
import { line } from "../softphone/line.js";
import { Card, nameOf } from "./cards.js";
import { control, startControls } from "./controls.js";
import { startDeeds } from "./deeds.js";
import { drop, onElsewhere, sweep } from "./drafts.js";
import { startKeys } from "./keys.js";
import { startNoticeChoices } from "./notice_choices.js";
import { follow, startNotices } from "./notices.js";
import { startOthers } from "./others.js";
import { startPresence } from "./presence.js";
import { startScripts } from "./scripts.js";
import { Stack } from "./stacks.js";
import { has, say } from "./words.js";
import { showBehind, showLinks, showOffline } from "./warnings.js";

const CLOSING_AFTER = 250; // milliseconds in which a better reason may still come
const LISTS_AFTER = [700, 2500, 6000]; // milliseconds: the call is stored behind its card, at times late
const TOLD = { elsewhere: "info", cancelled: "info", missed: "warn", withdrawn: "info" };

const page = document.getElementById("desk");
const side = document.getElementById("desk-side");
const byId = (id) => document.getElementById(id);
const cards = new Map(); // pop id → Card
const reasons = new Map(); // pop id → how it ended, until that is said
const done = new Set(); // calls that were wrapped up or put away here
const title = document.title;
let listsTimer = 0;
let listsRead = 0; // since the last change

const stack = new Stack(byId("pops"), byId("pops-more"), byId("desk-idle"));
stack.onWanted = (id) => {
  stack.wanted = id;
  arrange();
  cards.get(id)?.element.focus();
};

const desk = {
  searchUrl: page.dataset.search,
  /** The call needs no more from the agent. */
  finish(card) {
    done.add(card.pop.call);
    remove(card.id);
  },
  remove,
  unfold(card) {
    card.isBrief = false;
    card.draw();
  },
  top: () => [...byId("pops").children].map((element) => element.card),
};

function put(pop, { isTold = true } = {}) {
  let card = cards.get(pop.id);
  const before = card?.state;
  if (!card) {
    card = new Card(pop, page.dataset.user);
    card.isBrief = isBeingWritten();
    cards.set(pop.id, card);
  } else if (pop.state !== "ringing") card.isBrief = false;
  const customer = card.pop?.customer?.id;
  card.draw(pop, isHeld(pop));
  if (isTold) announce(card, before, customer);
  if (before !== card.state) refreshLists();
}

const isBeingWritten = () => Boolean(document.activeElement?.closest(".pop form"));

function isHeld(pop) {
  return [...live.view.phones.values()].some((phone) => phone.extension === pop.extension && phone.state === "on_hold");
}

function announce(card, before, customer) {
  const { pop, state } = card;
  const name = nameOf(pop);
  if (state === "ringing" && before !== "ringing") {
    const sure = has(`alert_${card.sure}`) ? say(`alert_${card.sure}`) : "";
    byId("desk-alert").textContent = say(pop.queue ? "alert_ringing" : "alert_ringing_direct", { name, queue: pop.queue, sure });
  } else if (state !== before) {
    const word = { dialling: "status_dialling", talking: "status_answered", wrap_up: "status_wrap_up" }[state];
    if (word && before !== "hold") polite(say(word, { name }));
  } else if (pop.customer && customer !== pop.customer.id) polite(say("status_now", { name }));
}

const polite = (text) => { byId("desk-status").textContent = text; };

/** A new card: painted, reported, and in sight unless the agent writes in another one. */
function open(pop, heardAt = performance.now()) {
  put(pop);
  arrange();
  if (document.hidden) return; // nothing is painted
  requestAnimationFrame(() => { // where it lies is known only now, without a layout more
    showUp(cards.get(pop.id));
    requestAnimationFrame(() => live.shown(pop.id, (performance.now() - heardAt) / 1000));
  });
}

function showUp(card) {
  if (!card || card.isBrief) return;
  const { top } = card.element.getBoundingClientRect();
  if (top < 0 || top > innerHeight - 200) card.element.scrollIntoView({ block: "start" });
}

function remove(id) {
  const card = cards.get(id);
  if (!card) return;
  cards.delete(id);
  const hadFocus = card.element.contains(document.activeElement);
  arrange();
  if (hadFocus) (desk.top()[0]?.element ?? byId("main")).focus({ preventScroll: true });
  refreshLists();
}

/** A card went away: gone at once, said in one line when the reason is final. */
function close(closed) {
  const isFirst = !reasons.has(closed.id);
  reasons.set(closed.id, { ...closed, hadCard: reasons.get(closed.id)?.hadCard || cards.has(closed.id) });
  remove(closed.id);
  if (isFirst) setTimeout(tellClosed, CLOSING_AFTER, closed.id);
}

function tellClosed(id) {
  const closed = reasons.get(id);
  reasons.delete(id);
  if (!closed.hadCard || !(closed.why in TOLD)) return;
  const name = nameOf({ ...closed, match: {} });
  toast(say(`closed_${closed.why}`, { name }), TOLD[closed.why]);
}

function arrange() {
  stack.arrange(cards.values());
  line.follow(cards.values());
  const calling = [...cards.values()].filter((card) => card.state === "ringing" || card.state === "dialling");
  follow(cards.values());
  if (!calling.length) byId("desk-alert").textContent = ""; // the same words again are news only to an empty place
  document.title = calling.length ? `☎ ${titleOf(calling)}` : title;
  markLists();
}

function titleOf([first, ...others]) {
  const name = nameOf(first.pop);
  if (others.length) return say("title_more", { name, count: others.length });
  return say(first.state === "dialling" ? "title_dialling" : "title_ringing", { name });
}

function refreshLists() {
  listsRead = 0;
  listsTimer ||= setTimeout(readLists, LISTS_AFTER[0]);
}

async function readLists() {
  listsTimer = 0;
  if (!side.contains(document.activeElement)) { // not under the agent's hands
    await drawLists();
    listsRead += 1;
  }
  if (listsRead < LISTS_AFTER.length) listsTimer ||= setTimeout(readLists, LISTS_AFTER[listsRead]);
}

async function drawLists() {
  try {
    const response = await fetch(side.dataset.source, { redirect: "manual" });
    if (!response.ok) return;
    const drawn = new DOMParser().parseFromString(await response.text(), "text/html");
    side.replaceChildren(...drawn.body.children);
    markLists();
  } catch { /* not connected: the banner says so, and the next change asks again */ }
}

/** A call that has its card is not listed a second time. */
function markLists() {
  const shown = new Set([...cards.values()].map((card) => card.pop.call));
  const rows = [...side.querySelectorAll("[data-call]")];
  for (const row of rows) row.hidden = shown.has(row.dataset.call) || done.has(row.dataset.call);
  const frame = side.querySelector(".desk-unfinished");
  if (frame) frame.hidden = rows.every((row) => row.hidden);
}

function redrawHeld() {
  for (const card of cards.values()) if (card.isHeld !== isHeld(card.pop)) card.draw(card.pop, isHeld(card.pop));
}

function drawAll() {
  const { view } = live;
  for (const id of [...cards.keys()]) if (!view.pops.has(id)) close(view.closed.get(id) ?? { id, why: "" });
  for (const pop of view.pops.values()) put(pop, { isTold: pop.state === "ringing" || cards.has(pop.id) });
  showLinks(view.links);
  showBehind(view.storage);
  arrange();
  refreshLists();
}

const HEARD = {
  "pop.opened": open,
  "pop.changed": (pop) => { put(pop); arrange(); },
  "pop.closed": close,
  "phone.changed": redrawHeld,
  "link.changed": () => showLinks(live.view.links),
  "link.removed": () => showLinks(live.view.links),
  "storage.changed": showBehind,
};

line.addEventListener("change", () => { for (const card of cards.values()) control(card); });
live.addEventListener("snapshot", drawAll);
live.addEventListener("message", (event) => HEARD[event.detail.type]?.(event.detail.data));
live.addEventListener("state", () => {
  page.dataset.live = live.state.status;
  showOffline(live.state, polite);
});
showOffline(live.state, polite);
startDeeds(byId("pops"), desk);
startControls(byId("pops"));
startScripts(byId("pops"));
startOthers(byId("desk-others"));
startKeys(desk);
startNoticeChoices();
startNotices(stack.onWanted);
startPresence(polite);
sweep();
const saved = new URLSearchParams(location.search).get("saved");
if (saved) {
  drop(`${page.dataset.user}.${saved}`);
  history.replaceState(null, "", location.pathname);
}
onElsewhere((key) => {
  for (const card of cards.values()) {
    if (card.draftKey === key && card.form && !card.form.contains(document.activeElement)) card.restore();
  }
});
byId("desk-offline").addEventListener("click", (event) => {
  if (!event.target.closest("[data-action=reconnect]")) return;
  if (live.state.status === "ended") location.reload();
  else dispatchEvent(new Event("online")); // what live.js listens to
});
live.start();
