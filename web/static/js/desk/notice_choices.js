// The choices of macro desks/_notices.html: whether a hidden desk shows a notification and makes a sound.
import { choices, choose } from "./notices.js";
import { canSound, chime } from "./tones.js";
import { say } from "./words.js";

const place = document.getElementById("desk-notices");

/** Shows what was chosen, and follows the agent's clicks: only they ask the browser for anything. */
export function startNoticeChoices() {
  draw();
  place.addEventListener("change", async (event) => {
    const box = event.target;
    if (box.name === "notify" && box.checked) box.checked = await isAllowed();
    const isKept = choose({ [box.name]: box.checked });
    if (box.name === "sound" && box.checked) chime();
    draw(isKept ? "" : "notices_not_kept");
  });
  addEventListener("storage", () => draw());
}

function draw(trouble = "") {
  const chosen = choices();
  const isRefused = "Notification" in window && Notification.permission === "denied";
  const isMissing = !("Notification" in window) || !window.isSecureContext;
  place.querySelector("[name=notify]").checked = Boolean(chosen.notify) && !isRefused && !isMissing;
  place.querySelector("[name=sound]").checked = Boolean(chosen.sound);
  const word = isMissing ? "notices_missing" : isRefused ? "notices_refused" : chosen.sound && !canSound() ? "notices_silent" : trouble;
  const line = place.querySelector("[data-notice-trouble]");
  line.textContent = word ? say(word) : "";
  line.hidden = !word;
}

async function isAllowed() {
  if (!("Notification" in window)) return false;
  return (await Notification.requestPermission()) === "granted";
}

for (const deed of ["pointerdown", "keydown"]) addEventListener(deed, () => setTimeout(draw, 200), { once: true });
