/**
 * <compare-columns facts>: the columns of a comparison. Keeps them in the order of their numbers, fills in figures while
 * answers are being written and fetches them once one has ended; one column alone by its number key, Esc goes back.
 */
import { ColumnDots } from "lib/column-dots.js";
import { fill } from "lib/fragments.js";
import { randomId } from "lib/http.js";
import { LiveFigures } from "lib/live-figures.js";
import { runSocket } from "lib/run-socket.js";
import { ScrollTogether } from "lib/scroll-together.js";
import { requestStop } from "lib/stopping.js";

const FACTS_DELAY_MS = 150; // answers that end together are one request
const TYPED_IN = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]";

class CompareColumns extends HTMLElement {
  #factsTimer = 0;
  #listening = null;
  #figures = null;
  #menuOf = ""; // the column whose head had the focus before a swap
  #changes = new MutationObserver((records) => this.#changed(records));

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.#figures = new LiveFigures(this);
    this.addEventListener("live-answer:figures", (event) => this.#figures.show(event), { signal });
    this.addEventListener("click", this.#clicked, { signal });
    // On the way down: while one column is shown alone, Esc is ours and stops nothing.
    document.addEventListener("keydown", this.#keydown, { signal, capture: true });
    document.addEventListener("htmx:config:request", this.#config, { signal });
    document.addEventListener("htmx:before:swap", this.#beforeSwap, { signal });
    document.addEventListener("htmx:after:swap", this.#afterSwap, { signal });
    runSocket.addEventListener("done", this.#fetchFacts, { signal });
    // Another alternative, one message less: another answer is the last one now.
    this.addEventListener("htmx:after:request", ({ target }) => target.closest(".thread__messages") && this.#fetchFacts(), { signal });
    new ScrollTogether(this, document.querySelector("[data-scroll-together]"), signal);
    this.dots = new ColumnDots(this, document.querySelector("[data-dots]"), (number) => fill(this.#word("show"), { number }), signal);
    this.#changes.observe(this, { childList: true });
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#changes.disconnect();
    clearTimeout(this.#factsTimer);
  }

  get #columns() {
    return [...this.querySelectorAll(":scope > .column")];
  }

  #word(name) {
    return this.querySelector('[data-template="words"]').content.querySelector(`[data-word="${name}"]`).textContent;
  }

  // --- one alone ---

  /** Show `column` alone; null shows all. */
  focusColumn(column) {
    for (const one of this.#columns) one.toggleAttribute("data-alone", one === column);
    this.toggleAttribute("data-one", column !== null);
    column?.querySelector("message-list").focus({ preventScroll: true });
  }

  #keydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.key === "Escape" && this.hasAttribute("data-one")) {
      event.preventDefault();
      event.stopPropagation();
      this.focusColumn(null);
    } else if (/^[1-9]$/.test(event.key) && !event.target.matches?.(TYPED_IN)) {
      const column = this.#columns[Number(event.key) - 1];
      if (!column) return;
      event.preventDefault();
      this.focusColumn(column.hasAttribute("data-alone") ? null : column);
    }
  };

  #clicked = ({ target }) => {
    const column = target.closest(".column");
    if (target.closest("[data-focus-column]")) this.focusColumn(column.hasAttribute("data-alone") ? null : column);
    if (target.closest("[data-stop-column]")) this.#stop(column);
  };

  /** This column alone; the others go on. */
  #stop(column) {
    for (const live of column.querySelectorAll("live-answer")) requestStop(live.getAttribute("stop"));
    column.querySelector("message-list").focus({ preventScroll: true }); // the button goes when the answer has ended
  }

  // --- what goes to the server and comes back ---

  /** A prompt tells which messages the page has, column by column; running again gets an id, so that sent twice is one run. */
  #config = ({ target, detail: { ctx } }) => {
    if (ctx.request.method !== "POST") return;
    if (target.closest?.("[data-run-again]")) ctx.request.body.set("request_id", randomId());
    if (target.id !== "composer-form") return;
    ctx.request.body.delete("shown");
    for (const list of this.querySelectorAll("message-list")) {
      const last = [...list.querySelectorAll(".message")].at(-1);
      if (last) ctx.request.body.append("shown", last.dataset.message);
    }
  };

  #beforeSwap = () => {
    const head = document.activeElement?.closest?.(".column__head, .column > .menu");
    this.#menuOf = head?.closest(".column")?.id ?? this.#menuOf;
  };

  #afterSwap = () => {
    this.#sort();
    if (this.#menuOf && document.activeElement === document.body) {
      document.getElementById(this.#menuOf)?.querySelector("[popovertarget]")?.focus({ preventScroll: true });
    }
    if (document.activeElement !== document.body) this.#menuOf = "";
  };

  #sort() {
    const columns = this.#columns;
    const sorted = [...columns].sort((one, other) => numberOf(one) - numberOf(other));
    if (sorted.every((column, at) => column === columns[at])) return;
    for (const column of sorted) {
      if ("moveBefore" in this) this.moveBefore(column, this.querySelector(".columns__none"));
      else this.insertBefore(column, this.querySelector(".columns__none"));
    }
  }

  #changed(records) {
    const came = records.flatMap(({ addedNodes }) => [...addedNodes]).find((node) => node.matches?.(".column"));
    if (came && records.every(({ removedNodes }) => removedNodes.length === 0)) came.scrollIntoView({ inline: "nearest" });
    if (!this.querySelector("[data-alone]")) this.removeAttribute("data-one");
    this.dots.draw();
    this.dispatchEvent(new CustomEvent("columns-changed", { bubbles: true }));
  }

  #fetchFacts = () => {
    clearTimeout(this.#factsTimer);
    this.#factsTimer = setTimeout(() => {
      globalThis.htmx.ajax("GET", this.getAttribute("facts"), { source: this, target: this, swap: "none" });
    }, FACTS_DELAY_MS);
  };
}

function numberOf(column) {
  return Number(column.querySelector(".column__head").dataset.number);
}

customElements.define("compare-columns", CompareColumns);
