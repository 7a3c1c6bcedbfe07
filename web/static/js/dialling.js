// Click-to-call: <a href="tel:…" data-dial="+4930…"> on any page. One click is one key, and one key is one call at most:
// it is kept until it is known what came of it, so that a second click, a retry or a reload asks for the same call.
import { toast } from "./dialogs.js";
import { announce } from "./softphone/clicks.js";

const KEPT = "ringbook.dials"; // sessionStorage: {number: {key, at}}
const SAME_CLICK = 60_000; // ms in which the same number, its fate unknown, is the same click
const RETRIES = [400, 1500, 4000]; // ms before an answer that did not come is asked for again
const LOOKS = 20; // times that an unknown fate is looked up, a second apart
const CALM = 1500; // ms in which another click on the same number is a slip of the finger
const busy = new Set();

const words = () => document.getElementById("dial-words")?.dataset ?? {};
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

function keep(all) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(all));
  } catch { /* nothing is kept here: a reload forgets the click, the server still knows the call */ }
}

function keyOf(number) {
  const all = kept();
  const known = all[number];
  if (known && Date.now() - known.at < SAME_CLICK) return known.key;
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  keep({ ...all, [number]: { key, at: Date.now() } });
  return key;
}

function forget(number) {
  const { [number]: _gone, ...others } = kept();
  keep(others);
}

/** Asks for the call; null where no answer came. */
async function ask(number, key) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  try {
    const response = await fetch("/dials", {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF-Token": token },
      body: new URLSearchParams({ number, key }),
      redirect: "error",
    });
    if (response.status >= 502 && response.status !== 503) return null; // a proxy speaks, not Ringbook
    const said = await response.json();
    return response.ok ? said : { refused: Object.values(said.errors ?? {}).join(" ") || words().failed };
  } catch {
    return null;
  }
}

async function answer(number, key) {
  let said = await ask(number, key);
  for (const pause of RETRIES) {
    if (said) return said;
    await wait(pause);
    said = await ask(number, key);
  }
  return said;
}

/** Looks until it is known what came of the click. */
async function resolve(number, key) {
  for (let look = 0; look < LOOKS; look += 1) {
    await wait(1000);
    try {
      const response = await fetch(`/dials/${encodeURIComponent(key)}`, { headers: { Accept: "application/json" }, redirect: "error" });
      if (response.status === 404) return tell(number, { fate: "not_placed", done: words().nothing });
      const said = response.ok ? await response.json() : null;
      if (said && said.fate !== "unknown") return tell(number, said);
    } catch { /* asked again */ }
  }
  toast(words().doubt, "bad");
}

const KINDS = { placed: "good", goes_on: "good", over: "info", unknown: "warn" };

function tell(number, said) {
  toast(said.refused ?? said.done, said.refused ? "bad" : KINDS[said.fate] ?? "bad");
  if (said.refused || said.fate !== "unknown") forget(number);
}

/** Calls the number from the agent's own phone. */
export async function dial(number, link = null) {
  if (busy.has(number)) return;
  busy.add(number);
  link?.setAttribute("aria-busy", "true");
  const key = keyOf(number);
  announce(key);
  const said = await answer(number, key);
  if (!said) toast(words().doubt, "bad");
  else {
    tell(number, said);
    if (said.fate === "unknown" && said.key) resolve(number, said.key);
  }
  link?.removeAttribute("aria-busy");
  await wait(CALM);
  busy.delete(number);
}

export function startDialling() {
  if (!document.getElementById("dial-words")) return; // who may not call has links that their computer opens
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-dial]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    dial(link.dataset.dial, link);
  });
  for (const [number, { key, at }] of Object.entries(kept())) {
    if (Date.now() - at < SAME_CLICK) resolve(number, key); // the page was loaded again before the answer came
    else forget(number);
  }
}
