// Rating a call: each mark, word and moment is sent as it is made; the whole of it works by keyboard.
import { isTyping } from "./keys.js";
import { asClock } from "./clocks.js";

const WAIT = 700; // milliseconds after a key until words are sent
const AGAIN = 3000; // until what was not stored is sent again

const token = () => document.querySelector('meta[name="csrf-token"]').content;
const player = () => document.querySelector("[data-player]");

/** Where the recording stands, in seconds; null without one. */
function position() {
  const seek = player()?.querySelector("[data-seek]");
  const audio = player()?.querySelector("audio");
  if (audio && audio.readyState > 0) return audio.currentTime;
  return seek ? Number(seek.value) : null;
}

class Form {
  constructor(form) {
    this.form = form;
    this.waiting = new Map(); // item: the timer that sends it
    this.sending = Promise.resolve();
    form.addEventListener("change", (event) => this.changed(event, 0));
    form.addEventListener("input", (event) => event.target.matches("textarea") && this.changed(event, WAIT));
    document.addEventListener("keydown", (event) => this.onKey(event), true); // before the player's keys
    form.addEventListener("submit", (event) => this.onSubmit(event));
    form.addEventListener("click", (event) => this.onClick(event));
    form.dataset.ready = "";
  }

  items() {
    return [...this.form.querySelectorAll("[data-item]")];
  }

  /** The first item without a mark, else the first. */
  unrated() {
    const items = this.items();
    return items.find((item) => item.querySelector("input[type=radio]") && !item.querySelector("input:checked")) ?? items[0];
  }

  field(item, name) {
    return this.form.elements.namedItem(`${item}.${name}`);
  }

  changed(event, wait) {
    const item = event.target.closest("[data-item]")?.dataset.item;
    if (item) this.later(item, wait);
  }

  later(item, wait) {
    clearTimeout(this.waiting.get(item));
    this.waiting.set(item, setTimeout(() => this.send(item), wait));
    this.say(this.form.dataset.saving);
  }

  /** Sends one item after whatever is on its way; gives whether it is stored. */
  send(item) {
    clearTimeout(this.waiting.get(item));
    this.waiting.delete(item);
    this.sending = this.sending.then(() => this.post(item));
    return this.sending;
  }

  async post(item) {
    const fields = new URLSearchParams();
    const more = Number(this.field(item, "more")?.value ?? 0);
    const further = Array.from({ length: more }, (_, n) => [`${n + 1}.note`, `${n + 1}.at`]).flat();
    for (const name of ["mark", "note", "at", "seen", "more", ...further]) {
      const field = this.field(item, name);
      if (field && field.value !== undefined) fields.set(`${item}.${name}`, field.value);
    }
    let response;
    try {
      response = await fetch(this.form.action, {
        method: "POST",
        headers: { Accept: "application/json", "X-CSRF-Token": token() },
        body: fields,
        redirect: "error",
      });
    } catch {
      this.say(this.form.dataset.lost);
      if (!this.waiting.has(item)) this.waiting.set(item, setTimeout(() => this.send(item), AGAIN));
      return;
    }
    const told = await response.json().catch(() => null);
    if (told?.versions) this.draw(item, told);
    if (!response.ok && response.status !== 409) this.say(told?.errors?.[item] ?? this.form.dataset.refused);
  }

  draw(item, told) {
    const theirs = told.theirs?.[item];
    this.field(item, "seen").value = theirs ? theirs.version : (told.versions[item] ?? 0);
    const note = this.form.querySelector(`[data-item="${item}"] [data-theirs]`);
    note.hidden = !theirs;
    if (theirs) {
      const mark = this.form.dataset[theirs.mark] ?? (theirs.mark || "–");
      const said = theirs.note ? `${mark} · ${theirs.note}` : mark;
      note.textContent = this.form.dataset.theirs.replace("{name}", theirs.by).replace("{mark}", said);
    }
    document.querySelector("[data-now-score]").textContent = told.score;
    document.querySelector("[data-now-failed]").hidden = !told.failed.length;
    document.querySelector("[data-now-left]").textContent = told.missing ? this.form.dataset.left.replace("{count}", told.missing) : "";
    for (const place of this.form.querySelectorAll("[data-section]")) place.textContent = told.sections[place.dataset.section] ?? "–";
    if (!theirs) this.say(this.form.dataset.saved);
  }

  say(text) {
    this.form.querySelector("[data-status]").textContent = text;
  }

