/**
 * <compare-differences>: which column is the baseline, and how the others are compared with it. A button `data-baseline`
 * anywhere on the page names a column, which makes the others show how their last answers differ from that one's; the same
 * again, or an empty name, goes back. The choice stands in the address, so that it outlives a reload; when an answer has
 * ended, what is shown is fetched anew.
 *
 * A column is `[data-column]`; its difference goes into the `[data-difference]` within it, whose `src` says from where.
 */
import { fill } from "lib/fragments.js";
import { runSocket } from "lib/run-socket.js";

const SETTLE_MS = 250; // several columns end together

class CompareDifferences extends HTMLElement {
  #listening = null;
  #timer = 0;
  #arrivals = new MutationObserver(() => this.baseline && this.#later());

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    document.addEventListener("click", this.#clicked, { signal });
    this.addEventListener("change", () => this.#show(), { signal });
    runSocket.addEventListener("done", () => this.baseline && this.#later(), { signal });
    const columns = document.getElementById("columns");
    if (columns) this.#arrivals.observe(columns, { childList: true });
    if (this.baseline) this.#later(0);
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#arrivals.disconnect();
    clearTimeout(this.#timer);
  }

  get baseline() {
    return new URL(location.href).searchParams.get("baseline") ?? "";
  }

  #clicked = (event) => {
    const button = event.target.closest?.("button[data-baseline]");
    if (!button) return;
    const uuid = button.dataset.baseline;
    button.closest("[popover]")?.hidePopover();
    this.#choose(uuid === this.baseline ? "" : uuid);
  };

  #choose(uuid) {
    const url = new URL(location.href);
    if (uuid) url.searchParams.set("baseline", uuid);
    else url.searchParams.delete("baseline");
    history.replaceState(history.state, "", url);
    this.#show();
  }

  #later(delay = SETTLE_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), delay);
  }

  /** What stands in the address: the columns and how they differ, or all of them as they are. */
  #show() {
    const columns = [...document.querySelectorAll("[data-column]")];
    const base = columns.find((column) => column.dataset.column === this.baseline);
    this.hidden = !base;
    if (base) this.#name(base);
    for (const column of columns) this.#showColumn(column, base);
    for (const button of document.querySelectorAll("button[data-baseline]:not([data-baseline=''])")) {
      button.setAttribute("aria-pressed", String(button.dataset.baseline === base?.dataset.column));
    }
  }

  #name(base) {
    const name = this.querySelector("[data-baseline-name]");
    const number = base.querySelector("[data-number]").dataset.number;
    name.textContent = fill(name.dataset.words, { number });
  }

  #showColumn(column, base) {
    const place = column.querySelector("[data-difference]");
    const differs = Boolean(base) && column !== base;
    column.toggleAttribute("data-baseline-here", column === base);
    column.toggleAttribute("data-differs", differs);
    if (!differs) {
      place.replaceChildren();
      return;
    }
    const way = this.querySelector("[data-difference-way]").value;
    const query = new URLSearchParams({ baseline: base.dataset.column, way });
    globalThis.htmx.ajax("GET", `${place.getAttribute("src")}?${query}`, { source: place, target: place, swap: "innerHTML" });
  }
}

customElements.define("compare-differences", CompareDifferences);
