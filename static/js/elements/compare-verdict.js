/**
 * <compare-verdict src turn>: the panel in which the best answer is chosen, fetched anew when an answer has ended.
 * What is being written into its note stays: it is fetched only while nobody is at it.
 */
import { runSocket } from "lib/run-socket.js";

const SETTLE_MS = 250; // several columns end together

class CompareVerdict extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    runSocket.addEventListener("done", this.#ended);
    runSocket.addEventListener("changed", this.#ended);
  }

  disconnectedCallback() {
    runSocket.removeEventListener("done", this.#ended);
    runSocket.removeEventListener("changed", this.#ended);
    clearTimeout(this.#timer);
  }

  #ended = () => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fetch(), SETTLE_MS);
  };

  #fetch() {
    if (this.#isInUse()) return;
    globalThis.htmx.ajax("GET", this.getAttribute("src"), { source: this, target: this, swap: "outerHTML" });
  }

  /** An earlier turn was chosen to be looked at, or somebody writes a note. */
  #isInUse() {
    const note = this.querySelector("[name=note]");
    return "earlier" in this.dataset || (note && note.value !== note.defaultValue) || note?.matches(":focus");
  }
}

customElements.define("compare-verdict", CompareVerdict);
