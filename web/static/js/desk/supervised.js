// Says on a card that a supervisor is in the call, at once and in words, where the agent is to know.
import { clone } from "./rows.js";
import { say } from "./words.js";

export function drawSupervised(card) {
  card.supervised ??= place(card);
  const said = (card.pop.supervised ?? []).map(({ by, mode }) => say(`supervised_${mode ?? "listen"}`, { name: by })).join(" ");
  const text = card.supervised.querySelector("[data-slot=supervised]");
  if (text.textContent === said) return;
  text.textContent = said;
  card.supervised.querySelector("p").hidden = !said;
}

function place(card) {
  const part = clone("supervised", card.id).firstElementChild;
  card.head.after(part);
  return part;
}
