// Leads a call from its card: ends it, sends it on with a note, parks it, presses keys; and says from whom it came.
import { asClock } from "../clocks.js";
import { toast } from "../dialogs.js";
import { line } from "../softphone/line.js";
import { fill, showState } from "../states.js";
import { drawConsent, says } from "./consent.js";
import { drawRecording, goOn, switchRecording } from "./recording.js";
import { get, post } from "./requests.js";
import { clone, list } from "./rows.js";
import { drawSupervised } from "./supervised.js";
import { say } from "./words.js";

const CALLING = ["ringing", "dialling", "talking", "hold"];
const MOST = 8; // targets shown at once
const busy = new WeakSet();

/** Draws what a card offers in its state; called after each time it is drawn. */
export function control(card) {
  drawHanded(card);
  drawSupervised(card);
  if (!card.controls) {
    card.controls = clone("controls", card.id).firstElementChild;
    card.head.after(card.controls);
  }
  if (!CALLING.includes(card.state)) close(card);
  if (card.state !== "talking" && card.state !== "hold") asks(card, false);
  showState(card.controls, card.state);
  const back = card.controls.querySelector("[data-control=back]");
  back.hidden = !asks(card);
  const again = card.controls.querySelector("[data-control=call]");
  const number = card.pop.number.e164;
  if (!number || card.state !== "wrap_up" || !document.getElementById("dial-words")) again.hidden = true;
  else Object.assign(again, { href: `tel:${number}` }).dataset.dial = number;
  drawSoftphone(card);
  drawConsent(card);
  drawRecording(card);
  card.controls.hidden = [...card.controls.querySelectorAll("button, a")].every((part) => part.hidden);
}

/** What only a softphone can do: shown where the call is on this page's. */
function drawSoftphone(card) {
  const talk = line.talkOf(card);
  for (const part of card.controls.querySelectorAll("[data-softphone]")) part.hidden ||= !talk || !part.dataset.softphone.split(" ").includes(talk.state);
  if (!talk) return;
  fill(card.controls, { mute: say(talk.isMuted ? "mute_on" : "mute_off"), hold: say(talk.isHeld ? "hold_on" : "hold_off") });
  card.controls.querySelector("[data-control=mute]").setAttribute("aria-pressed", String(talk.isMuted));
}

/** Whether the other side waits while a colleague is asked; said so, it is remembered for a reload. */
function asks(card, isSo) {
  const key = `ringbook.asks.${card.pop.call}`;
  if (isSo !== undefined && isSo !== card.asksFirst) {
    card.asksFirst = isSo;
    try {
      if (isSo) sessionStorage.setItem(key, "1");
      else sessionStorage.removeItem(key);
    } catch { /* nothing is kept here: it holds until the reload */ }
  }
  try {
    card.asksFirst ??= sessionStorage.getItem(key) !== null;
  } catch {
    card.asksFirst ??= false;
  }
  return card.asksFirst;
}

function drawHanded(card) {
  const handed = card.pop.handed_over;
  card.handed?.remove();
  card.handed = null;
  if (!handed) return;
  card.handed = clone("handed", card.id).firstElementChild;
  fill(card.handed, {
    from: say(`handed_${handed.how}`, { name: handed.by }),
    note: handed.note ?? "",
    talked: handed.talked_seconds ? say("handed_talked", { time: asClock(handed.talked_seconds) }) : "",
  });
  card.head.after(card.handed);
}

function close(card, { keepsFocus = true } = {}) {
  if (!card.opened) return;
  const held = card.opened.contains(document.activeElement);
  const opener = card.controls.querySelector(`[data-control=${card.opened.dataset.by}]`);
  card.opened.remove();
  card.opened = null;
  opener.setAttribute("aria-expanded", "false");
  if (held && keepsFocus) (opener.hidden ? card.element : opener).focus();
}

function open(card, by, part) {
  const isSame = card.opened?.dataset.by === by;
  close(card);
  if (isSame) return null;
  card.opened = part.firstElementChild;
  card.opened.dataset.by = by;
  card.controls.after(card.opened);
  card.controls.querySelector(`[data-control=${by}]`).setAttribute("aria-expanded", "true");
  return card.opened;
}

