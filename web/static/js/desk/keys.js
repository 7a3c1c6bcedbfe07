// The desk's own keys; those of every page are in ../keys.js. Letters count only where nobody is typing.
import { isTyping } from "../keys.js";
import { toScript } from "./scripts.js";

/** `desk.top()` gives the stacked cards, the topmost first. */
export function startKeys(desk) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return save(event, desk);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const deed = KEYS[event.key] ?? (/^[1-9]$/.test(event.key) ? chooseCandidate : null);
    if (deed?.(current(desk, event.target), event, desk)) event.preventDefault();
  });
}

/** The card with the cursor, else the topmost. */
function current(desk, target) {
  return target.closest(".pop")?.card ?? desk.top()[0];
}

const KEYS = {
  p: (_card, event, desk) => {
    const stacked = desk.top();
    const at = stacked.findIndex((card) => card.element === event.target);
    return focusOn(stacked[(at + 1) % stacked.length]?.element);
  },
  o: (card) => press(card?.head.querySelector("[data-opens-card][href]:not([hidden])")),
  n: (card) => focusOn(card?.form?.elements.namedItem("note")),
  u: (card) => {
    const choices = [...(card?.form?.querySelectorAll("[name=outcome]") ?? [])];
    return focusOn(choices.find((choice) => choice.checked) ?? choices[0]);
  },
  t: (card) => focusOn(card?.form?.querySelector("[name=next]:checked")),
  c: (card) => {
    const wrong = card?.element.querySelector("[data-action=correct]:not([hidden])");
    if (wrong && !card.asking) return press(wrong);
    return focusOn(card?.element.querySelector("[data-form=customer] [name=name], .pop-group [data-action=choose], .pop-group [name=q]"));
  },
  g: (card) => card && toScript(card),
  h: (card) => press(card?.element.querySelector("[data-action=history]")),
  s: (card) => press(card?.controls?.querySelector("[data-control=send-on]:not([hidden])")),
  k: (card) => press(card?.controls?.querySelector("[data-control=keys]:not([hidden])")),
  P: (card) => press(card?.controls?.querySelector("[data-control=park]:not([hidden])")),
  r: (card) => press(card?.element.querySelector("[data-control^=recording]:not([hidden])")),
  R: (card) => press(card?.controls?.querySelector("[data-control=consent]:not([hidden])")),
  E: (card) => press(card?.controls?.querySelector("[data-control=hang-up]:not([hidden])")),
  x: (card) => press(card?.head.querySelector("[data-action=dismiss]:not([hidden])")),
};

function chooseCandidate(card, event) {
  return press(card?.element.querySelectorAll("[data-form=candidates] [data-action=choose]")[Number(event.key) - 1]);
}

/** Ctrl+Enter beside a form saves the topmost card's. */
function save(event, desk) {
  if (event.target.closest("form")) return; // ../keys.js sends the form one writes in
  const form = current(desk, event.target)?.form;
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
}

function focusOn(element) {
  element?.focus();
  return Boolean(element);
}

function press(element) {
  element?.click();
  return Boolean(element);
}
