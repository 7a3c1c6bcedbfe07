// Which cards stand on the desk, in which order; never more than three, the others wait in a list of one line each.
import { tick } from "../clocks.js";
import { fill, showState } from "../states.js";
import { nameOf } from "./cards.js";
import { clone } from "./rows.js";
import { say } from "./words.js";

const STACKED = 3;
const SPEAKING = ["talking", "dialling", "hold"]; // these first, where there are more than fit
const RANK = { ringing: 0, dialling: 1, talking: 1, hold: 1, wrap_up: 2 };

export class Stack {
  constructor(place, more, idle) {
    this.place = place;
    this.more = more;
    this.idle = idle;
    this.wanted = null; // the card that the agent asked for from the list
    more.addEventListener("click", (event) => {
      const row = event.target.closest("li");
      if (row) this.onWanted(row.dataset.pop);
    });
  }

  /** Puts the cards in order; the one that is written in keeps its place on the page, and its cursor. */
  arrange(cards) {
    const order = [...cards].sort((a, b) => this.#rank(a) - this.#rank(b) || a.pop.offered_at.localeCompare(b.pop.offered_at));
    const written = order.find((card) => card.element.contains(document.activeElement));
    const wanted = order.find((card) => card.id === this.wanted);
    const speaking = order.filter((card) => SPEAKING.includes(card.state)).sort((a, b) => SPEAKING.indexOf(a.state) - SPEAKING.indexOf(b.state));
    const chosen = [...new Set([written, wanted, ...speaking, ...order])].filter(Boolean).slice(0, STACKED);
    const shown = order.filter((card) => chosen.includes(card));
    this.#place(shown.map((card) => card.element), written?.element);
    this.#list(order.filter((card) => !shown.includes(card)));
    this.idle.hidden = shown.length > 0;
    return shown;
  }

  #rank(card) {
    return card.id === this.wanted && card.state !== "ringing" ? 0.5 : RANK[card.state];
  }

  /** Moves every element but the one with the cursor: a moved element would lose it. */
  #place(elements, fixed) {
    for (const old of [...this.place.children]) if (!elements.includes(old)) old.remove();
    if (elements.every((element, index) => this.place.children[index] === element)) return;
    if (fixed?.parentNode !== this.place) return this.place.append(...elements);
    const middle = elements.indexOf(fixed);
    fixed.before(...elements.slice(0, middle));
    fixed.after(...elements.slice(middle + 1));
  }

  #list(cards) {
    this.more.hidden = cards.length === 0;
    const had = this.more.contains(document.activeElement) && document.activeElement.closest("li").dataset.pop;
    this.more.replaceChildren(...cards.map((card) => {
      const row = clone("row");
      showState(row, card.state);
      fill(row, {
        name: nameOf(card.pop),
        state: say(`state_${card.state}`),
        since: card.pop.ended_at ?? card.pop.answered_at ?? card.pop.waiting_since,
      });
      row.firstElementChild.dataset.pop = card.id;
      return row.firstElementChild;
    }));
    if (had) this.more.querySelector(`[data-pop="${had}"] button`)?.focus();
    tick(this.more);
  }
}
