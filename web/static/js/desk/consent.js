// What the caller says to being recorded: shown on the card, told from it; STILL RECORDING where a refusal did not stop it.
import { fill, showState } from "../states.js";
import { post } from "./requests.js";
import { clone } from "./rows.js";
import { say } from "./words.js";

const TOGETHER = ["talking", "hold"];
const CALLING = ["ringing", "dialling", ...TOGETHER];
const LATE = 900; // milliseconds: within a second the agent knows, also where no server answers

/** How a refusal of a card's caller stands: "" (none), asking, still or stopped, by the PBX's own word. */
export function refusalOf(card) {
  const stop = card.pop.consent?.stop;
  if (!CALLING.includes(card.state)) return "";
  if (stop === "stopped") return stop;
  if (card.refusing?.isLate || stop === "still") return "still";
  return card.refusing || stop ? "asking" : "";
}

/** Draws the button and the strip; called after each time the card is drawn. */
export function drawConsent(card) {
  const told = card.pop.consent;
  if (told?.stop === "stopped" || !TOGETHER.includes(card.state)) forget(card);
  const button = card.controls.querySelector("[data-control=consent]");
  button.hidden = !TOGETHER.includes(card.state) || (!told && !card.pop.recording);
  fill(button, { consent: say(`consent_${told?.state ?? "unknown"}`) });
  const refusal = refusalOf(card);
  if (!refusal) {
    card.refusal?.remove();
    card.refusal = null;
    return;
  }
  card.refusal ??= build(card);
  if (card.refusal.dataset.state !== refusal) {
    card.refusal.dataset.state = refusal;
    showState(card.refusal, refusal, "refusal");
  }
  write(card, "said", say(`refusal_${refusal === "still" ? "asking" : refusal}`));
  write(card, "alarm", refusal === "still" ? say("recording_still") : "");
  write(card, "why", refusal === "still" ? `${card.refusing?.why || told?.why || say("refusal_unsure")} ${say("refusal_tell")}` : teller(told));
}

function teller(told) {
  if (told?.by) return say("consent_by", { name: told.by });
  return told?.source === "pbx" ? say("consent_by_pbx") : "";
}

/** Writes only what is news, so that nothing is read out twice. */
function write(card, name, text) {
  const slot = card.refusal.querySelector(`[data-slot=${name}]`);
  if (slot.textContent !== text) slot.textContent = text;
}

function build(card) {
  const strip = clone("refusal", card.id).firstElementChild;
  card.controls.before(strip);
  return strip;
}

function forget(card) {
  clearTimeout(card.refusing?.timer);
  card.refusing = null;
}

/** Tells what the caller said; `ask` is how the rest of the card asks. */
export async function says(card, state, ask) {
  forget(card);
  if (state !== "refused") {
    drawConsent(card);
    return ask(state);
  }
  const mine = { isLate: false, why: "" };
  card.refusing = mine;
  const late = (why = "") => {
    if (card.refusing !== mine) return;
    Object.assign(mine, { isLate: true, why });
    drawConsent(card);
  };
  mine.timer = setTimeout(late, LATE);
  drawConsent(card);
  const answer = await post(`/desk/calls/${card.pop.call}/consents`, { state });
  if (card.refusing !== mine) return null;
  if (answer.errors) late(Object.values(answer.errors).join(" "));
  else {
    forget(card);
    drawConsent(card);
  }
  return null;
}
