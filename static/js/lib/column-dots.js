/** Which column a phone shows, as a row of dots that also go there. */

export class ColumnDots {
  #columns;
  #place;
  #name;
  #seen;

  /** Dots in `place` for the columns in `columns`; `name` makes the words of one from its number. */
  constructor(columns, place, name, signal) {
    this.#columns = columns;
    this.#place = place;
    this.#name = name;
    this.#seen = new IntersectionObserver((entries) => this.#mark(entries), { root: columns, threshold: 0.6 });
    place?.addEventListener("click", ({ target }) => {
      const at = [...place.children].indexOf(target.closest("button"));
      if (at >= 0) this.#all[at]?.scrollIntoView({ inline: "start", block: "nearest" });
    }, { signal });
    signal.addEventListener("abort", () => this.#seen.disconnect());
    this.draw();
  }

  get #all() {
    return [...this.#columns.querySelectorAll(":scope > .column")];
  }

  /** Columns have come, gone or changed places. */
  draw() {
    if (!this.#place) return;
    this.#seen.disconnect();
    this.#place.replaceChildren(...this.#all.map((column, at) => {
      this.#seen.observe(column);
      const dot = document.createElement("button");
      dot.type = "button";
      dot.className = "dots__dot";
      dot.setAttribute("aria-label", this.#name(at + 1));
      return dot;
    }));
  }

  #mark(entries) {
    for (const { target, isIntersecting } of entries) {
      const dot = this.#place.children[this.#all.indexOf(target)];
      if (!isIntersecting) dot?.removeAttribute("aria-current");
      else dot?.setAttribute("aria-current", "true");
    }
  }
}
