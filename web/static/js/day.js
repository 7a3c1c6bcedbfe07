// My day stays true: drawn again after news, and the cursor stays where it was.
import { onDay } from "./counts.js";

const day = document.getElementById("day");
let isReading = false;

async function draw() {
  if (isReading || document.hidden) return;
  isReading = true;
  try {
    const response = await fetch(day.dataset.source, { redirect: "manual" });
    if (response.ok) put(new DOMParser().parseFromString(await response.text(), "text/html").body);
  } catch { /* not connected: the next news asks again */ }
  isReading = false;
}

function put(drawn) {
  const fresh = day.cloneNode(false);
  fresh.append(...drawn.childNodes);
  if (fresh.isEqualNode(day)) return;
  const held = placeOf(document.activeElement);
  day.replaceChildren(...fresh.childNodes);
  held?.()?.focus({ preventScroll: true });
}

/** Where the cursor stands: in the line of this key, at this of its buttons and links. */
function placeOf(element) {
  const line = day.contains(element) ? element.closest("[data-key]") : null;
  if (!line) return null;
  const at = stops(line).indexOf(element);
  return () => {
    const same = day.querySelector(`[data-key="${CSS.escape(line.dataset.key)}"]`);
    return same && stops(same)[at];
  };
}

const stops = (line) => [...line.querySelectorAll("a[href], button")];

onDay(draw);
