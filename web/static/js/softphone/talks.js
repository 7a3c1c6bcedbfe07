// One call on the softphone: a SIP session with the desk's words for it.
// talk.addEventListener("change", …): talk.state is "ringing" | "joining" | "talking" | "hold" | "over"
const GATHERED_AFTER = 500; // ms: a network that answers no address must not keep the call waiting
const NO_SERVERS = { iceServers: [] }; // the PBX is reached directly: docs/softphone.md

export class Talk extends EventTarget {
  pop = null; // the card it belongs to, found by line.js
  isMuted = false;
  isHeld = false;
  trouble = ""; // a word: why it is not as it should be
  #session;
  #sound = null; // our side's, ended with the call

  /** `wasAsked`: a click of this browser placed it. */
  constructor(session, { name = "", number = "", wasAsked = false, comesBack = false } = {}) {
    super();
    this.#session = session;
    this.name = name;
    this.number = number;
    this.wasAsked = wasAsked;
    this.comesBack = comesBack;
    this.state = session.direction === "incoming" ? "ringing" : "joining";
    this.since = new Date();
    this.cause = "";
    this.#hear(session);
  }

  #hear(session) {
    let gathering = 0;
    session.on("icecandidate", ({ ready }) => { gathering ||= setTimeout(ready, GATHERED_AFTER); });
    session.on("peerconnection", ({ peerconnection }) => this.#listen(peerconnection));
    if (session.connection) this.#listen(session.connection);
    session.on("accepted", () => this.#become("talking"));
    session.on("confirmed", () => this.#become("talking"));
    session.on("hold", ({ originator }) => originator === "local" && this.#held(true));
    session.on("unhold", ({ originator }) => originator === "local" && this.#held(false));
    session.on("ended", ({ cause }) => this.#end(cause));
    session.on("failed", ({ cause }) => this.#end(cause));
  }

  #listen(connection) {
    connection.addEventListener("track", ({ streams, track }) => {
      this.heard = streams[0] ?? new MediaStream([track]);
      this.dispatchEvent(new Event("sound"));
    });
  }

  #become(state) {
    if (this.state === "over" || this.state === state) return;
    if (state === "talking" && this.state !== "hold") this.since = new Date();
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  #held(isHeld) {
    this.isHeld = isHeld;
    this.#become(isHeld ? "hold" : "talking");
  }

  #end(cause) {
    for (const track of this.#sound?.getTracks() ?? []) track.stop();
    this.cause = cause;
    this.#become("over");
  }

  /** The options with which a session begins to send this microphone's sound. */
  static begins(stream) {
    return { mediaStream: stream, pcConfig: NO_SERVERS, rtcOfferConstraints: { offerToReceiveAudio: true } };
  }

  /** Answers with the sound of `stream`, which ends with the call. */
  answer(stream) {
    if (this.state !== "ringing") return this.sends(stream, true);
    this.sends(stream);
    this.#become("joining");
    this.#session.answer(Talk.begins(stream));
  }

  /** Takes care of our side's sound. */
  sends(stream, isTooLate = false) {
    if (isTooLate || this.state === "over") for (const track of stream.getTracks()) track.stop();
    else this.#sound = stream;
  }

  /** Sends another microphone's sound from now on. */
  async changeMicrophone(stream) {
    const sender = this.#session.connection?.getSenders().find((one) => one.track?.kind === "audio");
    if (!sender) return this.sends(stream, true);
    const [track] = stream.getAudioTracks();
    track.enabled = !this.isMuted && !this.isHeld;
    await sender.replaceTrack(track);
    for (const old of this.#sound?.getTracks() ?? []) old.stop();
    this.#sound = stream;
  }

  hangUp() {
    if (this.state === "over") return;
    this.#session.terminate(this.state === "ringing" ? { status_code: 486 } : {});
  }

  /** Lets the other side wait, or comes back to it. */
  hold() {
    if (this.state === "talking") this.#session.hold();
    else if (this.state === "hold") this.#session.unhold();
  }

  mute() {
    if (this.state !== "talking" && this.state !== "hold") return;
    this.isMuted = !this.isMuted;
    if (this.isMuted) this.#session.mute({ audio: true });
    else this.#session.unmute({ audio: true });
    this.dispatchEvent(new Event("change"));
  }

  /** Presses keys, as tones beside the sound (RFC 4733): they pass through nothing of ours. */
  press(digits) {
    const sender = this.#session.connection?.getSenders().find((one) => one.dtmf?.canInsertDTMF);
    sender?.dtmf.insertDTMF(sender.dtmf.toneBuffer + digits, 160, 70);
    return Boolean(sender);
  }

  /** What WebRTC counts of it, null before it is up. */
  statistics() {
    return this.#session.connection?.getStats() ?? null;
  }

  /** What another page needs to take this call's place; null while there is no dialog. */
  dialog() {
    const id = this.#session._dialog?.id; // JsSIP tells the names of a dialog nowhere else
    if (!id || !["talking", "hold"].includes(this.state)) return null;
    return { call: id.call_id, ours: id.local_tag, theirs: id.remote_tag, name: this.name, number: this.number };
  }

  /** Lets go of it without a word to the PBX: another page takes its place. */
  abandon() {
    this.#session.connection?.close();
    this.#end("abandoned");
  }
}
