// One tab holds the softphone: a lock of the browser, which the browser gives on when the tab is gone, or may be taken over.
// tabs.addEventListener("change", () => tabs.state)   // "waiting" | "here" | "elsewhere" | "unsafe"

export class Tabs extends EventTarget {
  #name;
  #queued = null;

  constructor(user) {
    super();
    this.#name = `ringbook.softphone.${user}`;
    this.state = "waiting";
    this.since = null; // when the tab that holds it took it
  }

  /** Asks for it; where another tab has it, waits until that one is gone. */
  start() {
    if (!navigator.locks) return this.#become("unsafe"); // a page without https has no microphone either
    addEventListener("storage", (event) => event.key?.startsWith("ringbook.softphone.") && this.state === "elsewhere" && this.#become("elsewhere"));
    this.#ask();
    setTimeout(() => this.state === "waiting" && this.#become("elsewhere"), 500);
  }

  /** Takes it from whichever tab has it. */
  take() {
    this.#queued?.abort();
    this.#hold({ steal: true });
  }

  #ask() {
    this.#queued = new AbortController();
    this.#hold({ signal: this.#queued.signal });
  }

  #hold(options) {
    navigator.locks.request(this.#name, options, () => {
      this.#queued = null;
      try { localStorage.setItem(this.#name, new Date().toISOString()); } catch { /* the others cannot say since when */ }
      this.#become("here");
      return new Promise(() => {});
    }).catch(() => {
      if (options.signal?.aborted) return; // asked in another way
      this.#become("elsewhere"); // it was taken over
      this.#ask();
    });
  }

  #become(state) {
    this.state = state;
    try { this.since = localStorage.getItem(this.#name); } catch { this.since = null; }
    this.dispatchEvent(new Event("change"));
  }
}
