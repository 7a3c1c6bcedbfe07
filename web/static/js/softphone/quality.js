// How good a call sounds, from what WebRTC counts: pure, so that it can be tested by numbers.
const PACKET = 20; // ms of sound in each
const ROBUST = 25.1; // of G.711 with concealment against loss (ITU-T G.113)
const FAIR = 3.6;
const GOOD = 4;

/** The mean opinion score (1 to 4.4) that a listener would give: ITU-T G.107 for G.711; delay in ms, loss from 0 to 1. */
export function mosOf(delay, loss) {
  const late = 0.024 * delay + 0.11 * Math.max(0, delay - 177.3);
  const lost = (95 * loss * 100) / (loss * 100 + ROBUST);
  const r = Math.min(100, Math.max(0, 93.2 - late - lost));
  return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
}

/** How a score is called: good, fair or bad. */
export const wordOf = (mos) => (mos >= GOOD ? "good" : mos >= FAIR ? "fair" : "bad");

/** Figures of the time since `before`; null where nothing came or went: {rtt, jitter, delay} in ms, {loss} from 0 to 1, {mos}. */
export function figuresOf(now, before) {
  const came = now.received - before.received;
  const missing = Math.max(0, now.lost - before.lost);
  if (came + missing <= 0) return null;
  const emitted = now.emitted - before.emitted;
  const waited = emitted > 0 ? ((now.waited - before.waited) / emitted) * 1000 : 0;
  const there = now.lostThere ?? 0;
  const loss = Math.max(missing / (came + missing), there);
  const rtt = (now.rtt ?? 0) * 1000;
  const delay = rtt / 2 + waited + PACKET;
  return { rtt, jitter: (now.jitter ?? 0) * 1000, delay, loss, mos: mosOf(delay, loss) };
}

/** What of a connection's statistics counts. */
export function countsOf(report) {
  const counts = { received: 0, lost: 0, jitter: null, emitted: 0, waited: 0, rtt: null, lostThere: null };
  for (const one of report.values()) {
    if (one.type === "inbound-rtp" && one.kind === "audio") {
      Object.assign(counts, { received: one.packetsReceived, lost: one.packetsLost, jitter: one.jitter, emitted: one.jitterBufferEmittedCount ?? 0, waited: one.jitterBufferDelay ?? 0 });
    } else if (one.type === "remote-inbound-rtp") {
      counts.rtt = one.roundTripTime ?? counts.rtt;
      counts.lostThere = one.fractionLost ?? null;
    } else if (one.type === "candidate-pair" && one.nominated) counts.rtt ??= one.currentRoundTripTime ?? null;
  }
  return counts;
}
