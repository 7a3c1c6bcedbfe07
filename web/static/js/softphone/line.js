// What the desk knows of the softphone, whether there is one or not: its talks, and which card each belongs to.
const FITS = { ringing: ["ringing", "joining"], dialling: ["joining", "talking", "hold"], talking: ["joining", "talking", "hold"], hold: ["joining", "talking", "hold"] };
const SAME = 8; // last digits that make two numbers the same

const tail = (text) => (text ?? "").replace(/\D/g, "").slice(-SAME);

class Line extends EventTarget {
  extension = ""; // whose calls ring here; empty without a softphone
  talks = [];
  deeds = {}; // what can be done with a talk: answer, mute, hold
  #cards = [];

  /** The talks changed, or one of them did. */
  changed() {
    this.#pair();
    this.dispatchEvent(new Event("change"));
  }

  /** Follows the cards, whose names the talks bear. */
  follow(cards) {
    this.#cards = [...cards];
    if (this.extension) this.changed();
  }

  /** The talk of this card, null where it is on another phone. */
  talkOf(card) {
    return this.talks.find((talk) => talk.pop === card.id) ?? null;
  }

  /** The card of this talk, null where none shows. */
  cardOf(talk) {
    return this.#cards.find((card) => card.id === talk.pop) ?? null;
  }

  /** A card of a talk that goes on here without sound: its talk was lost; null where there is none. */
  lonelyCard() {
    return this.#cards.find((card) => card.pop.extension === this.extension && ["talking", "hold"].includes(card.state) && !this.talkOf(card)) ?? null;
  }

  /** One card to one talk: for good once found, by the number, or because there is no other. */
  #pair() {
    const mine = this.#cards.filter((card) => card.pop.extension === this.extension && card.state in FITS);
    for (const talk of this.talks) if (!mine.some((card) => card.id === talk.pop)) talk.pop = null;
    for (const talk of this.talks.filter((one) => !one.pop)) {
      const free = mine.filter((card) => !this.talkOf(card) && FITS[card.state].includes(talk.state));
      const alike = free.filter((card) => tail(talk.number) && tail(card.pop.number.e164 ?? card.pop.number.written) === tail(talk.number));
      const alone = free.length === 1 && this.talks.filter((one) => !one.pop).length === 1;
      const found = alike[0] ?? (alone ? free[0] : null);
      if (found) talk.pop = found.id;
    }
  }
}

/** The page's softphone, as far as the desk is concerned. */
export const line = new Line();
