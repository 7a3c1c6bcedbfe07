// The softphone of the desk: one tab holds it, registers, takes and makes calls; line.js tells the cards of it.
import { dial } from "../dialling.js";
import { toast } from "../dialogs.js";
import { isTyping } from "../keys.js";
import { post } from "../desk/requests.js";
import { say } from "../desk/words.js";
import { live } from "../live.js";
import { hearClicks } from "./clicks.js";
import { leave, listen, measure } from "./devices.js";
import { keep, kept } from "./kept.js";
import { line } from "./line.js";
import { announce, calledOf, drawDevices, drawState, drawTalks, drawTrouble, openDial, root, startPanel, toggleKeys } from "./panel.js";
import { Phone } from "./phone.js";
import { canRing, hear, hush, moveSpeakers, ring, silence, startSounds, tryRinger, trySpeaker } from "./sounds.js";
import { Tabs } from "./tabs.js";
import { watch } from "./watch.js";

const RETRY = 5000; // ms until the account is asked for again where the server did not answer
const SETTLED_AFTER = 1500; // ms in which the cards come back too after a reload
const UP = ["joining", "talking", "hold"];
const { user, extension, source } = root.dataset;
const phone = new Phone();
const tabs = new Tabs(user);
let accountTimer = 0;
let measuring = null;

const isUp = () => line.talks.some((talk) => UP.includes(talk.state));

// The one tab

tabs.addEventListener("change", () => {
  if (tabs.state === "here") return begin();
  letGo();
  if (tabs.state === "unsafe") return drawState("unsafe");
  const since = tabs.since ? new Date(tabs.since).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }) : "–";
  drawState("elsewhere", { since }, { canTake: true, word: kept(user) ? "said_elsewhere_moves" : "said_elsewhere" });
});

async function begin() {
  clearTimeout(accountTimer);
  drawState("connecting", {});
  const account = await post(source);
  if (tabs.state !== "here") return;
  if (account.errors) {
    drawState("no_account", { why: Object.values(account.errors).join(" ") }, { canRetry: true });
    if (account.status === 0 || account.status >= 500) accountTimer = setTimeout(begin, RETRY);
    return;
  }
  line.extension = extension;
  phone.start({ ...account, extension });
  askLeave();
}

function letGo() {
  clearTimeout(accountTimer);
  if (line.talks.length) toast(say("moved"), "info");
  phone.stop();
  hush();
  const talks = line.talks;
  line.talks = [];
  line.extension = "";
  for (const talk of talks) {
    silence(talk);
    talk.abandon();
  }
  line.changed();
}

phone.addEventListener("state", () => {
  drawState(phone.state, { extension }, { canRetry: phone.state === "refused", word: phone.state === "registered" && !canRing() ? "said_silent" : `said_${phone.state}` });
  if (phone.state === "registered") comeBack();
});
addEventListener("pointerdown", () => setTimeout(() => phone.state === "registered" && drawState("registered", { extension }), 300), { once: true });

async function askLeave() {
  const given = await leave();
  root.querySelector("[data-phone=allow]").hidden = given === "granted";
  if (given === "prompt") drawTrouble(say("microphone_prompt"));
  if (given === "denied") drawTrouble(say("microphone_refused"));
}

// Calls

function add(talk) {
  line.talks.push(talk);
  talk.addEventListener("sound", () => hear(talk));
  talk.addEventListener("change", () => changed(talk));
  if (talk.heard) hear(talk);
  changed(talk);
}

function changed(talk) {
  if (!line.talks.includes(talk)) return; // it was let go of
  if (talk.state === "over") {
    line.talks.splice(line.talks.indexOf(talk), 1);
    silence(talk);
  } else if (talk.state === "talking" && !talk.isWatched) {
    talk.isWatched = true;
    drawTrouble("");
    watch(talk, drawTalks, (one) => toast(say(one.figures.word === "silent" ? "warn_silent" : "warn_bad", { name: calledOf(one) }), "warn"));
  }
  const up = line.talks.find((one) => one.dialog());
  if (up) keep(user, up.dialog());
  else if (!line.talks.some((one) => one.comesBack)) keep(user, null);
  const rings = line.talks.some((one) => one.state === "ringing" && !one.wasAsked);
  if (rings && !isUp()) ring();
  else hush();
  line.changed();
}

line.addEventListener("change", drawTalks);

phone.addEventListener("talk", ({ detail: talk }) => {
  add(talk);
  if (talk.wasAsked) answer(talk);
});

async function answer(talk) {
  if (!talk || talk.state !== "ringing" || talk.isAnswering) return;
  talk.isAnswering = true;
  try {
    const stream = await listen();
    for (const other of line.talks) if (other !== talk && other.state === "talking") other.hold();
    talk.answer(stream);
    drawTrouble("");
  } catch (error) {
    drawTrouble(say(error.word ?? "microphone_broken"));
  } finally {
    talk.isAnswering = false;
  }
}

