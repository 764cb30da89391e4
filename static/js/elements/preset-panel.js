/**
 * <preset-panel keep data-values='{"model": …, "fields": {…}}' preset="slug@3">: the chosen preset above its parameters.
 *
 * Marks what differs from the preset, takes single fields back to it, and keeps the form with the draft while a preset is
 * chosen. htmx chooses presets; without one, nothing is marked or kept.
 */
import { putValues, sameValues, valuesOf } from "lib/field-values.js";
import { fill, Templates } from "lib/fragments.js";
import { post } from "lib/http.js";

const KEEP_DELAY_MS = 700;
const SHOWN_CHARACTERS = 60; // of the preset's own value, in a mark

class PresetPanel extends HTMLElement {
  static #refocus = false; // a preset was chosen by the select: the next panel takes the focus that went with it
  #templates = new Templates(this);
  #listening = null;
  #timer = 0;

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.addEventListener("change", this.#chosen, { signal });
    document.addEventListener("click", this.#clicked, { signal });
    document.addEventListener("model-changed", this.#compare, { signal });
    document.addEventListener("parameters-changed", this.#changed, { signal });
    document.addEventListener("htmx:config:request", this.#sending, { signal });
    // Once the elements of the form around it are there.
    queueMicrotask(() => {
      if (!this.isConnected) return;
      if (PresetPanel.#refocus && document.activeElement === document.body) this.#select.focus();
      PresetPanel.#refocus = false;
      this.#compare();
    });
  }

  disconnectedCallback() {
    this.#listening.abort();
    clearTimeout(this.#timer);
  }

  get #select() {
    return this.querySelector("select");
  }

  get #form() {
    return this.closest("form");
  }

  get #fields() {
    return [...(this.#form?.querySelectorAll("[data-field]") ?? [])];
  }

  get #isChosen() {
    return this.hasAttribute("preset");
  }

  #chosen = (event) => {
    PresetPanel.#refocus = event.target === this.#select && document.activeElement === this.#select;
  };

  // --- what differs from the preset ---

  #compare = () => {
    for (const mark of this.#form?.querySelectorAll("[data-preset-mark]") ?? []) mark.remove();
    if (!this.#isChosen || !this.#form) return;
    const theirs = JSON.parse(this.dataset.values);
    let count = 0;
    for (const field of this.#fields) {
      const values = theirs.fields[field.dataset.field] ?? [];
      if (sameValues(field, valuesOf(field, this.#form), values)) continue;
      this.#mark(field, values);
      count += 1;
    }
    const isOther = theirs.model !== "" && this.#form.querySelector("[name=model]")?.value !== theirs.model;
    if (isOther) this.#mark(this.#form.querySelector(".field--model"), [theirs.model]);
    this.#tell(count + Number(isOther));
  };

  /** Under `field`, what the preset has there. A field that is left out has no text to show. */
  #mark(field, values) {
    const mark = this.#templates.copy(values.length ? "changed" : "left-out");
    const text = values.join(", ").replace(/\s+/g, " ");
    const shown = mark.querySelector("[data-theirs]");
    if (shown) shown.textContent = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
    const label = field.querySelector(".field__label");
    mark.querySelector("[data-preset-revert]").setAttribute("aria-label", fill(mark.dataset.revert, { field: label.textContent.trim() }));
    field.append(mark);
  }

  #tell(count) {
    this.querySelector("[data-changes]").hidden = count === 0;
    this.querySelector("[data-count]").textContent = count === 1 ? this.#templates.word("one") : this.#templates.word("many", { count });
  }

  #clicked = (event) => {
    const button = event.target.closest?.("[data-preset-revert]");
    if (!button || !this.#form?.contains(button)) return;
    const theirs = JSON.parse(this.dataset.values);
    const field = button.closest("[data-field]");
    if (field) {
      putValues(field, theirs.fields[field.dataset.field] ?? []);
      field.querySelector("textarea, select, .field__value, .input, .switch, .tokens__box")?.focus();
      return;
    }
    const select = this.#form.querySelector("[name=model]");
    select.value = theirs.model;
    select.focus();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // --- kept with the draft ---

  #changed = () => {
    this.#compare();
    if (!this.#isChosen) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), KEEP_DELAY_MS);
  };

  async #keep() {
    const data = new URLSearchParams();
    for (const form of [this.#form, document.getElementById("composer-form")]) {
      if (!form) return;
      for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "text") data.append(name, value);
    }
    const response = await post(this.getAttribute("keep"), data).catch(() => null);
    // From now on a reload finds what is kept, not what the address once said.
    if (response?.ok && location.pathname === "/" && location.search) history.replaceState(history.state, "", "/");
  }

  /** What is sent belongs to the conversation. */
  #sending = ({ detail: { ctx } }) => {
    if (ctx.sourceElement?.id === "composer-form") clearTimeout(this.#timer);
  };
}

customElements.define("preset-panel", PresetPanel);
