// Whether one takes calls: shows what the PBX says of the agent, and asks it for changes. Nothing here claims more.
import { toast } from "../dialogs.js";
import { isTyping } from "../keys.js";
import { live } from "../live.js";
import { fill, showState } from "../states.js";
import { tick } from "../clocks.js";
import { post } from "./requests.js";
import { has, say } from "./words.js";

const AUTO_PAUSE = "Auto-Pause";
const BUSIEST = ["on_call", "ringing", "wrap_up", "paused", "available", "offline", "unknown"];
const NOTHING = { state: "unknown", why: "no_word", queues: [], joinable: [], since: null, by: null, wrap_up: null, asking: null };

/** Begins, where the page has the control; `announce` says a sentence to a screen reader. */
export function startPresence(announce) {
  const root = document.getElementById("presence");
  if (!root) return;
  const menu = root.querySelector("details");
  let shown = "";

  function draw() {
    const now = live.state.status === "connected" ? whole([...live.view.presences.values()]) : NOTHING;
    root.dataset.state = now.state;
    showState(root.querySelector("summary"), now.state);
    fill(root, { why: whyOf(now), said: saidOf(now), since: now.since, asking: askingOf(now.asking) });
    root.querySelector(".presence-clock").hidden = !now.since;
    root.querySelector(".presence-asking").classList.toggle("presence-asking--bad", now.asking?.confirmed === false);
    root.querySelector(".menu-sheet > [data-deed=returns]").hidden = !now.queues.some((queue) => queue.paused);
    drawWrapUp(root, now.wrap_up);
    drawQueues(root, now);
    tick(root);
    const word = root.querySelector(`summary [data-when="${now.state}"]`)?.textContent.trim() ?? "";
    if (shown && shown !== word && word) announce(say("presence_now", { state: word }));
    shown = word;
  }

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-deed]");
    if (button) ask(root, menu, button);
  });
  menu.addEventListener("keydown", (event) => menu.open && onKey(event, menu));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.key !== "a" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    menu.open = !menu.open;
    (menu.open ? first(menu) : menu.querySelector("summary"))?.focus();
  });
  live.addEventListener("snapshot", draw);
  live.addEventListener("message", (event) => event.detail.type.startsWith("presence.") && draw());
  live.addEventListener("state", draw);
  draw();
}

/** All phones of one agent as one: the busiest speaks, the queues of all are listed. */
function whole(presences) {
  if (presences.length === 0) return NOTHING;
  const [busiest] = presences.toSorted((one, other) => BUSIEST.indexOf(one.state) - BUSIEST.indexOf(other.state));
  const each = (name) => presences.flatMap((one) => one[name].map((queue) => ({ ...queue, pbx: one.pbx })));
  return {
    ...busiest,
    queues: each("queues"),
    joinable: each("joinable"),
    wrap_up: presences.map((one) => one.wrap_up).find(Boolean) ?? null,
    asking: presences.map((one) => one.asking).find(Boolean) ?? null,
  };
}

function whyOf({ state, why, queues }) {
  if (why === AUTO_PAUSE) return say("presence_no_answer");
  const paused = queues.filter((queue) => queue.paused);
  if (paused.length && ["available", "on_call", "ringing"].includes(state)) {
    if (paused.length === queues.length) return say("presence_then_paused");
    return say("presence_paused_in", { queues: paused.map((queue) => queue.label).join(", ") });
  }
  return state === "paused" || !has(`presence_${why}`) ? why : say(`presence_${why}`);
}

const saidOf = ({ state, by }) => (by && (state === "paused" || state === "available") ? say(`presence_by_${by}`) : "");

function askingOf(asking) {
  if (!asking) return "";
  if (asking.confirmed === false) return say("presence_unconfirmed");
  return say(`presence_asking_${asking.what}`, { queue: asking.queue ?? "" });
}

function drawWrapUp(root, wrapUp) {
  const line = root.querySelector(".presence-wrap");
  line.hidden = !wrapUp;
  if (!wrapUp) return;
  fill(line, { wrap: say(`presence_wrap_${wrapUp.holder}`, { queue: wrapUp.queue }) });
  line.querySelector("time").dataset.until = wrapUp.until;
  line.querySelector("[data-wrap-end]").hidden = wrapUp.holder !== "ringbook";
}

function drawQueues(root, now) {
  const blank = root.querySelector("#presence-queue").content;
  const rows = [...now.queues, ...now.joinable.map((queue) => ({ ...queue, joinable: true }))].map((queue) => {
    const row = blank.cloneNode(true).firstElementChild;
    row.dataset.queue = queue.name;
    row.dataset.pbx = queue.pbx;
    fill(row, { label: queue.label, how: howOf(queue) });
    const fits = { paused: queue.paused, can_leave: queue.can_leave, joinable: queue.joinable, static: queue.can_leave === false };
    for (const part of row.querySelectorAll("[data-for]")) part.hidden = !fits[part.dataset.for];
    return row;
  });
  const list = root.querySelector("[data-list=queues]");
  const at = [...list.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren(...rows);
  if (at >= 0) first(root.querySelector("details"))?.focus(); // the row that had it was drawn anew
  drawChoices(root.querySelector("#presence-where"), now.queues);
}

function howOf(queue) {
  if (queue.joinable) return "";
  if (!queue.paused) return say("presence_in");
  const reason = queue.reason === AUTO_PAUSE ? say("presence_no_answer") : queue.reason;
  return reason ? say("presence_paused_why", { reason }) : say("presence_paused");
}

/** In which queues a pause is to hold: all, or one of several. */
function drawChoices(select, queues) {
  const chosen = select.value;
  const options = [["", say("presence_all")], ...queues.map((queue) => [`${queue.pbx}/${queue.name}`, queue.label])];
  select.replaceChildren(...options.map(([value, label]) => new Option(label, value, false, value === chosen)));
  select.hidden = queues.length < 2;
}

function first(menu) {
  return menu.querySelector(".menu-sheet button:not([hidden])");
}

/** 0 takes calls, 1 to 9 pause for a reason, the arrows go through what can be pressed. */
function onKey(event, menu) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
  const reasons = menu.querySelectorAll(".presence-reasons [data-deed]");
  const chosen = event.key === "0" ? menu.querySelector(".menu-sheet > [data-deed=returns]:not([hidden])") : /^[1-9]$/.test(event.key) && reasons[Number(event.key) - 1];
  if (chosen) chosen.click();
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const all = [...menu.querySelectorAll(".menu-sheet button")].filter((button) => button.offsetParent);
    const step = event.key === "ArrowDown" ? 1 : -1;
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
  } else return;
  event.preventDefault();
}

async function ask(root, menu, button) {
  const row = button.closest("[data-queue]");
  const fields = {};
  if (row) Object.assign(fields, { pbx: row.dataset.pbx, queue: row.dataset.queue });
  else if (button.dataset.deed === "pauses") {
    fields.reason = button.value;
    const [pbx, queue] = split(root.querySelector("#presence-where").value);
    if (queue) Object.assign(fields, { pbx, queue });
  }
  if (menu.contains(button) && !row) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  const answer = await post(`/desk/presence/${button.dataset.deed}`, fields);
  for (const sentence of Object.values(answer.errors ?? {})) toast(sentence, "bad");
}

/** The PBX's id has no slash, a queue's name may. */
function split(value) {
  const at = value.indexOf("/");
  return at < 0 ? ["", ""] : [value.slice(0, at), value.slice(at + 1)];
}
