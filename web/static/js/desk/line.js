// The live protocol, version 1 (docs/live-protocol.md): connects, resumes, and comes back by itself after every cut.
const VERSION = 1;
const SILENCE = 12_000; // milliseconds; the server says something every 5 s
const FIRST_WAIT = 250;
const LONGEST_WAIT = 8_000;
const STAY_AWAY = 4401; // the log-in ended
const STREAM = new Set(["pop.opened", "pop.changed", "pop.closed", "phone.changed", "link.changed", "link.removed", "storage.changed", "calls.changed"]);

/**
 * Connects to `url` for as long as the page lives.
 * `onMessage(type, data, heardAt)` gets snapshots and changes in order, each once; heardAt is performance.now().
 * `onState({isConnected, since, hasEnded})` is told when the connection comes or goes; since is Date.now().
 * Gives {shown(pop, seconds), retry()}.
 */
export function connect(url, { onMessage, onState }) {
  let socket = null;
  let seen = null; // {epoch, n} of the last message
  let attempts = 0;
  let waiting = 0;
  let silence = 0;
  let state = { isConnected: false, since: Date.now(), hasEnded: false };

  function tell(change) {
    if (Object.entries(change).every(([key, value]) => state[key] === value)) return;
    const since = change.isConnected === state.isConnected ? state.since : Date.now();
    state = { ...state, ...change, since };
    onState(state);
  }

  function open() {
    clearTimeout(waiting);
    const mine = (socket = new WebSocket(url));
    listen();
    mine.onopen = () => {
      mine.send(JSON.stringify({ v: VERSION, type: "hello", ...(seen ?? {}) }));
      listen();
    };
    mine.onmessage = (event) => {
      if (mine === socket) hear(JSON.parse(event.data), performance.now());
    };
    mine.onclose = (event) => {
      if (mine === socket) lose(event.code);
    };
  }

  /** Begins anew where nothing was heard for too long: a dead cable says nothing. */
  function listen() {
    clearTimeout(silence);
    silence = setTimeout(() => {
      socket.onclose = null;
      socket.close();
      lose(0);
    }, SILENCE);
  }

  function hear(message, heardAt) {
    listen();
    if (message.v !== VERSION || message.type === "bye") return;
    const { epoch, n, type, data } = message;
    if (STREAM.has(type)) {
      if (n !== (seen?.n ?? 0) + 1) return again(); // one is missing: only a snapshot is true now
      seen = { epoch, n };
      return onMessage(type, data, heardAt);
    }
    if (type === "beat") {
      if (n !== seen?.n) again();
      return;
    }
    if (type !== "snapshot" && type !== "resumed") return;
    attempts = 0;
    seen = { epoch, n };
    if (type === "snapshot") onMessage(type, data, heardAt);
    tell({ isConnected: true, hasEnded: false });
  }

  function again() {
    seen = null;
    socket.onclose = null;
    socket.close();
    open();
  }

  async function lose(code) {
    clearTimeout(silence);
    const wasConnected = state.isConnected;
    tell({ isConnected: false, hasEnded: state.hasEnded || code === STAY_AWAY });
    if (state.hasEnded) return;
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempts++);
    clearTimeout(waiting);
    waiting = setTimeout(open, longest * (0.5 + Math.random() / 2));
    if (!wasConnected && await isLoggedOut()) tell({ isConnected: false, hasEnded: true });
  }

  function retry() {
    if (state.isConnected) return;
    attempts = 0;
    if (socket) socket.onclose = null;
    socket?.close();
    tell({ isConnected: false, hasEnded: false });
    open();
  }

  /** Waking up: a socket that slept may be dead without knowing it. */
  function wake() {
    if (document.hidden) return;
    if (!state.isConnected) return retry();
    if (socket.readyState !== WebSocket.OPEN) lose(0);
  }

  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
  onState(state);
  open();
  return {
    retry,
    shown(pop, seconds) {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(JSON.stringify({ v: VERSION, type: "shown", data: { pop, seconds } }));
    },
  };
}

/** A refused handshake does not say why: a page that asks for the log-in does. */
async function isLoggedOut() {
  try {
    const response = await fetch(location.pathname, { method: "HEAD", redirect: "manual" });
    return response.type === "opaqueredirect";
  } catch {
    return false;
  }
}
