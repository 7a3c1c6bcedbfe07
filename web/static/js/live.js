// The live socket: connects, comes back after a gap with what it missed, and keeps the view that messages fold into.
// docs/live-protocol.md is the contract. Nothing here draws; `live` tells those who do:
//   live.addEventListener("message", (event) => event.detail)   // {type, data}; the view has it already
//   live.addEventListener("snapshot", () => live.view)          // draw everything anew
//   live.addEventListener("state", () => live.state)            // {status: "connecting"|"connected"|"lost"|"ended", since, code}
// The shell's chips hear "ringbook:phone" and "ringbook:links" on the document, "ringbook:live" carries the state.

const VERSION = 1;
const SILENCE = 12_000; // ms without a message (the server beats every 5 s): the socket is dead
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000; // ms: so long after a server that is back all screens are
const ALIVE = "/healthz";
const ALIVE_WITHIN = 5_000; // ms
const CLOSED_KEPT = 20;
const ACCESS_ENDED = 4401;
const BUSIEST = ["talking", "ringing", "on_hold", "idle", "unavailable"];
const CHIP = { on_hold: "hold" };

/** What a screen knows: a snapshot and every message since folded into it, as web/live/view.py does. */
export class View {
  constructor(snapshot) {
    this.pops = new Map((snapshot?.pops ?? []).map((pop) => [pop.id, pop]));
    this.closed = new Map((snapshot?.closed ?? []).map((pop) => [pop.id, pop]));
    this.phones = new Map((snapshot?.phones ?? []).map((phone) => [`${phone.pbx}/${phone.extension}`, phone]));
    this.presences = new Map((snapshot?.presences ?? []).map((one) => [`${one.pbx}/${one.extension}`, one]));
    this.links = new Map((snapshot?.links ?? []).map((link) => [link.pbx, link]));
    this.storage = snapshot?.storage ?? { behind: false, since: null };
  }

  apply(type, data) {
    switch (type) {
      case "pop.opened":
      case "pop.changed":
        this.closed.delete(data.id);
        this.pops.set(data.id, data);
        break;
      case "pop.closed":
        this.pops.delete(data.id);
        this.closed.set(data.id, data);
        while (this.closed.size > CLOSED_KEPT) this.closed.delete(this.closed.keys().next().value);
        break;
      case "phone.changed":
        this.phones.set(`${data.pbx}/${data.extension}`, data);
        break;
      case "presence.changed":
        this.presences.set(`${data.pbx}/${data.extension}`, data);
        break;
      case "presence.removed":
        this.presences.delete(`${data.pbx}/${data.extension}`);
        break;
      case "link.changed":
        this.links.set(data.pbx, data);
        break;
      case "link.removed":
        this.links.delete(data.pbx);
        break;
      case "storage.changed":
        this.storage = data;
        break;
    }
  }
}

export class Live extends EventTarget {
  #url;
  #socket = null;
  #seen = null; // {epoch, n} of the last message
  #tries = 0;
  #retry = 0;
  #watch = 0;
  #asking = null; // aborts the question whether the server is there

  constructor(url) {
    super();
    this.#url = url;
    this.view = new View();
    this.state = { status: "connecting", since: new Date(), code: null };
    this.skew = 0; // ms that the server's clock is ahead of this one
  }

