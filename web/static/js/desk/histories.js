// The whole history on a card: read when the agent asks for it, never before the card is painted.
import { clone } from "./rows.js";
import { say } from "./words.js";

/** Unfolds the history of the card's customer, or folds it away; the search inside is htmx's. */
export async function toggleHistory(card) {
  const address = card.pop.links.customer;
  if (card.history.hasChildNodes() || !address) return card.foldHistory();
  card.history.replaceChildren(clone("history", card.id));
  const place = card.history.querySelector("[data-history-place]");
  card.draw();
  const text = await textOf(`${address}/history`);
  if (!place.isConnected) return; // folded away or another customer's meanwhile
  if (text === null) return void (place.textContent = say("no_history"));
  const drawn = new DOMParser().parseFromString(text, "text/html");
  place.replaceChildren(...drawn.body.childNodes);
  window.htmx?.process(place);
  place.querySelector("[name=text]")?.focus();
}

async function textOf(address) {
  try {
    const response = await fetch(address, { redirect: "error" });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}
