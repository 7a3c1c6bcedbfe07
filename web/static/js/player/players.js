// One player: <div data-player data-plays="where a play is opened" data-waveform="…">.
// Nothing is fetched of the sound before someone asks to hear it.
import { asClock } from "../clocks.js";
import { openPlay } from "./plays.js";
import { markSaid } from "./sentences.js";
import { draw, fetchWaveform, silences } from "./waveforms.js";

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];

export class Player {
  constructor(root) {
    this.root = root;
    this.audio = root.querySelector("audio");
    this.seek = root.querySelector("[data-seek]");
    this.canvas = root.querySelector("canvas");
    this.seconds = Number(this.seek.max);
    this.opening = null;
    this.wanted = null; // where a play shall begin that is not read yet
    this.expires = Infinity;
    this.silences = [];
    this.waveform = null;
    this.listen();
    this.load();
    this.draw();
  }

  listen() {
    const on = (selector, name, act) => this.root.querySelectorAll(selector).forEach((e) => e.addEventListener(name, (event) => act(e, event)));
    on("[data-toggle]", "click", () => this.toggle());
    on("[data-jump]", "click", (e) => this.jump(Number(e.dataset.jump)));
    on("[data-speed]", "change", (e) => this.speed(Number(e.value)));
    on("[data-skip]", "change", () => this.skip());
    on("[data-link]", "click", () => this.link());
    this.seek.addEventListener("input", () => this.moveTo(Number(this.seek.value)));
    for (const name of ["play", "pause", "ended", "seeked", "timeupdate"]) this.audio.addEventListener(name, () => this.draw());
    this.audio.addEventListener("play", () => this.follow());
    this.audio.addEventListener("timeupdate", () => this.skip());
    this.audio.addEventListener("error", () => this.lost());
    this.root.addEventListener("click", (event) => {
      const part = event.target.closest("[data-at]");
      if (part) this.hear(Number(part.dataset.at));
    });
    this.root.addEventListener("focusin", (event) => {
      if (event.target.matches("[data-comment]")) this.meanThisMoment(event.target);
    });
    new MutationObserver(() => this.draw()).observe(this.root, { childList: true, subtree: true }); // comments come and go
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  async load() {
    this.waveform = await fetchWaveform(this.root.dataset.waveform, () => this.root.isConnected).catch(() => null);
    if (this.waveform) this.silences = silences(this.waveform);
    if (this.waveform?.channels.length === 2) this.showLanes();
    this.root.dataset.drawn = this.waveform ? "yes" : "no";
    this.draw();
  }

  showLanes() {
    this.root.querySelector("[data-wave]").dataset.lanes = "2";
    for (const lane of this.root.querySelectorAll(".player-lane")) lane.hidden = false;
  }

  async toggle() {
    if (!this.audio.paused) return this.audio.pause();
    await this.play();
  }

  /** Plays from where the bar stands; opens a play first where none is open. */
  async play() {
    this.complain("");
    if (Date.now() >= this.expires) this.forget();
    try {
      await this.open();
      await this.audio.play();
    } catch (problem) {
      if (problem.name !== "AbortError") this.complain(this.root.dataset.failed);
    }
  }

  /** Opens a play once; later calls share it until it is lost. */
  open() {
    this.opening ??= this.fetchPlay().catch((problem) => {
      this.opening = null;
      throw problem;
    });
    return this.opening;
  }

  async fetchPlay() {
    const opened = await openPlay(this.root.dataset.plays, () => this.say(this.root.dataset.preparing));
    this.say("");
    this.expires = Date.parse(opened.expires_at);
    this.wanted = Number(this.seek.value);
    this.audio.src = opened.url;
    const begin = () => {
      this.audio.currentTime = this.wanted;
      this.wanted = null;
    };
    this.audio.addEventListener("loadedmetadata", begin, { once: true });
  }

  /** The play ran out or the network went away: the next press opens another. */
  lost() {
    if (!this.audio.getAttribute("src")) return;
    const over = Date.now() >= this.expires;
    this.forget();
    this.complain(over ? this.root.dataset.over : this.root.dataset.failed);
  }

  forget() {
    this.opening = null;
    this.expires = Infinity;
    this.wanted = null;
    const place = this.seek.value;
    this.audio.removeAttribute("src");
    this.audio.load();
    this.seek.value = place;
    this.draw(Number(place));
  }

  async hear(seconds) {
    this.moveTo(seconds);
    await this.play();
  }

  jump(seconds) {
    this.moveTo(this.place + seconds);
  }

  /** To the part before (-1) or the next one (1). */
  step(direction) {
    const begins = [...new Set([...this.root.querySelectorAll("button.player-part[data-at]")].map((e) => Number(e.dataset.at)))].sort((a, b) => a - b);
    const place = this.place;
    const to = direction > 0 ? begins.find((at) => at > place + 0.05) : begins.findLast((at) => at < place - 1.5);
    if (to !== undefined || direction < 0) this.moveTo(to ?? 0);
  }

  moveTo(seconds) {
    const place = Math.min(Math.max(0, seconds), this.seconds);
    this.seek.value = place;
    if (this.wanted !== null) this.wanted = place;
    else if (this.audio.readyState > 0) this.audio.currentTime = place;
    this.draw(place);
  }

  speed(rate) {
    this.audio.playbackRate = rate;
    this.audio.defaultPlaybackRate = rate;
  }

  faster(direction) {
    const choice = this.root.querySelector("[data-speed]");
    const next = SPEEDS[SPEEDS.indexOf(Number(choice.value)) + direction];
    if (next === undefined) return;
    choice.value = String(next);
    this.speed(next);
  }

  /** Leaps over a silence that is being played, where that is wanted. */
  skip() {
    if (this.audio.paused || !this.root.querySelector("[data-skip]").checked) return;
    const now = this.audio.currentTime;
    const over = this.silences.find(([from, to]) => from <= now && now < to - 0.3);
    if (over) this.audio.currentTime = over[1];
  }

  /** What is written now is about the place that is heard now. */
  meanThisMoment(text) {
    if (!text.value) text.form.querySelector("[data-moment]").value = asClock(this.place);
  }

  link() {
    const address = new URL(location.href);
    address.searchParams.set("t", String(Math.floor(this.place)));
    if (document.querySelectorAll("[data-player]").length > 1) address.searchParams.set("recording", this.root.dataset.recording);
    history.replaceState(history.state, "", address);
    const told = (text) => this.say(text.replace("{time}", asClock(this.place)));
    const copied = navigator.clipboard?.writeText(address.href) ?? Promise.reject(new Error("no clipboard"));
    copied.then(() => told(this.root.dataset.copied), () => told(this.root.dataset.linked));
  }

  get place() {
    if (this.wanted !== null) return this.wanted;
    return this.audio.readyState > 0 ? this.audio.currentTime : Number(this.seek.value);
  }

  /** Draws with every picture of the screen while it plays. */
  follow() {
    if (this.audio.paused || !this.root.isConnected) return;
    this.draw();
    requestAnimationFrame(() => this.follow());
  }

  draw(place = null) {
    const playing = !this.audio.paused && !this.audio.ended;
    for (const part of this.root.querySelectorAll("[data-when]")) part.hidden = (part.dataset.when === "playing") !== playing;
    const label = playing ? this.root.dataset.pause : this.root.dataset.play;
    const toggle = this.root.querySelector("[data-toggle]");
    if (toggle.title !== label) {
      this.root.querySelector("[data-toggle-label]").textContent = label;
      toggle.title = label;
    }
    const now = place ?? this.place;
    if (place === null) this.seek.value = now;
    const clock = asClock(now);
    const position = this.root.querySelector("[data-position]");
    if (position.textContent !== clock) {
      position.textContent = clock;
      this.seek.setAttribute("aria-valuetext", clock);
    }
    for (const part of this.root.querySelectorAll("button.player-part[data-to]")) part.classList.toggle("player-part--now", Number(part.dataset.at) <= now && now < Number(part.dataset.to));
    markSaid(this.root, this.opening === null ? null : now, playing);
    const marks = [...this.root.querySelectorAll("[data-mark]")].map((e) => Number(e.dataset.mark));
    draw(this.canvas, this.waveform, { place: now, seconds: this.seconds, marks, lanes: "lanes" in this.root.querySelector("[data-wave]").dataset });
  }

  say(text) {
    this.root.querySelector("[data-says]").textContent = text;
  }

  complain(text) {
    const problem = this.root.querySelector("[data-problem]");
    problem.textContent = text;
    problem.hidden = !text;
    if (text) this.say("");
  }
}