  /** Begins; asked again, it does nothing. */
  start() {
    if (this.#socket || this.#retry || this.#asking || !this.#url) return;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
    addEventListener("pageshow", () => this.#hurry());
    addEventListener("offline", () => this.#lost(null));
    this.#open(); // the page has just come from the server
  }

  /** The server's time now. */
  now() {
    return new Date(Date.now() + this.skew);
  }

  /** Reports that a pop is painted, so many seconds after its frame came. */
  shown(pop, seconds) {
    this.#say({ v: VERSION, type: "shown", data: { pop, seconds } });
  }

  /** Comes back once the server answers: Chromium makes a page whose sockets often failed wait up to 5 s for each. */
  async #comeBack() {
    clearTimeout(this.#retry);
    this.#retry = 0;
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const answers = await isThere(asking);
    if (asking !== this.#asking) return; // lost or hurried meanwhile
    this.#asking = null;
    if (answers) this.#open();
    else this.#lost(null);
  }

  #open() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#listenWithin(SILENCE);
    socket.onopen = () => this.#say({ v: VERSION, type: "hello", ...this.#seen });
    socket.onmessage = (event) => socket === this.#socket && this.#hear(JSON.parse(event.data));
    socket.onclose = (event) => socket === this.#socket && this.#lost(event.code);
  }

  #say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #hear(message) {
    if (message.v !== VERSION) return;
    this.#listenWithin(SILENCE);
    const { type, data, epoch, n } = message;
    if (data.now) this.skew = new Date(data.now) - Date.now();
    const isControl = type === "beat" || type === "resumed" || type === "bye";
    const follows = this.#seen?.epoch === epoch && n === this.#seen.n + (isControl ? 0 : 1);
    if (type !== "snapshot" && type !== "bye" && !follows) {
      this.#seen = null; // something is missing: begin from a snapshot
      this.#lost(null);
      return;
    }
    if (type === "bye") return;
    this.#seen = { epoch, n };
    if (type === "snapshot") this.view = new View(data);
    else this.view.apply(type, data);
    if (type === "snapshot" || type === "resumed") {
      this.#tries = 0;
      this.#become("connected", null);
    }
    this.dispatchEvent(type === "snapshot" ? new Event("snapshot") : new CustomEvent("message", { detail: { type, data } }));
    this.#tellShell(type);
  }

  #lost(code) {
    clearTimeout(this.#watch);
    this.#asking?.abort();
    this.#asking = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.onclose = socket.onmessage = socket.onopen = null;
    socket?.close();
    if (code === ACCESS_ENDED) {
      this.#become("ended", code);
      return;
    }
    if (this.state.status !== "ended") this.#become("lost", code);
    clearTimeout(this.#retry);
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#tries++);
    this.#retry = setTimeout(() => this.#comeBack(), pause * (0.5 + Math.random() / 2));
  }

  /** The network or the person is back: do not wait for the timer. */
  #hurry() {
    if (this.state.status === "ended" || this.state.status === "connected") return;
    if (this.#socket?.readyState === WebSocket.CONNECTING) return;
    this.#tries = 0;
    if (this.#socket) this.#lost(null);
    this.#comeBack();
  }

  #listenWithin(silence) {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lost(null), silence);
  }

  #become(status, code) {
    if (status === this.state.status) return;
    this.state = { status, since: this.now(), code };
    this.dispatchEvent(new Event("state"));
    document.dispatchEvent(new CustomEvent("ringbook:live", { detail: this.state }));
    if (status !== "connected") tell("ringbook:phone", { state: "unknown" });
  }

  #tellShell(type) {
    const all = type === "snapshot" || type === "resumed";
    if (all || type === "phone.changed") {
      const states = [...this.view.phones.values()].map((phone) => phone.state);
      const state = BUSIEST.find((one) => states.includes(one)) ?? (states.length ? "unknown" : "none");
      tell("ringbook:phone", { state: CHIP[state] ?? state });
    }
    if (all || type.startsWith("link.")) {
      const links = [...this.view.links.values()];
      tell("ringbook:links", { links: links.map((link) => ({ ...link, pbx: link.name })) });
    }
  }
}

async function isThere(asking) {
  const late = setTimeout(() => asking.abort(), ALIVE_WITHIN);
  try {
    return (await fetch(ALIVE, { cache: "no-store", signal: asking.signal })).ok;
  } catch {
    return false;
  } finally {
    clearTimeout(late);
  }
}

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/** The page's one live connection. */
export const live = new Live(document.body.dataset.liveUrl);
