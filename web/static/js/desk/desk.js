// The desk: hears the live side and keeps the cards, the page's title, the lists and the warnings true.
import { toast } from "../dialogs.js";
import { Card, nameOf, stateOf } from "./cards.js";
import { startDeeds } from "./deeds.js";
import { drop, onElsewhere, sweep } from "./drafts.js";
import { startKeys } from "./keys.js";
import { connect } from "./line.js";
import { Stack } from "./stacks.js";
import { has, say } from "./words.js";
import { phoneOf, showBehind, showLinks, showOffline, showPhone } from "./warnings.js";

const CLOSING_AFTER = 250; // milliseconds in which a better reason may still come
const LISTS_AFTER = 700; // so that the call is stored when the lists are read again
const TOLD = { elsewhere: "info", cancelled: "info", missed: "warn", withdrawn: "info" };

const page = document.getElementById("desk");
const side = document.getElementById("desk-side");
const byId = (id) => document.getElementById(id);
const cards = new Map(); // pop id → Card
const reasons = new Map(); // pop id → how it ended, until that is said
const phones = new Map();
const links = new Map();
const title = document.title;
let listsTimer = 0;

const stack = new Stack(byId("pops"), byId("pops-more"), byId("desk-idle"));
stack.onWanted = (id) => {
  stack.wanted = id;
  arrange();
  cards.get(id)?.element.focus();
};

const desk = {
  searchUrl: page.dataset.search,
  remove,
  unfold(card) {
    card.isBrief = false;
    card.draw();
  },
  top: () => [...byId("pops").children].map((element) => element.card),
};

function put(pop, { isNew = false, isTold = true, heardAt = 0 } = {}) {
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
  if (isNew) afterPaint(() => line.shown(pop.id, (performance.now() - heardAt) / 1000));
  if (before !== card.state) refreshLists();
}

function isBeingWritten() {
  const field = document.activeElement;
  return Boolean(field?.closest(".pop form") && field.matches("textarea, input"));
}

function isHeld(pop) {
  return [...phones.values()].some((phone) => phone.extension === pop.extension && phone.state === "on_hold");
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

function afterPaint(then) {
  if (document.hidden) return; // nothing is painted
  requestAnimationFrame(() => requestAnimationFrame(then));
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
  const calling = [...cards.values()].filter((card) => card.state === "ringing" || card.state === "dialling");
  document.title = calling.length ? `☎ ${titleOf(calling)}` : title;
  markLists();
}

function titleOf([first, ...others]) {
  const name = nameOf(first.pop);
  if (others.length) return say("title_more", { name, count: others.length });
  return say(first.state === "dialling" ? "title_dialling" : "title_ringing", { name });
}

function refreshLists() {
  clearTimeout(listsTimer);
  listsTimer = setTimeout(() => {
    if (!side.contains(document.activeElement)) side.dispatchEvent(new CustomEvent("refresh"));
  }, LISTS_AFTER);
}

/** A call that has its card is not listed a second time. */
function markLists() {
  const shown = new Set([...cards.values()].map((card) => card.pop.call));
  const rows = [...side.querySelectorAll("[data-call]")];
  for (const row of rows) row.hidden = shown.has(row.dataset.call);
  const frame = side.querySelector(".desk-unfinished");
  if (frame) frame.hidden = rows.every((row) => row.hidden);
}

function redrawHeld() {
  for (const card of cards.values()) if (card.isHeld !== isHeld(card.pop)) card.draw(card.pop, isHeld(card.pop));
}

const HEARD = {
  snapshot(data) {
    fillMap(phones, data.phones, phoneOf);
    fillMap(links, data.links, (link) => link.pbx);
    const open = new Set(data.pops.map((pop) => pop.id));
    const ends = new Map(data.closed.map((closed) => [closed.id, closed]));
    for (const id of [...cards.keys()]) if (!open.has(id)) close(ends.get(id) ?? { id, why: "" });
    for (const pop of data.pops) put(pop, { isTold: pop.state === "ringing" || cards.has(pop.id) });
    showPhone(phones);
    showLinks(links);
    showBehind(data.storage);
    redrawHeld();
    arrange();
    refreshLists();
  },
  "pop.opened": (pop, heardAt) => { put(pop, { isNew: true, heardAt }); arrange(); },
  "pop.changed": (pop) => { put(pop); arrange(); },
  "pop.closed": close,
  "phone.changed": (phone) => { phones.set(phoneOf(phone), phone); showPhone(phones); redrawHeld(); },
  "link.changed": (link) => { links.set(link.pbx, link); showLinks(links); },
  "link.removed": (link) => { links.delete(link.pbx); showLinks(links); },
  "storage.changed": showBehind,
};

function fillMap(map, rows, keyOf) {
  map.clear();
  for (const row of rows) map.set(keyOf(row), row);
}

const line = connect(document.body.dataset.liveUrl, {
  onMessage: (type, data, heardAt) => HEARD[type]?.(data, heardAt),
  onState: (state) => {
    page.dataset.live = state.isConnected ? "on" : "off";
    showOffline(state, polite);
  },
});

startDeeds(byId("pops"), desk);
startKeys(desk);
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
side.addEventListener("htmx:after:swap", markLists);
byId("desk-offline").addEventListener("click", (event) => {
  if (event.target.closest("[data-action=reconnect]")) line.retry();
});