  /** What is still on its way is sent before the page goes; Ctrl+Enter is the first button. */
  async onSubmit(event) {
    const button = event.submitter ?? this.form.querySelector(".form-actions button");
    if (event.submitter && (this.leaving || !this.waiting.size)) return;
    event.preventDefault();
    await Promise.all([...this.waiting.keys()].map((item) => this.send(item)));
    this.leaving = true;
    this.form.requestSubmit(button);
  }

  onClick(event) {
    const item = event.target.closest("[data-item]")?.dataset.item;
    if (!item) return;
    const row = event.target.closest(".review-remark");
    if (event.target.closest("[data-here]")) this.note(item, position(), row);
    else if (event.target.closest("[data-forget]")) this.note(item, null, row);
    else if (event.target.closest("[data-another]")) this.another(item);
  }

  /** Gives the item one more comment, at the moment that is heard now. */
  another(item) {
    const rows = [...this.form.querySelectorAll(`[data-item="${item}"] .review-remark`)];
    const row = rows[0].cloneNode(true);
    row.querySelector('[name$=".seen"]').remove();
    const name = `${item}.${rows.length}`;
    const text = row.querySelector("textarea");
    [text.name, text.id, text.rows, text.value] = [`${name}.note`, `${name.replace(".", "-")}-note`, 1, ""];
    row.querySelector("label").htmlFor = text.id;
    row.querySelector('[name$=".at"]').name = `${name}.at`;
    rows.at(-1).after(row);
    this.field(item, "more").value = String(rows.length);
    this.note(item, position(), row);
    text.focus();
  }

  /** Keeps a moment of the recording with a comment of an item, the first unless told, or takes it away. */
  note(item, seconds, row = this.form.querySelector(`[data-item="${item}"] .review-remark`)) {
    const at = seconds === null ? "" : seconds.toFixed(1);
    row.querySelector('[name$=".at"]').value = at;
    const place = row.querySelector("[data-at]");
    place.hidden = seconds === null;
    const link = place.querySelector("[data-review-moment]");
    if (seconds !== null) {
      link.dataset.reviewMoment = at;
      link.lastChild.textContent = asClock(seconds);
    }
    this.later(item, 0);
  }

  onKey(event) {
    if (event.key === "Escape" && event.target.matches("textarea") && this.form.contains(event.target)) return this.leave(event.target.closest("[data-item]"));
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.target.closest("[data-player]") || document.querySelector("dialog[open]") || (event.target.matches("input, select, button") && !this.form.contains(event.target))) return;
    const here = event.target.closest("[data-item]") ?? this.unrated();
    const act = { s: () => this.move(here, 1), w: () => this.move(here, -1), c: () => here.querySelector("textarea").focus(), m: () => this.note(here.dataset.item, position()) }[event.key];
    const value = { y: "yes", n: "no", x: "na" }[event.key] ?? (/^\d$/.test(event.key) ? event.key : "");
    if (!act && !(value && this.mark(here, value))) return;
    event.preventDefault();
    act?.();
  }

  /** Gives the item this mark, where it has such a one, and goes on to the next. */
  mark(here, value) {
    const choice = [...here.querySelectorAll("input[type=radio]")].find((one) => one.value === value);
    if (!choice) return false;
    choice.checked = true;
    this.later(here.dataset.item, 0);
    this.move(here, 1);
    return true;
  }

  /** From a comment back to the marks beside it; from that of the whole call to the last item. */
  leave(here) {
    const rated = this.items().filter((item) => item.querySelector("input[type=radio]"));
    const item = rated.includes(here) ? here : rated.at(-1);
    (item.querySelector("input:checked") ?? item.querySelector("input[type=radio]")).focus();
  }

  move(here, by) {
    const items = this.items();
    const next = items[items.indexOf(here) + by];
    if (!next) return;
    const place = next.querySelector("input:checked") ?? next.querySelector("input[type=radio], textarea");
    place.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

/** A moment is heard on this page where its player is; elsewhere its link leads to the call. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-review-moment]");
  const seek = player()?.querySelector("[data-seek]");
  if (!link || !seek || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  seek.value = link.dataset.reviewMoment;
  seek.dispatchEvent(new Event("input", { bubbles: true }));
  player().scrollIntoView({ block: "nearest" });
});

for (const form of document.querySelectorAll("form[data-review]")) new Form(form);
