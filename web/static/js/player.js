// Plays the recordings of a call's page: <div data-player data-plays="where a play is opened">.
// Nothing is fetched before someone asks to hear it; each opened play is one line in the audit.
import { asClock } from "./clocks.js";
import { isTyping } from "./keys.js";

const PREPARING = 202; // nothing was opened yet
const token = () => document.querySelector('meta[name="csrf-token"]').content;

class Player {
  constructor(root) {
    this.root = root;
    this.audio = root.querySelector("audio");
    this.seek = root.querySelector("[data-seek]");
    this.opening = null;
    root.querySelector("[data-toggle]").addEventListener("click", () => this.toggle());
    for (const button of root.querySelectorAll("[data-jump]")) button.addEventListener("click", () => this.jump(Number(button.dataset.jump)));
    this.seek.addEventListener("input", () => this.moveTo(Number(this.seek.value)));
    root.querySelector("[data-speed]").addEventListener("change", (event) => this.speed(Number(event.target.value)));
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.draw());
    this.audio.addEventListener("timeupdate", () => this.draw());
    this.audio.addEventListener("error", () => this.lost());
  }

  async toggle() {
    if (!this.audio.paused) return this.audio.pause();
    await this.play();
  }

  /** Plays from where the bar stands; opens a play first where none is open. */
  async play() {
    this.say("");
    try {
      await this.open();
      await this.audio.play();
    } catch (problem) {
      if (problem.name !== "AbortError") this.say(this.root.dataset.failed);
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
    const asking = { method: "POST", headers: { "X-CSRF-Token": token(), Accept: "application/json" } };
    let response = await fetch(this.root.dataset.plays, asking);
    while (response.status === PREPARING) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      response = await fetch(this.root.dataset.plays, asking);
    }
    if (!response.ok) throw new Error(`${response.status}`);
    const { url } = await response.json();
    const start = Number(this.seek.value);
    this.audio.src = url;
    if (start > 0) this.audio.addEventListener("loadedmetadata", () => (this.audio.currentTime = start), { once: true });
  }

  /** The play ran out or the network went away: the next press opens another. */
  lost() {
    if (!this.audio.getAttribute("src")) return;
    this.opening = null;
    this.audio.removeAttribute("src");
    this.say(this.root.dataset.failed);
    this.draw();
  }

  jump(seconds) {
    this.moveTo(Number(this.seek.value) + seconds);
  }

  moveTo(seconds) {
    const place = Math.min(Math.max(0, seconds), Number(this.seek.max));
    this.seek.value = place;
    if (this.audio.readyState > 0) this.audio.currentTime = place;
    this.draw(place);
  }

  speed(rate) {
    this.audio.playbackRate = rate;
    this.audio.defaultPlaybackRate = rate;
  }

  draw(place = null) {
    const playing = !this.audio.paused && !this.audio.ended;
    for (const part of this.root.querySelectorAll("[data-when]")) part.hidden = (part.dataset.when === "playing") !== playing;
    const label = playing ? this.root.dataset.pause : this.root.dataset.play;
    this.root.querySelector("[data-toggle-label]").textContent = label;
    this.root.querySelector("[data-toggle]").title = label;
    const now = place ?? (this.audio.readyState > 0 ? this.audio.currentTime : Number(this.seek.value));
    if (place === null) this.seek.value = now;
    this.root.querySelector("[data-position]").textContent = asClock(now);
    this.seek.setAttribute("aria-valuetext", asClock(now));
  }

  say(text) {
    const problem = this.root.querySelector("[data-problem]");
    problem.textContent = text;
    problem.hidden = !text;
  }
}

const players = new WeakMap();

function playerOf(root) {
  if (!players.has(root)) players.set(root, new Player(root));
  return players.get(root);
}

function startPlayers() {
  for (const root of document.querySelectorAll("[data-player]")) playerOf(root);
}

/** k, j and l reach the player that has the focus, else the first of the page. */
function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const root = event.target.closest?.("[data-player]") ?? document.querySelector("[data-player]");
  if (!root || document.querySelector("dialog[open]")) return;
  const act = { k: (player) => player.toggle(), j: (player) => player.jump(-10), l: (player) => player.jump(10) }[event.key];
  if (!act) return;
  event.preventDefault();
  act(playerOf(root));
}

startPlayers();
document.addEventListener("keydown", onKey);
new MutationObserver(startPlayers).observe(document.body, { childList: true, subtree: true }); // a recording that becomes ready arrives later
