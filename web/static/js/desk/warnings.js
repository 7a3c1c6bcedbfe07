// What must never be silent: the socket, the links, the database. The chips of the bar are live.js's and states.js's.
import { fill, showState } from "../states.js";
import { time } from "./formats.js";
import { say } from "./words.js";

const OFFLINE_AFTER = 2500; // milliseconds: shorter than that is a blink
const BROKEN = ["down", "refused"];
let timer = 0;

export function showLinks(links) {
  const broken = [...links.values()].filter((link) => BROKEN.includes(link.status)).map((link) => link.name);
  const banner = document.getElementById("desk-link");
  fill(banner, { names: broken.join(", ") });
  banner.hidden = broken.length === 0;
}

export function showBehind(storage) {
  document.getElementById("desk-behind").hidden = !storage.behind;
}

/** `state` is live.state; a blink is not shown, what lasts is, and what is shown is true. */
export function showOffline(state, announce) {
  const banner = document.getElementById("desk-offline");
  clearTimeout(timer);
  showState(banner, state.status);
  if (state.status === "connected") {
    if (!banner.hidden) announce(say("status_online"));
    banner.hidden = true;
    return;
  }
  fill(banner, { since: time(state.since) });
  timer = setTimeout(async () => {
    if (banner.hidden) announce(say("status_offline"));
    banner.hidden = false;
    if (await isLoggedOut()) showState(banner, "ended");
  }, state.status === "ended" ? 0 : OFFLINE_AFTER);
}

/** A refused handshake does not say why: a page that asks for the log-in does. */
async function isLoggedOut() {
  try {
    const response = await fetch(location.pathname, { method: "HEAD", redirect: "manual" });
    return response.type === "opaqueredirect";
  } catch {
    return false;
  }
}
