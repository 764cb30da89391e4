/** <sweep-plan>: the plan of a sweep. Adds and removes checks, and reads a file of inputs into the table. */
import { Templates } from "lib/fragments.js";

const MAX_BYTES = 4_000_000; // more than the table takes, whatever its characters

class SweepPlan extends HTMLElement {
  #templates = new Templates(this);
  #listening = null;

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.addEventListener("click", (event) => this.#click(event), { signal });
    this.addEventListener("change", (event) => this.#read(event), { signal });
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #click({ target }) {
    if (target.closest("[data-add-check]")) {
      const check = this.#templates.copy("check");
      this.querySelector("[data-check-list]").append(check);
      check.querySelector("select").focus();
    } else if (target.closest("[data-remove-check]")) {
      const check = target.closest(".check");
      check.remove();
      this.querySelector("[data-add-check]").focus();
      this.#changed(this.querySelector("[data-checks]"));
    }
  }

  async #read({ target }) {
    const file = target.matches("[data-csv]") ? target.files[0] : null;
    if (!file) return;
    const table = this.querySelector('[name="inputs"]');
    table.value = await file.slice(0, MAX_BYTES).text();
    target.value = "";
    table.focus();
    this.#changed(table);
  }

  #changed(element) {
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("sweep-plan", SweepPlan);