function mute(talk) {
  talk.mute();
  announce(say(talk.isMuted ? "now_muted" : "now_unmuted", { name: calledOf(talk) }));
}

function hold(talk) {
  talk.addEventListener("change", () => announce(say(talk.isHeld ? "now_held" : "now_talking", { name: calledOf(talk) })), { once: true });
  talk.hold();
}

/** The page was loaded again during a call: takes its own place in it, or says that it cannot. */
async function comeBack() {
  const call = kept(user);
  if (!call || line.talks.length) return;
  let talk = null;
  try {
    talk = phone.comeBack(call, await listen());
  } catch (error) {
    return drawTrouble(`${say("back_failed", { name: call.name || call.number })} ${say(error.word ?? "microphone_broken")}`, { canRing: true });
  }
  if (!talk) return;
  add(talk);
  talk.addEventListener("change", () => {
    const isBack = talk.state === "talking";
    talk.comesBack = false;
    if (isBack) return announce(say("now_back", { name: calledOf(talk) }));
    keep(user, null);
    setTimeout(tellLost, SETTLED_AFTER, calledOf(talk));
  }, { once: true });
}

/** Says whether the call that one could not come back into still goes on, as the cards have it. */
function tellLost(name) {
  const card = line.lonelyCard();
  drawTrouble(say(card ? "back_failed" : "back_over", { name }), { canRing: Boolean(card) });
  if (!card) return;
  line.addEventListener("change", function look() {
    if (line.lonelyCard()) return;
    line.removeEventListener("change", look);
    drawTrouble(""); // it rings here again, or is over
  });
}

/** Sends the other side, who still hears nothing, to this phone anew. */
async function ringAgain() {
  const card = line.lonelyCard();
  if (!card) return drawTrouble("");
  const sent = await post(`/desk/calls/${card.pop.call}/rings`);
  drawTrouble(Object.values(sent.errors ?? {}).join(" "));
}

addEventListener("beforeunload", (event) => { if (isUp()) event.preventDefault(); });

/** While a call is up, what leads away from the page opens beside it. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || !isUp() || event.defaultPrevented || link.target || link.dataset.dial || link.protocol === "tel:") return;
  if (link.pathname === location.pathname && link.hash) return;
  event.preventDefault();
  open(link.href, "_blank", "noopener");
});

// The person

const test = {
  microphone: async (button) => {
    measuring?.abort();
    if (button.getAttribute("aria-pressed") === "true") return button.setAttribute("aria-pressed", "false");
    const meter = root.querySelector("[data-level]");
    measuring = new AbortController();
    measuring.signal.addEventListener("abort", () => { meter.hidden = true; button.setAttribute("aria-pressed", "false"); });
    try {
      await measure((level) => { meter.value = level; }, measuring.signal);
      meter.hidden = false;
      button.setAttribute("aria-pressed", "true");
      setTimeout(() => measuring.abort(), 15_000);
    } catch (error) {
      drawTrouble(say(error.word ?? "microphone_broken"));
    }
  },
};

startPanel({
  take: () => tabs.take(),
  retry: begin,
  allow: async () => {
    try {
      for (const track of (await listen()).getTracks()) track.stop();
      drawTrouble("");
      drawDevices();
    } catch (error) { drawTrouble(say(error.word)); }
    if (await leave() === "granted") root.querySelector("[data-phone=allow]").hidden = true;
  },
  answer,
  mute,
  hold,
  "hang-up": (talk) => talk.hangUp(),
  keys: (_talk, button) => toggleKeys(button.closest(".softphone-talk")),
  "ring-again": ringAgain,
  "test-microphone": (_talk, button) => test.microphone(button),
  "test-speaker": trySpeaker,
  "test-ringer": tryRinger,
}, async (what) => {
  if (what === "speaker") moveSpeakers();
  if (what !== "microphone") return;
  for (const talk of line.talks) if (UP.includes(talk.state)) await talk.changeMicrophone(await listen()).catch(() => {});
}, dial);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const fits = (one) => (event.key === "A" ? one?.state === "ringing" : UP.includes(one?.state));
  const card = event.target.closest(".pop")?.card;
  const talk = [card && line.talkOf(card), ...line.talks].find(fits);
  const deed = { A: () => talk && answer(talk), m: () => talk && mute(talk), H: () => talk && hold(talk), d: openDial }[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
});

line.deeds = { answer, mute, hold };
// Whoever is logged out has no more calls here; one that goes on is not torn.
live.addEventListener("state", () => {
  if (live.state.status !== "ended" || isUp()) return;
  letGo();
  drawState("no_account", { why: say("logged_out") });
});

hearClicks();
startSounds();
tabs.start();
