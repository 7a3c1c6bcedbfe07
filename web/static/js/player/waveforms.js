// The waveform of a recording, as recordings/waveforms.py writes it, drawn on a canvas.
// Colours come from the canvas's own style, so that they follow the theme.

const HEAD = 16;
const MAGIC = "RBWF";
const RETRY = 1000; // milliseconds until it may be made
const TRIES = 120;
const QUIET = 26; // of 255: about -40 dB; nobody speaks so low
const PAUSE = 1.2; // seconds that nobody speaks before they are skipped
const KEPT = 0.25; // of them at either end, so that no word is cut

/** Reads the file: {perSecond, channels: [Uint8Array], overview: [Uint8Array]}, null where it is none. */
export function read(buffer) {
  if (buffer.byteLength < HEAD) return null;
  const head = new DataView(buffer);
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  if (magic !== MAGIC || head.getUint8(4) !== 1) return null;
  const [count, perSecond, points, bins] = [head.getUint8(5), head.getUint16(6, true), head.getUint32(8, true), head.getUint16(12, true)];
  if (buffer.byteLength !== HEAD + count * (bins + points)) return null;
  const rows = (begin, length) => Array.from({ length: count }, (_, n) => new Uint8Array(buffer, begin + n * length, length));
  return { perSecond, overview: rows(HEAD, bins), channels: rows(HEAD + count * bins, points) };
}

/** Fetches a waveform; one that is being made is asked for again. Gives null where there is none. */
export async function fetchWaveform(address, isWanted) {
  for (let n = 0; n < TRIES && isWanted(); n += 1) {
    const response = await fetch(address, { headers: { Accept: "application/octet-stream" } });
    if (response.status === 200) return read(await response.arrayBuffer());
    if (response.status !== 202) return null;
    await new Promise((resolve) => setTimeout(resolve, RETRY));
  }
  return null;
}

/** Where nobody speaks: [[from, to]] in seconds. */
export function silences(waveform) {
  const found = [];
  const length = waveform.channels[0]?.length ?? 0;
  let begun = null;
  for (let n = 0; n <= length; n += 1) {
    const quiet = n < length && waveform.channels.every((channel) => channel[n] < QUIET);
    if (quiet) begun ??= n;
    else if (begun !== null) {
      if ((n - begun) / waveform.perSecond >= PAUSE) found.push([begun / waveform.perSecond + KEPT, n / waveform.perSecond - KEPT]);
      begun = null;
    }
  }
  return found;
}

/** Draws: one lane for each channel, what was played in the accent, marks as lines with a dot. */
export function draw(canvas, waveform, { place, seconds, marks, lanes }) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !height) return;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const style = getComputedStyle(canvas);
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const played = seconds > 0 ? (place / seconds) * width : 0;
  const rows = waveform?.channels.length ? waveform : null;
  const channels = rows ? pick(rows, width) : [[]];
  const tall = height / Math.max(1, lanes ? channels.length : Math.min(1, channels.length));
  const shown = lanes || channels.length < 2 ? channels : [channels[0].map((loud, n) => Math.max(loud, channels[1][n] ?? 0))];
  shown.forEach((levels, n) => drawLane(pen, levels, { top: n * tall, tall, width, played, style, length: shown[0].length }));
  for (const mark of marks) drawMark(pen, (mark / seconds) * width, height, style.outlineColor);
  pen.fillStyle = style.borderTopColor;
  pen.fillRect(Math.min(width - 2, Math.max(0, played - 1)), 0, 2, height);
}

/** The overview where it is fine enough for the width, else all points. */
function pick(waveform, width) {
  const fine = (waveform.overview[0]?.length ?? 0) >= width / 3;
  return (fine ? waveform.overview : waveform.channels).map((levels) => Array.from(levels));
}

const STEP = 3; // pixels from bar to bar

function drawLane(pen, levels, { top, tall, width, played, style, length }) {
  const middle = top + tall / 2;
  const bars = Math.floor(width / STEP);
  for (let bar = 0; bar < bars; bar += 1) {
    const [from, to] = [Math.floor((bar / bars) * length), Math.max(Math.floor((bar / bars) * length) + 1, Math.floor(((bar + 1) / bars) * length))];
    let loud = 0;
    for (let n = from; n < to && n < length; n += 1) loud = Math.max(loud, levels[n]);
    const half = Math.max(0.75, (loud / 255) * (tall / 2 - 3));
    pen.fillStyle = bar * STEP < played ? style.borderTopColor : style.color;
    pen.fillRect(bar * STEP, middle - half, STEP - 1, half * 2);
  }
}

function drawMark(pen, x, height, colour) {
  pen.fillStyle = colour;
  pen.fillRect(x - 0.75, 0, 1.5, height);
  pen.beginPath();
  pen.arc(x, 5, 4, 0, Math.PI * 2);
  pen.fill();
}
