// The script beside a card: what to say and to ask. Each answer is stored as it is given; until then it is a draft here.
import { isTyping } from "../keys.js";
import { live } from "../live.js";
import { fill } from "../states.js";
import { drop, keep, read as readDraft, writeInto } from "./drafts.js";
import { get, post } from "./requests.js";
import { clone } from "./rows.js";
import { complain, draw, place, read, update } from "./script_fields.js";
import { say } from "./words.js";

const SHOWN = ["ringing", "talking", "hold", "wrap_up"];
const AGAIN = [300, 900, 2000, 4000, 8000]; // milliseconds: the call is stored behind its card
const TYPING = 700; // milliseconds without a key, then what is typed is stored
const guides = new Map(); // card → Guide

/** Keeps the script of a card true; called after each time the card is drawn. */
export function guide(card) {
  if (!(card.pop.scripted || card.pop.handed_over || guides.has(card)) || !SHOWN.includes(card.state) || card.sure === "internal") return;
  if (!guides.has(card)) guides.set(card, new Guide(card));
  guides.get(card).look();
}

/** Puts the cursor to where the script waits for something; gives whether there is one. */
export function toScript(card) {
  return guides.get(card)?.focus() ?? false;
}

class Guide {
  constructor(card) {
    this.card = card;
    this.form = null;
    this.state = null;
    this.seen = ""; // what of the card the script was asked for with
    this.tries = 0;
    this.timers = new Map(); // question → until it is stored
    this.waiting = new Set(); // questions whose answer here is not stored
    this.posts = 0; // begun and answered
    this.sending = Promise.resolve(); // one request after the other
  }

  get draftKey() {
    return `${this.card.draftKey}.script`;
  }

  get isGone() {
    const { isConnected } = this.card.element;
    this.wasShown ||= isConnected;
    return this.wasShown && !isConnected;
  }

  /** Asks again where the card says that something changed. */
  look() {
    const { pop, state } = this.card;
    const seen = [pop.call, state === "ringing", pop.queue, pop.customer?.id].join();
    if (seen === this.seen) return;
    this.seen = seen;
    this.tries = 0;
    this.load();
  }

  async load() {
    clearTimeout(this.retry);
    if (this.isGone) return;
    const { posts } = this;
    const found = await get(`/desk/calls/${this.card.pop.call}/script`);
    if (posts !== this.posts) return this.sending.then(() => this.load()); // what was sent meanwhile told more
    const waits = !found || found.soon || (found.script && !found.script.editable && this.card.state !== "ringing");
    if (waits && this.tries < AGAIN.length) this.retry = setTimeout(() => this.load(), AGAIN[this.tries++]);
    if (!found || found.soon) return;
    this.apply(found.script);
    this.#resume();
  }

  /** Draws the script as the server says it stands. */
  apply(state) {
    const wasEnded = this.state?.ended;
    this.state = state;
    if (!state) return this.form?.remove();
    if (!this.form) this.#build();
    fill(this.form, { name: state.name });
    const steps = this.form.querySelector("[data-list=script-steps]");
    const kept = new Map([...steps.children].map((row) => [row.dataset.step, row]));
    state.steps.forEach((step, index) => {
      const shape = JSON.stringify([step.say, step.fields.map(({ key, kind, options }) => [key, kind, options]), state.editable]);
      let row = kept.get(step.key);
      if (row?.dataset.shape !== shape) {
        row?.remove();
        row = this.#step(step, shape);
      }
      for (const question of step.fields) {
        const element = row.querySelector(`[data-field="${CSS.escape(question.key)}"]`);
        update(element, question, this.waiting.has(question.key));
      }
      row.toggleAttribute("data-now", step.key === state.at && !state.ended);
      if (steps.children[index] !== row) steps.insertBefore(row, steps.children[index] ?? null);
    });
    while (steps.children.length > state.steps.length) steps.lastElementChild.remove();
    const isOpen = state.editable && !state.ended;
    this.form.querySelector("[data-next]").hidden = !isOpen;
    this.form.querySelector("[data-ended]").hidden = !state.ended;
    const outcome = this.card.pop.outcomes.find((one) => one.id === state.outcome);
    fill(this.form, { outcome: outcome?.name ?? "" });
    if (state.ended && !wasEnded) this.#propose(outcome);
    if (this.isWanted && state.editable && !isTyping(document.activeElement)) this.focus();
  }

