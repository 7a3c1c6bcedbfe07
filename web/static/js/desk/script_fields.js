// The questions of a script: drawn from data, read and written as one text each.
import { fill } from "../states.js";
import { clone, list } from "./rows.js";
import { say } from "./words.js";

const TYPES = { number: "text", date: "date", text: "text" };

/** A blank question; its element knows the question by `question`. */
export function draw(question, id, isEditable) {
  const isOne = question.kind in TYPES || question.kind === "long_text";
  const part = clone(isOne ? `script-${question.kind === "long_text" ? "long_text" : "line"}` : "script-options");
  const element = part.firstElementChild;
  element.dataset.field = question.key;
  if (isOne) {
    const field = element.querySelector("input, textarea");
    if (question.kind in TYPES) field.type = TYPES[question.kind];
    if (question.kind === "number") field.inputMode = "decimal";
    Object.assign(field, { id, name: question.key, disabled: !isEditable, required: question.needed });
    element.querySelector("label").htmlFor = id;
  } else list(element, "script-options", optionsOf(question).map(([value, text]) => option(question, value, text, isEditable)));
  const wrong = element.querySelector("[data-wrong]");
  wrong.id = `${id}-wrong`;
  for (const field of fieldsOf(element)) field.setAttribute("aria-describedby", wrong.id);
  element.querySelector("[data-needed]").hidden = !question.needed;
  update(element, question);
  return element;
}

function optionsOf({ kind, options }) {
  return kind === "yes_no" ? [["yes", say("yes")], ["no", say("no")]] : options.map((text) => [text, text]);
}

function option(question, value, text, isEditable) {
  const pill = clone("script-option");
  Object.assign(pill.querySelector("input"), {
    type: question.kind === "choices" ? "checkbox" : "radio", name: question.key, value, disabled: !isEditable,
  });
  fill(pill, { text });
  return pill;
}

const fieldsOf = (element) => [...element.querySelectorAll("input, textarea")];

/** The first place of a question to write in or to choose. */
export const place = (element) => fieldsOf(element).find((field) => field.checked) ?? fieldsOf(element)[0];

/** Writes who answered, and the answer unless it is being changed here. */
export function update(element, question, keepsAnswer = false) {
  element.question = question;
  fill(element, { label: question.label, by: question.by });
  if (!keepsAnswer) write(element, question.answer);
}

/** What stands in the question now: several choices on a line each. */
export function read(element) {
  const fields = fieldsOf(element);
  if (!["radio", "checkbox"].includes(fields[0]?.type)) return fields[0]?.value ?? "";
  return fields.filter((field) => field.checked).map((field) => field.value).join("\n");
}

export function write(element, answer) {
  const chosen = answer.split("\n");
  for (const field of fieldsOf(element)) {
    if (["radio", "checkbox"].includes(field.type)) field.checked = chosen.includes(field.value);
    else if (field.value !== answer) field.value = answer;
  }
}

/** Says what is wrong with the answer, or nothing. */
export function complain(element, sentence = "") {
  const wrong = element.querySelector("[data-wrong]");
  wrong.textContent = sentence;
  wrong.hidden = !sentence;
  for (const field of fieldsOf(element)) field.toggleAttribute("aria-invalid", Boolean(sentence));
}
