// Finds the players of a page, also those that arrive later, and gives them the keys.
import { isTyping } from "./keys.js";
import { Player } from "./player/players.js";
import { toTheWords } from "./player/sentences.js";

const LOOK = 5000; // milliseconds between looks at comments
const players = new WeakMap();

function playerOf(root) {
  if (!players.has(root)) players.set(root, new Player(root));
  return players.get(root);
}

const all = () => document.querySelectorAll("[data-player]");

function startPlayers() {
  for (const root of all()) playerOf(root);
}

/** ?t=83 stands at 1:23, in the recording that is named, else in the first. */
function toTheMoment() {
  const asked = new URLSearchParams(location.search);
  const seconds = Number(asked.get("t"));
  const roots = [...all()];
  const root = roots.find((each) => each.dataset.recording === asked.get("recording")) ?? roots[0];
  if (!root || !asked.has("t") || !(seconds >= 0)) return;
  playerOf(root).moveTo(seconds);
  root.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  k: (player) => player.toggle(),
  j: (player) => player.jump(-10),
  l: (player) => player.jump(10),
  p: (player) => player.step(-1),
  n: (player) => player.step(1),
  "<": (player) => player.faster(-1),
  ">": (player) => player.faster(1),
  x: (player) => player.root.querySelector("[data-skip]").click(),
  t: (player) => toTheWords(player.root),
  m: (player) => player.root.querySelector("[data-comment]")?.focus(),
};

/** The keys reach the player that has the focus, else the first of the page. */
function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const root = event.target.closest?.("[data-player]") ?? document.querySelector("[data-player]");
  if (!root || document.querySelector("dialog[open]") || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key](playerOf(root));
}

function redraw() {
  for (const root of all()) playerOf(root).draw();
}

/** Whether somebody is writing here: what they have begun is not swapped away. */
function isWriting(place) {
  return document.activeElement?.matches("[data-moment]") || place.querySelector("details[open]") !== null || [...place.querySelectorAll("[data-comment]")].some((e) => e.value);
}

/** Asks for what others said meanwhile. */
function lookAtComments() {
  if (document.hidden) return;
  for (const place of document.querySelectorAll("[data-comments]")) if (!isWriting(place)) place.dispatchEvent(new CustomEvent("refresh"));
}

/** An answer that comes after somebody began to write is not shown; a form's own answer is. */
function keepWhatIsBegun(event) {
  if (event.target.matches?.("[data-comments]") && isWriting(event.target)) event.preventDefault();
}

startPlayers();
toTheMoment();
setInterval(lookAtComments, LOOK);
document.addEventListener("keydown", onKey);
document.addEventListener("htmx:before:swap", keepWhatIsBegun);
new MutationObserver(startPlayers).observe(document.body, { childList: true, subtree: true }); // a recording that becomes ready arrives later
new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
