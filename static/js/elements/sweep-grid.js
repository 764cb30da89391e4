/**
 * <sweep-grid>: colours the squares of a sweep by the figure chosen, in seven steps from the least to the most there is.
 *
 * Squares carry their figures as attributes (`data-cost="0.0021"`) and, said by the server, as list items
 * (`[data-figure="cost"]`), of which the chosen one stands out. News replace squares, so it colours again after each swap.
 */
const STEPS = 7;
const KEY = "sweep-metric";

class SweepGrid extends HTMLElement {
  #listening = null;
  #frame = 0;

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const stored = sessionStorage.getItem(KEY) ?? "";
    if ([...this.#select.options].some((option) => option.value === stored)) this.#select.value = stored;
    this.#select.addEventListener("change", () => this.#choose(), { signal });
    document.addEventListener("htmx:after:swap", () => this.#later(), { signal });
    this.#colour();
  }

  disconnectedCallback() {
    this.#listening.abort();
    cancelAnimationFrame(this.#frame);
  }

  get #select() {
    return this.querySelector("[data-metric]");
  }

  #choose() {
    sessionStorage.setItem(KEY, this.#select.value);
    this.#colour();
  }

  #later() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#colour());
  }

  #colour() {
    const metric = this.#select.value;
    const squares = [...this.querySelectorAll(".square")].map((element) => ({
      element,
      said: metric ? element.querySelector(`[data-figure="${metric}"]`) : null,
      value: metric ? Number.parseFloat(element.getAttribute(`data-${metric}`) ?? "") : Number.NaN,
    }));
    const known = squares.filter(({ value }) => Number.isFinite(value)).sort((a, b) => a.value - b.value);
    const least = known.at(0);
    const most = known.at(-1);
    for (const { element, said, value } of squares) {
      element.classList.remove(...Array.from({ length: STEPS }, (_one, step) => `heat-${step}`));
      for (const other of element.querySelectorAll(".is-chosen")) other.classList.remove("is-chosen");
      if (!Number.isFinite(value)) continue;
      element.classList.add(`heat-${stepOf(value, least.value, most.value)}`);
      said?.classList.add("is-chosen");
    }
    this.#explain(least?.said, most?.said);
  }

  /** The legend: what the palest and the strongest colour stand for. */
  #explain(least, most) {
    const legend = this.querySelector("[data-legend]");
    legend.hidden = !least;
    legend.querySelector("[data-least]").textContent = figureOf(least);
    legend.querySelector("[data-most]").textContent = figureOf(most);
  }
}

function stepOf(value, least, most) {
  return most > least ? Math.round(((value - least) / (most - least)) * (STEPS - 1)) : 0;
}

/** Without the name that only a screen reader says. */
function figureOf(item) {
  return item ? [...item.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join("").trim() : "";
}

customElements.define("sweep-grid", SweepGrid);
