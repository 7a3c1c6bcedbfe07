// What is heard: the other side by the speaker, the ring by the ringer.
import { chosen } from "./devices.js";

const RING = [[480, 0, 0.9], [400, 0, 0.9], [480, 1.1, 0.9], [400, 1.1, 0.9]]; // Hz, begin and length in seconds
const EVERY = 4; // seconds from one ring to the next
const RINGS = 30;
const LOUD = 0.12;

let audio = null;
let ringing = null;
const players = new Map(); // talk → its <audio>

function context() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
  if (audio.sinkId !== chosen().ringer) audio.setSinkId?.(chosen().ringer).catch(() => {});
  return audio;
}

/** Lets the page ring from the person's first key or click on. */
export function startSounds() {
  for (const deed of ["pointerdown", "keydown"]) addEventListener(deed, context, { once: true, capture: true, passive: true });
}

/** Whether a ring would be heard. */
export const canRing = () => audio?.state === "running";

function play(rings) {
  hush();
  const sound = context();
  const out = new GainNode(sound, { gain: LOUD });
  out.connect(sound.destination);
  for (let ring = 0; ring < rings; ring += 1) {
    for (const [frequency, begin, length] of RING) {
      const at = sound.currentTime + 0.02 + ring * EVERY + begin;
      const shape = new GainNode(sound, { gain: 0 });
      shape.gain.setTargetAtTime(1, at, 0.02); // soft edges: a hard one clicks
      shape.gain.setTargetAtTime(0, at + length, 0.04);
      const note = new OscillatorNode(sound, { frequency });
      note.connect(shape).connect(out);
      note.start(at);
      note.stop(at + length + 0.4);
    }
  }
  ringing = out;
}

/** Rings until `hush`, two minutes at most. */
export const ring = () => ringing || play(RINGS);

/** Rings once, so that one hears where. */
export const tryRinger = () => play(1);

/** Silence, at once. */
export function hush() {
  ringing?.disconnect();
  ringing = null;
}

/** Plays what `talk` hears, where the agent chose. */
export function hear(talk) {
  let player = players.get(talk);
  if (!player) {
    player = new Audio();
    player.autoplay = true;
    players.set(talk, player);
  }
  player.srcObject = talk.heard;
  player.setSinkId?.(chosen().speaker).catch(() => {});
  player.play().catch(() => {}); // a microphone that is open lets the page sound; else the next click does
}

/** Plays it no longer. */
export function silence(talk) {
  const player = players.get(talk);
  players.delete(talk);
  if (player) player.srcObject = null;
}

/** Follows a new choice of the speaker. */
export function moveSpeakers() {
  for (const player of players.values()) player.setSinkId?.(chosen().speaker).catch(() => {});
}

/** A short tone on the speaker. */
export async function trySpeaker() {
  const sound = new AudioContext();
  if (chosen().speaker) await sound.setSinkId?.(chosen().speaker).catch(() => {});
  const shape = new GainNode(sound, { gain: 0 });
  shape.gain.setTargetAtTime(LOUD, sound.currentTime, 0.02);
  shape.gain.setTargetAtTime(0, sound.currentTime + 0.6, 0.05);
  const note = new OscillatorNode(sound, { frequency: 523 });
  note.connect(shape).connect(sound.destination);
  note.start();
  note.stop(sound.currentTime + 1);
  note.addEventListener("ended", () => sound.close());
}
