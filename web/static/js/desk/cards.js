// One pop on the page: built once from the blank pieces, then only what changed is drawn again.
import { asClock, tick } from "../clocks.js";
import { fill, showState } from "../states.js";
import { control } from "./controls.js";
import { read, writeInto } from "./drafts.js";
import { about, avatar, candidate, clone, interaction, list, note, outcome, promise, task } from "./rows.js";
import { guide } from "./scripts.js";
import { say } from "./words.js";

const SINCE = { ringing: "waiting_since", dialling: "offered_at", talking: "answered_at", hold: "answered_at", wrap_up: "ended_at" };
const TONES = { lead: "accent", prospect: "accent", customer: "good", loyal: "good", former: "warn" };
const CHOICES = 9; // shown at once: each has a key
const DIALLED = ["talking", "hold", "wrap_up"]; // while it rings, a click is likelier meant to answer
const CONVERSING = ["dialling", "talking", "hold", "wrap_up"];

/** How the card stands, in the words of macros/pops.html. */
export function stateOf(pop, isHeld = false) {
  if (pop.state === "ringing") return pop.outgoing ? "dialling" : "ringing";
  if (pop.state === "answered") return isHeld ? "hold" : "talking";
  return "wrap_up";
}

/** What people call the other side. */
export function nameOf(pop) {
  if (pop.customer) return pop.customer.name;
  if (pop.match?.level === "internal" && pop.name) return pop.name;
  return pop.number.shown || pop.name || say(pop.match?.level === "withheld" ? "withheld" : "nobody_named");
}

export class Card {
  /** `owner` is the user whose drafts are kept, `promiseDue` the date that a promise has unless said otherwise. */
  constructor(pop, owner) {
    this.id = pop.id;
    this.owner = owner;
    this.element = clone("card", pop.id).firstElementChild;
    this.element.dataset.pop = pop.id;
    this.head = this.element.querySelector(".pop-head");
    this.band = this.element.querySelector(".pop-band");
    this.deciding = group(); // who is it: choosing, making, finding
    this.facts = group(); // what we know; a wrap-up needs the room
    this.history = group(); // all of it, where the agent asked
    this.element.querySelector(".pop-body").replaceChildren(this.deciding, this.facts, this.history);
    this.element.card = this;
    this.asking = ""; // "correct" or "find" while the agent says who it is instead
    this.form = null;
    this.showsAll = false; // of many candidates
    this.keys = {};
  }

  get draftKey() {
    return `${this.owner}.${this.pop.call}`;
  }

  /** Draws what changed. */
  draw(pop = this.pop, isHeld = this.isHeld) {
    const before = this.pop;
    if (before && (before.match.level !== pop.match.level || before.customer?.id !== pop.customer?.id)) this.asking = "";
    if (before?.customer?.id !== pop.customer?.id) this.history.replaceChildren();
    this.pop = pop;
    this.isHeld = isHeld;
    this.state = stateOf(pop, isHeld);
    this.sure = pop.is_complete ? pop.match.level : "looking";
    this.element.className = `pop pop--${this.state}${this.isBrief ? " pop--brief" : ""}`;
    this.#drawHead();
    this.#drawDeciding();
    this.#drawFacts();
    this.#drawForm();
    const body = this.element.querySelector(".pop-body");
    this.facts.hidden = this.state === "wrap_up";
    body.hidden = !this.deciding.hasChildNodes() && !this.history.hasChildNodes() && (this.facts.hidden || !this.facts.hasChildNodes());
    this.facts.querySelector("[data-action=history]")?.setAttribute("aria-expanded", String(this.history.hasChildNodes()));
    showState(this.element, this.state);
    showState(this.element, this.sure, "sure");
    control(this);
    guide(this);
    tick(this.element);
  }

  /** The facts stand there again without the history. */
  foldHistory() {
    this.history.replaceChildren();
    this.draw();
  }

