// The SIP side of the softphone: registers, hears of calls, comes back by itself when the network does.
// phone.addEventListener("state", () => phone.state)   // "off" | "connecting" | "registered" | "lost" | "refused"
// phone.addEventListener("talk", ({ detail }) => …)    // a Talk that rings
import { UA, WebSocketInterface } from "../../vendor/jssip/jssip-3.13.8.min.js";
import { wasAsked } from "./clicks.js";
import { Talk } from "./talks.js";

const EXPIRES = 120; // seconds; asked again in time, which also keeps proxies from closing the socket
const CLICK = "X-Ringbook-Click";
const AGENT = "Ringbook";
const REFUSED = ["Authentication Error", "Rejected", "Not Found"]; // by the registrar: asking again is no use

export class Phone extends EventTarget {
  #ua = null;
  #account = null;
  state = "off";

  /** Registers `account`: {url, address, account, password, extension}. */
  start(account) {
    this.stop();
    this.#account = account;
    const ua = new UA({
      sockets: [new WebSocketInterface(account.url)],
      uri: `sip:${account.address}`,
      authorization_user: account.account,
      password: account.password,
      register_expires: EXPIRES,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
      no_answer_timeout: 600, // the PBX decides how long it rings
      user_agent: AGENT,
    });
    this.#ua = ua;
    ua.on("connecting", () => this.#become(ua, this.state === "lost" ? "lost" : "connecting"));
    ua.on("disconnected", () => this.#become(ua, "lost"));
    ua.on("registered", () => this.#become(ua, "registered"));
    ua.on("unregistered", () => this.#become(ua, ua.isConnected() ? "connecting" : "lost"));
    ua.on("registrationFailed", ({ cause }) => this.#become(ua, REFUSED.includes(cause) ? "refused" : "lost"));
    ua.on("newRTCSession", ({ originator, session, request }) => originator === "remote" && this.#rings(ua, session, request));
    ua.start();
  }

  /** Registers no longer; calls are left to whoever takes their place. */
  stop() {
    const ua = this.#ua;
    this.#ua = null;
    ua?.transport.disconnect();
    this.state = "off";
  }

  /** Takes the place that `kept` (of Talk.dialog) had in its call; null where the PBX is not reached. */
  comeBack(kept, stream) {
    if (!this.#ua?.isConnected()) return null;
    const replaces = `${kept.call};to-tag=${kept.theirs};from-tag=${kept.ours}`;
    const session = this.#ua.call(`${this.#account.extension}@${this.#account.address.split("@").pop()}`, {
      ...Talk.begins(stream),
      extraHeaders: [`Replaces: ${replaces}`],
    });
    const talk = new Talk(session, { name: kept.name, number: kept.number, comesBack: true });
    talk.sends(stream);
    return talk;
  }

  #become(ua, state) {
    if (ua !== this.#ua || this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  #rings(ua, session, request) {
    if (ua !== this.#ua) return;
    const { display_name: name, uri } = session.remote_identity;
    const key = request.getHeader(CLICK);
    const talk = new Talk(session, { name: name ?? "", number: uri.user ?? "", wasAsked: Boolean(key) && wasAsked(key) });
    this.dispatchEvent(new CustomEvent("talk", { detail: talk }));
  }
}
