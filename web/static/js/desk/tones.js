// The ring of a hidden tab: two short notes, made here, so that nothing is loaded for it.
const NOTES = [[880, 0, 0.16], [660, 0.2, 0.3]]; // Hz, begin and length in seconds
const EVERY = 3; // seconds from one ring to the next
const RINGS = 20; // ahead: a hidden tab's timers come late, the sound's own clock does not
const LOUD = 0.25;

let audio = null; // made when the person does something on the page: before that browsers stay silent
let ringing = null;

function wake() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
}

/** Lets the page make sounds from the person's first key or click on, where `isWanted()`. */
export function startTones(isWanted) {
  for (const deed of ["pointerdown", "keydown"]) addEventListener(deed, () => isWanted() && wake(), { capture: true, passive: true });
}

/** Whether a sound would be heard. */
export const canSound = () => audio?.state === "running";

function play(rings) {
  hush();
  if (!audio) return; // nothing was clicked on this page: the browser would not let it
  const out = new GainNode(audio, { gain: LOUD });
  out.connect(audio.destination);
  for (let ring = 0; ring < rings; ring += 1) {
    for (const [frequency, begin, length] of NOTES) {
      const at = audio.currentTime + 0.02 + ring * EVERY + begin;
      const shape = new GainNode(audio, { gain: 0 });
      shape.gain.setTargetAtTime(1, at, 0.01); // soft edges: a hard one clicks
      shape.gain.setTargetAtTime(0, at + length, 0.05);
      const note = new OscillatorNode(audio, { type: "triangle", frequency });
      note.connect(shape).connect(out);
      note.start(at);
      note.stop(at + length + 0.4);
    }
  }
  ringing = out;
}

/** Rings until `hush`, a minute at most. */
export const ring = () => play(RINGS);

/** Rings once. */
export function chime() {
  wake();
  play(1);
}

/** Silence, at once. */
export function hush() {
  ringing?.disconnect();
  ringing = null;
}
