// The small pieces of a card: cloned from the page's blank ones, filled with text.
import { asClock } from "../clocks.js";
import { fill } from "../states.js";
import { day, moment, today } from "./formats.js";
import { say } from "./words.js";

const blanks = new Map();

/** A copy of the blank piece `name`, with ids of its own. */
export function clone(name, id = "") {
  if (!blanks.has(name)) blanks.set(name, document.getElementById(`pop-${name}`));
  const copy = blanks.get(name).content.cloneNode(true);
  if (id) {
    for (const attribute of ["id", "for", "aria-labelledby", "aria-describedby"]) {
      for (const part of copy.querySelectorAll(`[${attribute}*="PopId"]`)) {
        part.setAttribute(attribute, part.getAttribute(attribute).replace("PopId", id));
      }
    }
  }
  return copy;
}

/** A copy of `name` that keeps of its [data-<mark>] parts only those for `value`: there are many rows, and most parts hide. */
function cloneFor(name, mark, value) {
  const key = `${name} ${mark} ${value}`;
  if (!blanks.has(key)) {
    const blank = document.createElement("template");
    blank.content.append(clone(name));
    for (const part of blank.content.querySelectorAll(`[data-${mark}]`)) {
      part.hidden = false;
      if (part.dataset[mark] !== value) part.remove();
    }
    blanks.set(key, blank);
  }
  return blanks.get(key).content.cloneNode(true);
}

/** The round mark of a person, a company or someone unknown. */
export function avatar(name, kind, { state = "", large = false } = {}) {
  const mark = clone(`avatar-${kind}`).firstElementChild;
  if (kind === "person") mark.textContent = initials(name);
  if (large) mark.classList.add("avatar--large");
  if (state) mark.classList.add(`avatar--${state}`);
  return mark;
}

function initials(name) {
  const words = (name ?? "").trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join("") || "?";
}

/** Puts the rows into the list `name` of `root` at once; an empty list says so. */
export function list(root, name, rows) {
  root.querySelector(`[data-list="${name}"]`).replaceChildren(...rows);
  const nothing = root.querySelector(`[data-none="${name}"]`);
  if (nothing) nothing.hidden = rows.length > 0;
}

export function interaction(item) {
  const missed = item.direction !== "outbound" && item.result !== "answered" && item.result !== null;
  const row = cloneFor("interaction", "direction", missed ? "missed" : item.direction === "outbound" ? "out" : "in");
  const talked = item.talk_seconds ? asClock(item.talk_seconds) : "";
  fill(row, {
    title: item.outcome ?? say(`result_${item.result ?? "none"}`),
    by: [item.agent ?? item.queue, talked].filter(Boolean).join(" · "),
    at: moment(item.at),
    text: item.note,
    href: item.links?.call,
  });
  row.querySelector(".timeline-mark").className = `timeline-mark tone--${missed ? "bad" : item.direction === "outbound" ? "accent" : "good"}`;
  return row;
}

export function promise(item) {
  const overdue = item.due_on < today();
  const row = cloneFor("promise", "due", overdue ? "overdue" : "");
  fill(row, { text: item.text, due: day(item.due_on) });
  row.querySelector(".promise").className = `promise tone--${overdue ? "bad" : item.due_on === today() ? "warn" : "accent"}`;
  return row;
}

export function task(item, now = new Date()) {
  const overdue = Boolean(item.due_at) && new Date(item.due_at) < now;
  const row = cloneFor("task", "due", overdue ? "overdue" : "");
  fill(row, { text: item.title || say("callback"), by: item.whose ?? say("anyone"), due: item.due_at ? moment(item.due_at, now) : "" });
  row.querySelector(".promise").className = `promise tone--${overdue ? "bad" : "accent"}`;
  return row;
}

export function note(item) {
  const row = clone("note");
  fill(row, { text: item.text, by: item.by ?? "", at: item.at ? moment(item.at) : "" });
  return row;
}

/** What everyone should know of the customer stands before the notes. */
export function about(text) {
  const row = note({ text, by: say("about") });
  row.querySelector(".note").classList.add("pinned");
  row.querySelector(".note-by").replaceChildren(say("about"));
  return row;
}

export function candidate(item, number) {
  const row = clone("candidate");
  const reasons = item.numbers
    ? item.numbers
    : [
        item.role || say(item.owns_number ? (item.kind === "company" ? "candidate_line" : "candidate_owner") : "candidate_company"),
        item.last_contact ? say("candidate_last", { day: moment(item.last_contact) }) : say("candidate_never"),
      ];
  fill(row, { name: item.name, why: reasons.join(" · ") });
  row.querySelector("[data-avatar]").replaceChildren(avatar(item.name, item.kind));
  row.querySelector("button").value = item.id;
  if (number && number < 10) {
    row.querySelector(".keys").hidden = false;
    row.querySelector("kbd").textContent = number;
  }
  return row;
}

/** The outcomes as pills; the first nine have a number key. */
export function outcome(item, index) {
  const pill = clone("outcome");
  pill.querySelector("input").value = item.id;
  pill.querySelector(".choice-text").textContent = item.name;
  if (index < 9) pill.querySelector("kbd").textContent = index + 1;
  else pill.querySelector(".keys").remove();
  return pill;
}
