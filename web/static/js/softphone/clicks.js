// Which calls this browser asked for: the softphone answers them by itself, and nothing else.
// A click's key is 128 random bits; the PBX gives it back in the header of the call that the click placed.
const NAME = "ringbook.clicks";
const FRESH = 90_000; // ms from a click to its ring
const known = new Map(); // key → when it was heard

/** Says to every tab of this browser that a call was asked for. */
export function announce(key) {
  if (!("BroadcastChannel" in window)) return;
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(key);
  channel.close();
}

/** Begins to hear of clicks. */
export function hearClicks() {
  if (!("BroadcastChannel" in window)) return;
  new BroadcastChannel(NAME).addEventListener("message", ({ data }) => {
    for (const [key, at] of known) if (Date.now() - at > FRESH) known.delete(key);
    known.set(data, Date.now());
  });
}

/** Whether a click of this browser asked for it; each is believed once. */
export function wasAsked(key) {
  const at = known.get(key);
  known.delete(key);
  return at !== undefined && Date.now() - at < FRESH;
}