  #drawHead() {
    const { pop } = this;
    const name = nameOf(pop);
    const number = pop.number.shown;
    const company = pop.customer?.company;
    const stage = pop.customer?.lifecycle;
    fill(this.band, {
      queue: pop.queue ?? "",
      place: waitOf(pop, this.state),
      dialled: pop.direction === "inbound" && pop.dialled ? say("to", { number: pop.dialled_as?.label ?? pop.dialled }) : "",
      source: pop.dialled_as?.source ?? "",
      since: (this.state === "ringing" && pop.queued_at) || (pop[SINCE[this.state]] ?? pop.offered_at),
    });
    fill(this.head, {
      name,
      number: number === name ? "" : number,
      address: pop.customer?.address_as ?? "",
      lifecycle: stage ? say(`lifecycle_${stage}`) || stage : "",
      why: pop.customer || !pop.name || pop.name === name ? pop.match.why : `${pop.match.why} ${say("calls_themself", { name: pop.name })}`,
      company: company?.name ?? "",
      position: company?.role ? `${company.role},` : "",
      href: pop.links.customer,
    });
    this.head.querySelector("[data-lifecycle]").className = `badge badge--${TONES[stage] ?? "quiet"}`;
    const link = this.head.querySelector("[data-call-number]");
    const isFree = pop.number.e164 && DIALLED.includes(this.state) && document.getElementById("dial-words");
    if (isFree) Object.assign(link, { href: `tel:${pop.number.e164}`, title: say("call_number", { number }) }).dataset.dial = pop.number.e164;
    else for (const each of ["href", "title", "data-dial"]) link.removeAttribute(each);
    if (!pop.links.customer) for (const link of this.head.querySelectorAll("[data-slot-href]")) link.removeAttribute("href");
    const kind = pop.customer?.kind ?? (pop.match.level === "internal" ? "person" : "unknown");
    this.head.querySelector(".avatar").replaceWith(avatar(name, kind, { state: this.state, large: true }));
  }

  #changed(part, value) {
    const key = JSON.stringify(value);
    if (this.keys[part] === key) return false;
    this.keys[part] = key;
    return true;
  }

  #drawDeciding() {
    const { pop } = this;
    const asks = { known: this.asking && "correct", likely: this.asking || "candidates", unknown: "find", withheld: "find" }[this.sure] ?? "";
    if (!this.#changed("deciding", [asks, asks === "candidates" && [pop.candidates, this.showsAll]])) return;
    const parts = [];
    if (asks === "candidates") {
      const part = clone("candidates", pop.id);
      const shown = this.showsAll ? pop.candidates : pop.candidates.slice(0, CHOICES);
      list(part, "candidates", shown.map((item, index) => candidate(item, index + 1)));
      const more = pop.candidates.length - shown.length;
      fill(part, { more: say("more_candidates", { count: more }) });
      part.querySelector("[data-more]").hidden = more === 0;
      part.querySelector("[data-shared]").hidden = pop.candidates.length < 2;
      parts.push(part);
    } else if (asks === "find") parts.push(clone("make-customer", pop.id), clone("find-customer", pop.id));
    else if (asks === "correct") parts.push(clone("correct", pop.id));
    this.deciding.replaceChildren(...parts);
    const making = this.deciding.querySelector("[data-form=customer]");
    if (making) writeInto(making, { name: suggested(pop), ...read(`${this.draftKey}.customer`) });
  }

  #drawFacts() {
    const { pop } = this;
    const others = pop.customer ? pop.candidates.filter((item) => item.id !== pop.customer.id) : [];
    if (!this.#changed("facts", [this.sure, pop.interactions, pop.notes, pop.promises, pop.tasks, others, pop.customer])) return;
    const known = this.sure === "known";
    if (this.sure === "looking" || (!known && pop.interactions.length === 0)) return this.facts.replaceChildren();
    const part = clone(known ? "known" : "earlier", pop.id);
    part.querySelector("[data-when-known]").hidden = !known;
    list(part, "interactions", pop.interactions.map(interaction));
    if (known) {
      const told = pop.customer?.about ? [about(pop.customer.about)] : [];
      list(part, "promises", pop.promises.map(promise));
      list(part, "notes", [...told, ...pop.notes.map(note)]);
      list(part, "tasks", (pop.tasks ?? []).map((item) => task(item)));
      part.querySelector("[data-part-tasks]").hidden = !pop.tasks?.length;
      if (others.length) part.append(peers(pop, others));
    }
    this.facts.replaceChildren(part);
  }

  #drawForm() {
    const { pop } = this;
    if (!this.form && CONVERSING.includes(this.state) && this.sure !== "internal") {
      this.form = clone("wrap-up", pop.id).firstElementChild;
      this.element.append(this.form);
      this.#drawOutcomes();
      this.restore();
    } else if (this.form) this.#drawOutcomes();
  }

  #drawOutcomes() {
    const { outcomes } = this.pop;
    if (outcomes.length === 0 || !this.#changed("outcomes", outcomes)) return;
    const chosen = this.form.elements.namedItem("outcome")?.value;
    this.form.querySelector(".choices-options").replaceChildren(...outcomes.map(outcome));
    if (chosen) writeInto(this.form, { outcome: chosen });
  }

  /** Writes what is stored and, over it, what was typed and is not. */
  restore() {
    const draft = read(this.draftKey);
    const stored = this.pop.wrap_up ?? {};
    writeInto(this.form, { note: stored.note ?? "", ...(stored.outcome && { outcome: stored.outcome }), ...draft });
    fill(this.form, { draft: Object.keys(draft).length ? say("kept_here") : "" });
  }
}

/** Who else may be calling from this number, folded away: one press corrects the match. */
function peers(pop, others) {
  const part = clone("others", pop.id);
  const word = pop.customer.kind === "company" ? "others_company" : "others_number";
  fill(part, { others: say(word, { count: others.length }) });
  list(part, "others", others.map((item) => candidate(item)));
  return part;
}

/** The place in the queue while it rings, then how long the caller waited in it. */
function waitOf(pop, state) {
  if (state === "ringing") return pop.place ? say("place", pop.place) : "";
  if (!pop.queued_at || !pop.answered_at) return "";
  return say("waited", { time: asClock((new Date(pop.answered_at) - new Date(pop.queued_at)) / 1000) });
}

/** What the PBX says the caller's name is, where it looks like one. */
function suggested(pop) {
  return pop.name && /\p{L}/u.test(pop.name) && pop.name !== pop.number.written ? pop.name : "";
}

function group() {
  const part = document.createElement("div");
  part.className = "pop-group";
  return part;
}
