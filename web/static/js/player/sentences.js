// What was said, beside the player: the sentence that is heard is marked, words are found, arrows walk.

const lists = new WeakMap();

/** Marks what is heard at `seconds`; `null` where nothing is open to hear. */
export function markSaid(root, seconds, isPlaying) {
  const list = root.querySelector("[data-sentences]");
  if (!list) return;
  if (!lists.has(list)) lists.set(list, new Sentences(list));
  lists.get(list).mark(seconds, isPlaying);
}

/** To the sentence that is heard, else the first; where the words are not shown yet they are asked for. */
export function toTheWords(root) {
  const list = root.querySelector("[data-sentences]");
  if (list) lists.get(list)?.enter();
  else root.querySelector("[data-read]")?.requestSubmit();
}

/** Letters alone, without case and accents, as the server compares them. */
function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ß", "ss").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

class Sentences {
  constructor(list) {
    this.list = list;
    this.buttons = [...list.querySelectorAll("button")];
    this.times = this.buttons.map((button) => [Number(button.dataset.at), Number(button.dataset.to)]);
    this.now = [];
    this.hits = [];
    this.hit = -1;
    this.field = list.parentElement.querySelector("[data-find]");
    this.found = list.parentElement.querySelector("[data-found]");
    if (this.buttons[0]) this.buttons[0].tabIndex = 0;
    list.addEventListener("keydown", (event) => this.walk(event));
    list.addEventListener("focusin", (event) => this.stand(event.target.closest("button")));
    this.field.addEventListener("input", () => this.find());
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    if (document.activeElement === document.body) this.enter(); // the button that asked for it is gone
  }

  mark(seconds, isPlaying) {
    const now = seconds === null ? [] : this.buttons.filter((_, n) => this.times[n][0] <= seconds && seconds < this.times[n][1]);
    if (now.length === this.now.length && now.every((button, n) => button === this.now[n])) return;
    for (const button of this.now) button.removeAttribute("aria-current");
    for (const button of now) button.setAttribute("aria-current", "true");
    this.now = now;
    if (now[0] && isPlaying && !this.list.contains(document.activeElement)) this.show(now[0]);
  }

  /** Scrolls the list, and the page not at all. */
  show(element) {
    const [box, line] = [this.list.getBoundingClientRect(), element.getBoundingClientRect()];
    if (line.top < box.top) this.list.scrollTop -= box.top - line.top;
    else if (line.bottom > box.bottom) this.list.scrollTop += line.bottom - box.bottom;
  }

  enter() {
    (this.now[0] ?? this.buttons[0])?.focus();
  }

  /** One sentence is reached by Tab: where one stood last. */
  stand(button) {
    if (!button) return;
    for (const other of this.buttons) other.tabIndex = other === button ? 0 : -1;
  }

  walk(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.buttons.indexOf(event.target.closest("button"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    if (to < 0) this.field.focus();
    else this.buttons[to]?.focus();
  }

  onKey(event) {
    if (event.key === "Enter") this.go(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && this.field.value) {
      this.field.value = "";
      this.find();
    } else if (event.key === "ArrowDown") (this.hits[this.hit]?.closest("button") ?? this.now[0] ?? this.buttons[0])?.focus();
    else return;
    event.preventDefault();
  }

  /** Marks each word that begins as one of those that are looked for. */
  find() {
    const wanted = fold(this.field.value).split(" ").filter(Boolean);
    for (const mark of this.list.querySelectorAll("mark")) mark.replaceWith(mark.textContent);
    this.list.normalize();
    this.hits = wanted.length ? this.buttons.flatMap((button) => markWords(button.lastElementChild, wanted)) : [];
    this.hit = -1;
    this.found.textContent = wanted.length && !this.hits.length ? this.found.dataset.none : "";
    if (this.hits.length) this.go(1);
  }

  go(by) {
    if (!this.hits.length) return;
    this.hits[this.hit]?.classList.remove("said-hit");
    this.hit = (this.hit + by + this.hits.length) % this.hits.length;
    this.hits[this.hit].classList.add("said-hit");
    this.show(this.hits[this.hit].closest("button"));
    this.found.textContent = this.found.dataset.some.replace("{n}", String(this.hit + 1)).replace("{all}", String(this.hits.length));
  }
}

/** Puts <mark> around the words of a text that begin so; gives the marks. */
function markWords(place, wanted) {
  const marks = [];
  for (const node of [...place.childNodes]) {
    if (node.nodeType !== Node.TEXT_NODE) continue;
    const pieces = node.data.split(/(\s+)/).map((piece) => {
      const parts = fold(piece).split(" ");
      if (!wanted.some((word) => parts.some((part) => part.startsWith(word)))) return piece;
      const mark = document.createElement("mark");
      mark.textContent = piece;
      marks.push(mark);
      return mark;
    });
    if (pieces.some((piece) => typeof piece !== "string")) node.replaceWith(...pieces);
  }
  return marks;
}
