// Whether a card's call is recorded: paused for card data, and STILL RECORDING where the PBX did not confirm it.
import { tick } from "../clocks.js";
import { toast } from "../dialogs.js";
import { fill, showState } from "../states.js";
import { refusalOf } from "./consent.js";
import { post } from "./requests.js";
import { clone } from "./rows.js";
import { say } from "./words.js";

const TOGETHER = ["talking", "hold"];
const REFUSED = 422;
const LATE = 900; // milliseconds: within a second the agent knows, also where no server answers

/** How the recording of a card stands: "" (none), on, asking, still, paused, held or ending. */
export function standingOf(card) {
  const told = card.pop.recording;
  if (!told || refusalOf(card) || !TOGETHER.includes(card.state) || !document.getElementById("pop-recording")) return "";
  const asking = told.asking;
  if (told.state === "paused") return told.held ? "held" : asking ? "ending" : "paused";
  if (card.recording?.isLate || (asking?.what === "pause" && asking.confirmed === false)) return "still";
  return card.recording || asking?.what === "pause" ? "asking" : told.state === "on" ? "on" : "";
}

/** Draws the button and the strip; called after each time the card is drawn. */
export function drawRecording(card) {
  if (card.pop.recording?.state === "paused" || !TOGETHER.includes(card.state)) forget(card);
  const standing = standingOf(card);
  const button = card.controls.querySelector("[data-control=recording]");
  if (button) {
    button.hidden = !["on", "paused"].includes(standing);
    fill(button, { recording: say(standing === "paused" ? "recording_resume" : "recording_pause") });
  }
  if (["", "on"].includes(standing)) {
    card.recordingStrip?.remove();
    card.recordingStrip = null;
    return;
  }
  card.recordingStrip ??= build(card);
  const strip = card.recordingStrip;
  const told = card.pop.recording;
  if (strip.dataset.state !== standing) {
    strip.dataset.state = standing;
    showState(strip, standing, "recording");
  }
  const who = told.cause && told.cause !== "hand" ? say(`recording_by_${told.cause}`) : told.by ? say("recording_by", { name: told.by }) : "";
  write(strip, "said", say(`recording_${standing}`));
  write(strip, "alarm", standing === "still" ? say("recording_still") : "");
  write(strip, "why", standing === "still" ? `${card.recording?.why || told.asking?.why || say("recording_unsure")} ${say("recording_no_card")}` : standing === "paused" || standing === "held" ? who : "");
  const end = strip.querySelector("[data-end]");
  const ends = standing === "paused" && told.until;
  write(strip, "until", ends ? say("recording_until") : "");
  if (ends) end.dataset.until = told.until;
  else delete end.dataset.until;
  end.hidden = !ends;
  const since = strip.querySelector("[data-slot-since]");
  since.hidden = !told.since;
  if (told.since) since.dataset.since = told.since;
  tick(strip);
}

/** Writes only what is news, so that nothing is read out twice. */
function write(strip, name, text) {
  const slot = strip.querySelector(`[data-slot=${name}]`);
  if (slot.textContent !== text) slot.textContent = text;
}

function build(card) {
  const strip = clone("recording", card.id).firstElementChild;
  card.controls.before(strip);
  return strip;
}

function forget(card) {
  clearTimeout(card.recording?.timer);
  card.recording = null;
}

/** Pauses the recording, or lets it go on, whichever is not so. */
export function switchRecording(card) {
  const standing = standingOf(card);
  if (standing === "on" || standing === "still") return pause(card);
  return standing === "paused" ? goOn(card) : null;
}

async function pause(card) {
  forget(card);
  const mine = { isLate: false, why: "" };
  card.recording = mine;
  const late = (why = "") => {
    if (card.recording !== mine) return;
    Object.assign(mine, { isLate: true, why });
    drawRecording(card);
  };
  mine.timer = setTimeout(late, LATE);
  drawRecording(card);
  const answer = await post(`/desk/calls/${card.pop.call}/recording-pauses`);
  if (card.recording !== mine) return;
  if (answer.done) {
    forget(card);
    drawRecording(card);
  } else late(answer.status === REFUSED ? Object.values(answer.errors).join(" ") : "");
}

/** Records again; in the alarm: takes the wish back. */
export async function goOn(card) {
  forget(card);
  const answer = await post(`/desk/calls/${card.pop.call}/recording-ends`);
  const text = Object.values(answer.errors ?? {}).join(" ");
  if (text) toast(text, "bad");
  else if (answer.done) toast(answer.done, "good");
  drawRecording(card);
}
