// Which microphone, speaker and ringer the agent chose on this computer, and whether they can be had.
const CHOICES = "ringbook.softphone.devices";
const KINDS = { microphone: "audioinput", speaker: "audiooutput", ringer: "audiooutput" };
const LEVELS = 50; // ms between two looks at a level

/** {microphone, speaker, ringer}: ids of devices, empty for the computer's own choice. */
export function chosen() {
  try { return { microphone: "", speaker: "", ringer: "", ...JSON.parse(localStorage.getItem(CHOICES)) }; } catch { return { microphone: "", speaker: "", ringer: "" }; }
}

export function choose(what, id) {
  try { localStorage.setItem(CHOICES, JSON.stringify({ ...chosen(), [what]: id })); } catch { /* holds for nothing, and shows so */ }
}

/** What can be chosen, by purpose: [{id, label}]; without labels until the microphone was allowed once. */
export async function devices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const of = (kind) => all.filter((one) => one.kind === kind && one.deviceId && one.deviceId !== "default").map((one) => ({ id: one.deviceId, label: one.label }));
  return Object.fromEntries(Object.entries(KINDS).map(([what, kind]) => [what, of(kind)]));
}

/** Whether the browser gives the microphone: "granted", "prompt" or "denied". */
export async function leave() {
  try { return (await navigator.permissions.query({ name: "microphone" })).state; } catch { return "prompt"; }
}

/** The sound of the microphone; raises an Error whose `word` says why it cannot be had. */
export async function listen() {
  const id = chosen().microphone;
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    if (!navigator.mediaDevices) throw Object.assign(new Error(), { name: "SecurityError" });
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: id ? { ...audio, deviceId: { exact: id } } : audio });
    } catch (error) {
      if (!id || !["OverconstrainedError", "NotFoundError"].includes(error.name)) throw error;
      return await navigator.mediaDevices.getUserMedia({ audio }); // the chosen one is not plugged in today
    }
  } catch (error) {
    throw Object.assign(new Error(error.message), { word: WORDS[error.name] ?? "microphone_broken" });
  }
}

const WORDS = {
  NotAllowedError: "microphone_refused",
  SecurityError: "microphone_unsafe",
  NotFoundError: "microphone_missing",
  NotReadableError: "microphone_busy",
};

/** Shows the level of the microphone (0 to 1) to `show` until `signal` aborts. */
export async function measure(show, signal) {
  const stream = await listen();
  const audio = new AudioContext();
  const analyser = new AnalyserNode(audio, { fftSize: 512 });
  audio.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
    show(Math.min(1, Math.max(0, 1 + Math.log10(power + 1e-6) / 6))); // -60 dB to 0
  }, LEVELS);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    audio.close();
  });
}
