// Calls of others that the agent may take: parked, ringing at a colleague's, waiting. Asked for while it is open.
import { toast } from "../dialogs.js";
import { announce } from "../softphone/clicks.js";
import { fill } from "../states.js";
import { get, post } from "./requests.js";
import { list } from "./rows.js";
import { say } from "./words.js";

const EVERY = 3000; // ms, while it is open and in sight
const PATHS = { parked: "retrievals", ringing: "pickups", waiting: "grabs" };
const keys = new Map(); // call and deed → the key of its click

function key(call, kind) {
  const name = `${call} ${kind}`;
  if (!keys.has(name)) keys.set(name, [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  return keys.get(name);
}

function row(kind, one) {
  const part = document.getElementById("other-call").content.cloneNode(true);
  fill(part, { name: one.name || one.number, place: say(`other_${kind}`, { place: one.place }), deed: say(`take_${kind}`) });
  const button = part.querySelector("[data-take]");
  button.value = one.call;
  button.dataset.take = kind;
  return part;
}

async function read(panel) {
  if (!panel.open || document.hidden || panel.contains(document.activeElement) && document.activeElement.matches("[data-take]")) return;
  const found = await get("/desk/others");
  const rows = Object.keys(PATHS).flatMap((kind) => (found?.[kind] ?? []).map((one) => row(kind, one)));
  list(panel, "others", rows);
  panel.querySelector("[data-none]").hidden = rows.length > 0;
}

export function startOthers(panel) {
  if (!panel) return;
  panel.addEventListener("toggle", () => read(panel));
  setInterval(read, EVERY, panel);
  panel.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-take]");
    if (!button || button.disabled) return;
    button.disabled = true;
    const kind = button.dataset.take;
    announce(key(button.value, kind));
    const answer = await post(`/desk/calls/${button.value}/${PATHS[kind]}`, { key: key(button.value, kind) });
    if (answer.errors) keys.delete(`${button.value} ${kind}`);
    toast(answer.errors ? Object.values(answer.errors).join(" ") : answer.done, answer.errors ? "bad" : "good");
    button.disabled = false;
    panel.querySelector("summary").focus();
    read(panel);
  });
}
