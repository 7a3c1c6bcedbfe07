// What an agent does on a card: says who it is, wraps up, puts it away.
import { toast } from "../dialogs.js";
import { fill } from "../states.js";
import { drop, keep, unwrite, valuesOf, written } from "./drafts.js";
import { toggleHistory } from "./histories.js";
import { get, post } from "./requests.js";
import { candidate, list } from "./rows.js";
import { say } from "./words.js";

const SEARCH_AFTER = 180; // milliseconds without a key
const busy = new WeakSet(); // forms that wait for the server's answer
const asked = new WeakMap(); // form → what is being looked for

/** Lets the cards below `root` do what they offer; `desk` is told what became of it. */
export function startDeeds(root, desk) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    const card = button?.closest(".pop")?.card;
    if (card) CLICKS[button.dataset.action]?.(card, button, desk);
  });
  root.addEventListener("submit", (event) => {
    const card = event.target.closest(".pop")?.card;
    if (!card || !event.target.dataset.form) return;
    event.preventDefault();
    SUBMITS[event.target.dataset.form]?.(card, event.target, desk);
  });
  root.addEventListener("input", (event) => {
    const card = event.target.closest(".pop")?.card;
    const form = event.target.form;
    if (card && form) onInput(card, form, event.target, desk);
  });
}

const CLICKS = {
  choose: (card, button) => decide(card, button.closest("[data-form]"), { who: "customer", customer: button.value }),
  nobody: (card, button) => decide(card, button.closest("[data-form]"), { who: "nobody" }),
  correct: (card) => ask(card, card.asking ? "" : "correct"),
  "someone-else": (card) => ask(card, "find"),
  leave: (card) => ask(card, ""),
  history: toggleHistory,
  more: (card) => {
    card.showsAll = true;
    card.draw();
  },
  unfold: (card, _button, desk) => desk.unfold(card),
  dismiss: putOff,
  finish: putAway,
};

const SUBMITS = {
  customer: (card, form) => decide(card, form, { who: "new", ...valuesOf(form) }),
  find: (_card, form, desk) => search(form, desk),
  correct: (_card, form, desk) => search(form, desk),
  "wrap-up": wrapUp,
};

function ask(card, what) {
  card.asking = what;
  card.draw();
  const next = what ? ".pop-group [name=q]" : "[data-action=correct]:not([hidden]), [data-action=choose]";
  card.element.querySelector(next)?.focus();
}

async function decide(card, part, fields) {
  if (part.dataset.form === "find") fields.owns_number = "1";
  for (const box of part.querySelectorAll("input[type=checkbox]:checked")) {
    if (!box.closest("[hidden]")) fields[box.name] = "1";
  }
  const answer = await sent(part, `/desk/calls/${card.pop.call}/customer`, fields);
  if (!answer || answer.errors) return;
  drop(`${card.draftKey}.customer`);
  toast(answer.done, "good"); // the live side draws the card anew, here and on the agent's other screens
}

async function wrapUp(card, form, desk) {
  const isOver = card.state === "wrap_up";
  const values = valuesOf(form);
  fill(form, { draft: say("saving") });
  const answer = await sent(form, `/desk/calls/${card.pop.call}/wrap-up`, isOver ? { ...values, over: "1" } : values);
  if (!answer) return;
  if (answer.errors) return fill(form, { draft: say(keep(card.draftKey, written(form)) ? "kept_here" : "not_kept") });
  if (JSON.stringify(valuesOf(form)) === JSON.stringify(values)) drop(card.draftKey); // else typing went on
  fill(form, { draft: say("saved") });
  if (!isOver) return unwrite(form.querySelector(".steps")); // what is noted is not sent again with the next words
  toast(answer.done, "good");
  desk.finish(card);
}

async function putOff(card, _button, desk) {
  const answer = await sent(card.form ?? card.element, `/desk/pops/${card.id}/dismissals`, {});
  if (!answer || answer.errors) return;
  toast(answer.done, "info");
  desk.remove(card.id);
}

async function putAway(card, _button, desk) {
  const answer = await sent(card.form, `/desk/calls/${card.pop.call}/dismissals`, {});
  if (!answer || answer.errors) return;
  drop(card.draftKey);
  toast(answer.done, "info");
  desk.finish(card);
}

/** Sends once, however often it is pressed; what is wrong is said in the part it belongs to. */
async function sent(part, address, fields) {
  if (busy.has(part)) return null;
  busy.add(part);
  part.setAttribute("aria-busy", "true");
  complain(part, {});
  const answer = await post(address, fields);
  busy.delete(part);
  part.removeAttribute("aria-busy");
  if (answer.errors) complain(part, answer.errors);
  return answer;
}

function complain(part, errors) {
  const place = part.querySelector("[data-problem]");
  if (!place) {
    for (const sentence of Object.values(errors)) toast(sentence, "bad");
    return;
  }
  place.textContent = Object.values(errors).join(" ");
  place.hidden = !place.textContent;
  for (const field of part.elements ?? []) field.toggleAttribute?.("aria-invalid", false);
  const wrong = Object.keys(errors).map((name) => name && part.elements?.namedItem(name)).find(Boolean);
  if (!wrong) return;
  const field = wrong instanceof RadioNodeList ? wrong[0] : wrong;
  field.setAttribute("aria-invalid", "true");
  const folded = field.closest("details");
  if (folded) folded.open = true;
  field.focus();
}

function onInput(card, form, field, desk) {
  const kind = form.dataset.form;
  if (kind === "wrap-up") {
    fill(form, { draft: say(keep(card.draftKey, written(form)) ? "kept_here" : "not_kept") });
  } else if (kind === "customer") keep(`${card.draftKey}.customer`, valuesOf(form));
  else if (field.name === "q") {
    clearTimeout(form.timer);
    form.timer = setTimeout(() => search(form, desk), SEARCH_AFTER);
  }
}

async function search(form, desk) {
  const text = form.elements.namedItem("q").value.trim();
  if (asked.get(form) === text) return;
  asked.set(form, text);
  const found = text ? await get(`${desk.searchUrl}?q=${encodeURIComponent(text)}`) : { customers: [] };
  if (asked.get(form) !== text) return; // a later question is on its way
  if (!found) asked.delete(form); // so that it can be asked again
  complain(form, found ? {} : { "": say("no_answer") });
  const customers = found?.customers ?? [];
  const rows = customers.map((item) => candidate(item));
  if (text && found && rows.length === 0) rows.push(line(say("none_found")));
  if (found?.more) rows.push(line(say("more_found")));
  list(form, "found", rows);
}

function line(text) {
  const row = document.createElement("li");
  row.className = "muted small";
  row.textContent = text;
  return row;
}