  #build() {
    this.form = clone("script", this.card.id).firstElementChild;
    this.form.guide = this;
    this.card.element.insertBefore(this.form, this.card.element.querySelector(".pop-body"));
  }

  #step(step, shape) {
    const row = clone("script-step").firstElementChild;
    Object.assign(row.dataset, { step: step.key, shape });
    fill(row, { title: step.title, say: step.say });
    row.querySelector(".script-say").hidden = !step.say;
    row.querySelector("[data-list=script-fields]").replaceChildren(
      ...step.fields.map((question) => draw(question, `pop-${this.card.id}-${question.key}`, this.state.editable)),
    );
    return row;
  }

  /** The wrap-up begins with the outcome that the script comes to, unless one is chosen. */
  #propose(outcome) {
    const form = this.card.form;
    if (!outcome || !form || form.querySelector("[name=outcome]:checked")) return;
    writeInto(form, { outcome: outcome.id });
    form.querySelector("[name=outcome]:checked")?.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** What was typed and never stored (the page went away) is stored now. */
  #resume() {
    if (!this.state?.editable) return;
    for (const [key, answer] of Object.entries(readDraft(this.draftKey))) {
      const element = this.#element(key);
      if (!element || this.waiting.has(key)) continue;
      if (element.question.answer === answer) this.#stored(key);
      else {
        update(element, { ...element.question, answer });
        this.changed(element, 0);
      }
    }
  }

  #element(key) {
    return this.form?.querySelector(`[data-field="${CSS.escape(key)}"]`);
  }

  /** An answer was changed here: a draft at once, stored soon. */
  changed(element, after) {
    const { key } = element.question;
    this.waiting.add(key);
    const isKept = keep(this.draftKey, { ...readDraft(this.draftKey), [key]: read(element) });
    fill(this.form, { kept: say(isKept ? "kept_here" : "not_kept") });
    clearTimeout(this.timers.get(key));
    this.timers.set(key, setTimeout(() => this.store(element), after));
  }

  /** Stores an answer after those that were given before it. */
  store(element) {
    clearTimeout(this.timers.get(element.question.key));
    this.timers.delete(element.question.key);
    this.sending = this.sending.then(() => this.#send(element));
    return this.sending;
  }

  async #post(what, fields) {
    this.posts += 1;
    const said = await post(`/desk/calls/${this.card.pop.call}/script/${what}`, fields);
    this.posts += 1;
    return said;
  }

  async #send(element) {
    const { key, seen } = element.question;
    const answer = read(element);
    const said = await this.#post("answers", { version: this.state.version, field: key, answer, seen });
    complain(element, said.errors?.[key] ?? "");
    if (said.errors) {
      this.#problem(said.errors[""] ?? "");
      if (said.status === 422 && said.errors[key]) await this.#correct(element, answer);
      return;
    }
    this.#problem("");
    if (read(element) === answer) this.#stored(key);
    this.apply(said.script);
    if (this.waiting.size === 0) fill(this.form, { kept: say("saved") });
  }

  /** It was refused: where a colleague answered, theirs shows; the sentence holds both. */
  async #correct(element, answer) {
    const found = await get(`/desk/calls/${this.card.pop.call}/script`);
    const theirs = found?.script?.steps.flatMap((step) => step.fields).find((one) => one.key === element.question.key);
    if (!theirs || theirs.seen === element.question.seen || read(element) !== answer) return;
    this.#stored(theirs.key);
    this.apply(found.script);
  }

  #stored(key) {
    this.waiting.delete(key);
    const { [key]: _stored, ...others } = readDraft(this.draftKey);
    if (Object.keys(others).length) keep(this.draftKey, others);
    else drop(this.draftKey);
  }

  #problem(sentence) {
    const line = this.form.querySelector("[data-problem]");
    line.textContent = sentence;
    line.hidden = !sentence;
  }

  /** On to the next step, once all that was answered is stored. */
  async goOn() {
    if (this.isGoing || !this.state?.editable || this.state.ended) return;
    this.isGoing = true;
    try {
      for (const key of this.waiting) this.store(this.#element(key));
      await this.sending;
      if (this.waiting.size) return;
      const said = await this.#post("steps", { version: this.state.version, step: this.state.at });
      if (said.errors) return this.#refused(said.errors);
      this.#problem("");
      this.apply(said.script);
      this.focus();
    } finally {
      this.isGoing = false;
    }
  }

  #refused(errors) {
    this.#problem(errors[""] ?? "");
    const wrong = Object.keys(errors).map((key) => key && this.#element(key)).filter(Boolean);
    for (const element of wrong) complain(element, errors[element.question.key]);
    if (wrong.length) place(wrong[0]).focus();
  }

  /** To the first question of the step that is open, else to the button that leaves it. */
  focus() {
    this.isWanted = Boolean(this.form) && !this.state?.editable && this.card.state !== "ringing"; // soon
    if (!this.form || !this.state?.editable) return this.isWanted;
    if (this.state.ended) {
      const form = this.card.form;
      (form?.querySelector("[name=outcome]:checked") ?? form?.elements.namedItem("note"))?.focus();
      return Boolean(form);
    }
    const questions = [...this.form.querySelectorAll("[data-now] [data-field]")];
    const open = questions.find((element) => !read(element)) ?? questions[0];
    (open ? place(open) : this.form.querySelector("[data-next]")).focus();
    return true;
  }
}

/** Lets the scripts below `root` be filled. */
export function startScripts(root) {
  const guideOf = (event) => event.target.closest("[data-form=script]")?.guide;
  root.addEventListener("input", (event) => {
    const element = event.target.closest("[data-field]");
    const isTyped = !["radio", "checkbox"].includes(event.target.type);
    if (element) guideOf(event)?.changed(element, isTyped ? TYPING : 0);
  });
  root.addEventListener("change", (event) => {
    const element = event.target.closest("[data-field]");
    const guided = guideOf(event);
    if (element && guided?.waiting.has(element.question.key)) guided.store(element);
  });
  root.addEventListener("submit", (event) => guideOf(event)?.goOn());
  live.addEventListener("message", ({ detail: { type, data } }) => {
    if (type === "script.changed") lookAgain((card) => card.pop.call === data.call);
  });
  live.addEventListener("state", () => live.state.status === "connected" && lookAgain(() => true));
}

function lookAgain(which) {
  for (const [card, guided] of guides) {
    if (guided.isGone) guides.delete(card);
    else if (which(card)) guided.sending.then(() => guided.load());
  }
}
