// What must never be silent: the phone's state, the links, the socket, the database.
import { fill, showState } from "../states.js";
import { time } from "./formats.js";
import { say } from "./words.js";

const OFFLINE_AFTER = 2500; // milliseconds: shorter than that is a blink
const LOUDEST = ["ringing", "talking", "on_hold", "unavailable", "idle"];
const SHOWN = { on_hold: "hold" };
const BROKEN = ["down", "refused"];

/** The key of a phone. */
export const phoneOf = (phone) => `${phone.pbx}/${phone.extension}`;

export function showPhone(phones) {
  const states = [...phones.values()].map((phone) => phone.state);
  const state = LOUDEST.find((loud) => states.includes(loud)) ?? "unknown";
  document.dispatchEvent(new CustomEvent("ringbook:phone", { detail: { state: SHOWN[state] ?? state } }));
}

export function showLinks(links) {
  const all = [...links.values()].map((link) => ({ ...link, pbx: link.name }));
  document.dispatchEvent(new CustomEvent("ringbook:links", { detail: { links: all } }));
  const broken = all.filter((link) => BROKEN.includes(link.status)).map((link) => link.name);
  const banner = document.getElementById("desk-link");
  fill(banner, { names: broken.join(", ") });
  banner.hidden = broken.length === 0;
}

export function showBehind(storage) {
  document.getElementById("desk-behind").hidden = !storage.behind;
}

let timer = 0;

/** `state` is {isConnected, since, hasEnded}; a blink is not shown, what lasts is, and what is shown is true. */
export function showOffline(state, announce) {
  const banner = document.getElementById("desk-offline");
  clearTimeout(timer);
  showState(banner, state.hasEnded ? "ended" : "");
  if (state.isConnected) {
    if (!banner.hidden) announce(say("status_online"));
    banner.hidden = true;
    return;
  }
  fill(banner, { since: time(state.since) });
  const passed = Date.now() - state.since;
  timer = setTimeout(() => {
    if (banner.hidden) announce(say("status_offline"));
    banner.hidden = false;
  }, state.hasEnded ? 0 : Math.max(0, OFFLINE_AFTER - passed));
}
