/**
 * <preset-variables>: the form of a preset's variables above the message box.
 *
 * Tells like the parameters when something was typed, and leads to the first field that keeps a message from being sent.
 * A text that the preset begins with, in its <template data-begun>, goes into the message box when that is empty.
 */
class PresetVariables extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", this.#typed);
    document.addEventListener("htmx:after:swap", this.#refused);
    queueMicrotask(() => this.#begin());
  }

  disconnectedCallback() {
    this.removeEventListener("input", this.#typed);
    document.removeEventListener("htmx:after:swap", this.#refused);
  }

  #begin() {
    const begun = this.querySelector("template[data-begun]")?.content.textContent ?? "";
    const box = document.getElementById("composer-text");
    if (!this.isConnected || begun === "" || !box || box.value.trim() !== "") return;
    box.value = begun;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #typed = ({ target }) => {
    target.removeAttribute("aria-invalid");
    target.dispatchEvent(new CustomEvent("parameters-changed", { bubbles: true }));
  };

  /** The composer's errors name the fields they are about. */
  #refused = () => {
    const named = [...document.querySelectorAll("#composer-errors [data-of]")].map((error) => error.dataset.of);
    const fields = [...this.querySelectorAll("[name]")].filter(({ name, type }) => type !== "hidden" && named.includes(name));
    const isNews = fields.some((field) => !field.hasAttribute("aria-invalid"));
    for (const field of fields) field.setAttribute("aria-invalid", "true");
    if (!isNews) return;
    this.querySelector("details").open = true;
    fields[0].focus();
  };
}

customElements.define("preset-variables", PresetVariables);
