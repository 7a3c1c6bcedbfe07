// On every page but the desk: the phone's and the links' chips stay true, and who is calling is told.
import { live } from "./live.js";
import { fill } from "./states.js";

const strip = document.getElementById("away");

function draw() {
  const ringing = [...live.view.pops.values()].filter((pop) => pop.state === "ringing" && !pop.outgoing);
  const [first] = ringing;
  if (first) fill(strip, { name: first.customer?.name || first.name || first.number.shown || strip.dataset.withheld });
  strip.hidden = !first;
}

export function startAway() {
  if (!strip) return;
  live.addEventListener("snapshot", draw);
  live.addEventListener("message", draw);
  live.addEventListener("state", () => { if (live.state.status !== "connected") strip.hidden = true; });
  live.start();
}
