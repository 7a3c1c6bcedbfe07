// What the agent sees of the softphone, drawn from what it is; the clicks are told to whoever leads it.
import { tick } from "../clocks.js";
import { nameOf } from "../desk/cards.js";
import { standingOf, switchRecording } from "../desk/recording.js";
import { clone } from "../desk/rows.js";
import { say } from "../desk/words.js";
import { fill, showState } from "../states.js";
import { choose, chosen, devices } from "./devices.js";
import { line } from "./line.js";

export const root = document.getElementById("softphone");
const menu = root.querySelector("details");
const strips = new Map(); // talk → its strip

/** What the other side is called. */
export function calledOf(talk) {
  const card = line.cardOf(talk);
  return card ? nameOf(card.pop) : talk.name || talk.number || say("unknown");
}

/** Says a sentence to a screen reader. */
export function announce(text) {
  root.querySelector("[data-status]").textContent = text;
}

/** Shows how the softphone stands: a state, and of what its sentence speaks. */
export function drawState(state, values = {}, { canTake = false, canRetry = false, word = `said_${state}` } = {}) {
  const before = root.dataset.state;
  root.dataset.state = state;
  fill(root.querySelector("summary"), { state: say(`phone_${state}`) });
  fill(root.querySelector(".softphone-sheet"), { said: say(word, values) });
  root.querySelector("[data-phone=take]").hidden = !canTake;
  root.querySelector("[data-phone=retry]").hidden = !canRetry;
  if (before !== state && !["off", "connecting"].includes(state)) announce(say(`phone_${state}`));
}

/** Shows what went wrong in a sentence, or nothing; `canRing`: the other side can be sent here again. */
export function drawTrouble(text, { canRing = false } = {}) {
  const part = root.querySelector("[data-trouble]");
  if (part.firstElementChild.textContent !== text) part.firstElementChild.textContent = text;
  part.hidden = !text;
  part.querySelector("[data-phone=ring-again]").hidden = !canRing;
}

/** Draws a strip for each talk. */
export function drawTalks() {
  for (const [talk, strip] of strips) if (!line.talks.includes(talk)) { strip.remove(); strips.delete(talk); }
  for (const talk of line.talks) {
    if (!strips.has(talk)) {
      const strip = document.getElementById("softphone-talk").content.cloneNode(true).firstElementChild;
      strip.talk = talk;
      strips.set(talk, strip);
      root.querySelector("[data-list=talks]").append(strip);
    }
    drawTalk(talk, strips.get(talk));
  }
  drawFigures(line.talks.find((talk) => talk.figures?.rtt !== undefined)?.figures);
}

function drawTalk(talk, strip) {
  strip.dataset.state = talk.state;
  const word = talk.comesBack && talk.state === "joining" ? "talk_back" : talk.isMuted && talk.state === "talking" ? "talk_muted" : `talk_${talk.state}`;
  fill(strip, {
    name: calledOf(talk),
    state: say(word),
    since: talk.since.toISOString(),
    mute: say(talk.isMuted ? "mute_on" : "mute_off"),
    hold: say(talk.isHeld ? "hold_on" : "hold_off"),
    end: say(talk.state === "ringing" ? "end_ringing" : "end_talking"),
    quality: talk.figures ? say(`quality_${talk.figures.word}`) : "",
  });
  showState(strip, talk.state);
  if (line.cardOf(talk)) strip.querySelector("[data-phone=keys]").hidden = true; // the card has them
  strip.querySelector("[data-phone=mute]").setAttribute("aria-pressed", String(talk.isMuted));
  strip.querySelector("[data-quality]").dataset.quality = talk.figures?.word ?? "";
  drawRecording(line.cardOf(talk), strip);
  if (talk.state !== "talking") strip.querySelector(".pop-keypad")?.remove();
  tick(strip);
}

/** The recording's button in the bar, where the call's card has one. */
function drawRecording(card, strip) {
  const button = strip.querySelector("[data-phone=recording]");
  if (!button) return;
  const standing = card ? standingOf(card) : "";
  button.hidden = !["on", "paused", "still"].includes(standing);
  fill(button, { recording: say(standing === "paused" ? "recording_resume" : "recording_pause") });
}

function drawFigures(figures) {
  const part = root.querySelector("[data-figures]");
  part.hidden = !figures;
  if (!figures) return;
  const ms = (n) => say("ms", { n: Math.round(n) });
  const shown = (n, digits) => n.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
  fill(part, { rtt: ms(figures.rtt), jitter: ms(figures.jitter), loss: say("percent", { n: shown(figures.loss * 100, 1) }), mos: shown(figures.mos, 1) });
}

/** Opens the keypad of a strip, or closes it. */
export function toggleKeys(strip) {
  const opener = strip.querySelector("[data-phone=keys]");
  const pad = strip.querySelector(".pop-keypad");
  opener.setAttribute("aria-expanded", String(!pad));
  if (pad) return pad.remove();
  strip.append(clone("keypad", "softphone"));
  strip.querySelector(".pop-keypad button").focus();
}

/** Fills the choices of devices with what is plugged in. */
export async function drawDevices() {
  const [known, wanted] = [await devices(), chosen()];
  for (const [what, ones] of Object.entries(known)) {
    const select = root.querySelector(`select[name=${what}]`);
    const own = select.options[0];
    select.replaceChildren(own, ...ones.map((one, index) => new Option(one.label || `${index + 1}`, one.id)));
    select.value = ones.some((one) => one.id === wanted[what]) ? wanted[what] : "";
    select.disabled = ones.length === 0;
  }
}

/** Begins to hear the person: `deeds` by name, `changed(what)` where another device was chosen, `dials(number)`. */
export function startPanel(deeds, changed, dials) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phone], [data-control=press]");
    const talk = button?.closest(".softphone-talk")?.talk;
    if (button?.dataset.control) talk?.press(button.value);
    else if (button?.dataset.phone === "recording") switchRecording(line.cardOf(talk));
    else if (button) deeds[button.dataset.phone]?.(talk, button);
  });
  root.addEventListener("keydown", (event) => {
    const talk = event.target.closest(".pop-keypad") && event.target.closest(".softphone-talk")?.talk;
    if (!talk || !/^[0-9*#]$/.test(event.key)) return;
    talk.press(event.key);
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener("change", (event) => {
    if (!event.target.matches("select")) return;
    choose(event.target.name, event.target.value);
    changed(event.target.name);
  });
  root.querySelector("[data-phone-dial]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const number = event.target.elements.namedItem("number").value.trim();
    if (!number) return;
    menu.open = false;
    event.target.reset();
    dials(number);
  });
  menu.addEventListener("toggle", () => menu.open && drawDevices());
  navigator.mediaDevices?.addEventListener?.("devicechange", drawDevices);
}

/** Opens the sheet at the number to call. */
export function openDial() {
  menu.open = true;
  (root.querySelector("#softphone-number") ?? menu.querySelector("summary")).focus();
}
