/** The order of the tray's cards: by dragging one over another, or step by step with its buttons. */

export class CardOrder {
  #list;
  #dragged = null;
  #moved; // called with the card that has a new place

  /** Sorts what stands in `list` until `signal` aborts. */
  constructor(list, moved, signal) {
    this.#list = list;
    this.#moved = moved;
    list.addEventListener("dragstart", (event) => this.#start(event), { signal });
    list.addEventListener("dragend", () => this.#end(), { signal });
    window.addEventListener("dragover", (event) => this.#over(event), { signal });
    window.addEventListener("drop", (event) => this.#dragged && event.preventDefault(), { signal });
  }

  /** Move `card` by `step` places, if there is room. */
  move(card, step) {
    const cards = this.#cards;
    const other = cards[cards.indexOf(card) + step];
    if (!other) return;
    if (step < 0) other.before(card);
    else other.after(card);
    this.#moved(card);
  }

  get #cards() {
    return [...this.#list.querySelectorAll("[data-attachment]")];
  }

  #start(event) {
    this.#dragged = event.target.closest?.("[data-attachment]") ?? null;
    this.#dragged?.toggleAttribute("data-dragged", true);
  }

  #over(event) {
    if (!this.#dragged) return;
    const over = event.target.closest?.("[data-attachment]");
    if (!over || over.parentElement !== this.#list) return;
    event.preventDefault();
    if (over === this.#dragged) return;
    const cards = this.#cards;
    if (cards.indexOf(over) < cards.indexOf(this.#dragged)) over.before(this.#dragged);
    else over.after(this.#dragged);
  }

  #end() {
    const card = this.#dragged;
    this.#dragged = null;
    if (!card) return;
    card.removeAttribute("data-dragged");
    this.#moved(card);
  }
}