const DEEDS = {
  answer: (card) => line.deeds.answer(line.talkOf(card)),
  mute: (card) => line.deeds.mute(line.talkOf(card)),
  hold: (card) => line.deeds.hold(line.talkOf(card)),
  "hang-up": (card) => ask(card, "hang-ups"),
  park: (card) => ask(card, "parkings"),
  recording: (card) => switchRecording(card),
  "recording-on": (card) => goOn(card),
  consent: (card) => openConsent(card),
  says: (card, button) => {
    if (card.opened?.contains(button)) close(card);
    return says(card, button.value, (state) => ask(card, "consents", { state }));
  },
  back: async (card) => {
    if (await ask(card, "returns")) asks(card, false);
    control(card);
  },
  "send-on": (card) => openSendOn(card),
  keys: (card) => open(card, "keys", clone("keypad", card.id))?.querySelector("button").focus(),
  press: (card, button) => press(card, button.value),
  close: (card) => close(card),
  target: (card, button) => {
    const form = button.closest("form");
    form.chosen = { kind: button.dataset.kind, value: button.value };
    form.elements.namedItem("target").value = button.querySelector("[data-slot=name]").textContent;
    list(form, "targets", []);
    form.elements.namedItem("note").focus();
  },
};

/** Asks once, however often it is pressed; what is refused is said beside the buttons. */
async function ask(card, what, fields = {}, part = card.controls) {
  if (busy.has(part)) return false;
  busy.add(part);
  part.setAttribute("aria-busy", "true");
  const answer = await post(`/desk/calls/${card.pop.call}/${what}`, fields);
  busy.delete(part);
  part.removeAttribute("aria-busy");
  const problem = part.querySelector("[data-problem]");
  problem.textContent = Object.values(answer.errors ?? {}).join(" ");
  problem.hidden = !answer.errors;
  if (answer.errors) card.controls.hidden = false;
  else if (answer.done) toast(answer.done, "good");
  return !answer.errors;
}

function openConsent(card) {
  const part = open(card, "consent", clone("consent-choices", card.id));
  for (const button of part?.querySelectorAll("button") ?? []) button.setAttribute("aria-pressed", String(button.value === (card.pop.consent?.state ?? "unknown")));
  part?.querySelector("button").focus();
}

function press(card, digits) {
  if (line.talkOf(card)?.press(digits)) return null;
  return ask(card, "keys", { digits });
}

async function openSendOn(card) {
  const form = open(card, "send-on", clone("send-on", card.id));
  if (!form) return;
  form.elements.namedItem("target").focus();
  const found = await get("/desk/others");
  form.targets = [
    ...(found?.phones ?? []).map((one) => ({ ...one, kind: "phone", state: say(`presence_${one.state}`) })),
    ...(found?.queues ?? []).map((one) => ({ ...one, kind: "queue", state: say("target_queue") })),
  ];
  offer(form);
}

function offer(form) {
  const typed = form.elements.namedItem("target").value.trim().toLowerCase();
  const fits = (one) => one.name.toLowerCase().includes(typed) || one.value.toLowerCase().startsWith(typed);
  list(form, "targets", (form.targets ?? []).filter(fits).slice(0, MOST).map(target));
}

function target(one) {
  const row = clone("target");
  fill(row, { name: one.name, value: one.kind === "phone" ? one.value : "", state: one.state });
  const button = row.querySelector("button");
  Object.assign(button, { value: one.value });
  button.dataset.kind = one.kind;
  return row;
}

async function sendOn(card, form, how) {
  const typed = form.elements.namedItem("target").value.trim();
  const exact = (form.targets ?? []).filter((one) => one.value === typed || one.name.toLowerCase() === typed.toLowerCase());
  const chosen = form.chosen ?? (exact.length === 1 ? exact[0] : { kind: "number", value: typed });
  const note = form.elements.namedItem("note").value;
  const isSent = await ask(card, "transfers", { kind: chosen.kind, target: chosen.value, how, note }, form);
  if (!isSent) return;
  asks(card, how === "ask_first");
  close(card);
  control(card);
}

/** Lets the cards below `root` be led. */
export function startControls(root) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-control]");
    const card = button?.closest(".pop")?.card;
    if (card) DEEDS[button.dataset.control]?.(card, button);
  });
  root.addEventListener("submit", (event) => {
    const card = event.target.closest(".pop")?.card;
    if (card && event.target.dataset.form === "send-on") sendOn(card, event.target, event.submitter?.value ?? "at_once");
  });
  root.addEventListener("input", (event) => {
    const form = event.target.closest("[data-form=send-on]");
    if (!form || event.target.name !== "target") return;
    form.chosen = null;
    offer(form);
  });
  root.addEventListener("keydown", (event) => {
    const card = event.target.closest(".pop")?.card;
    if (!card?.opened?.contains(event.target)) return;
    if (event.key === "Escape") close(card);
    else if (card.opened.dataset.by === "keys" && /^[0-9*#]$/.test(event.key)) press(card, event.key);
    else if (card.opened.dataset.by === "consent" && /^[1-3]$/.test(event.key)) card.opened.querySelectorAll("button")[Number(event.key) - 1].click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
