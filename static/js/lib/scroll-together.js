/** All columns scroll as the one does that the reader scrolls: by the same share of what there is to scroll. */

export class ScrollTogether {
  #columns;
  #isOn = false;
  #leader = null; // the list that the reader is in; only its scrolling is passed on

  constructor(columns, button, signal) {
    this.#columns = columns;
    button?.addEventListener("click", () => {
      this.#isOn = !this.#isOn;
      button.setAttribute("aria-pressed", String(this.#isOn));
    }, { signal });
    for (const name of ["wheel", "touchstart", "pointerdown", "keydown"]) {
      columns.addEventListener(name, (event) => this.#lead(event), { signal, passive: true });
    }
    columns.addEventListener("scroll", (event) => this.#follow(event), { signal, passive: true, capture: true });
  }

  #lead({ target }) {
    this.#leader = target.closest?.("message-list") ?? null;
  }

  #follow({ target }) {
    if (!this.#isOn || target !== this.#leader) return;
    const share = target.scrollTop / Math.max(1, target.scrollHeight - target.clientHeight);
    for (const list of this.#columns.querySelectorAll("message-list")) {
      if (list !== target) list.scrollTop = share * (list.scrollHeight - list.clientHeight);
    }
  }
}
