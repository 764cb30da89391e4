/**
 * <column-settings>: the drawer that holds the settings of one column. They are kept as they are changed; a pinned field is
 * the same in all columns. Events of its form stay in here: the composer and the other columns have models of their own.
 */

const SAVE_DELAY_MS = 300;

class ColumnSettings extends HTMLElement {
  #listening = null;
  #saveTimer = 0;
  #opener = null; // column whose settings these are
  #model = null; // of the form that was last there; null before the first one has come

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    document.addEventListener("click", this.#open, { signal });
    document.addEventListener("keydown", this.#keydown, { signal, capture: true });
    this.addEventListener("click", this.#clicked, { signal });
    this.addEventListener("model-changed", this.#modelChanged, { signal });
    this.addEventListener("parameters-changed", this.#parametersChanged, { signal });
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#saveNow();
  }

  get #form() {
    return this.querySelector("#column-form");
  }

  #open = ({ target }) => {
    const button = target.closest?.("[data-column-settings]");
    if (!button) return;
    this.#saveNow();
    this.#model = null;
    this.#opener = button.dataset.columnSettings;
    this.hidden = false;
  };

  #keydown = (event) => {
    if (event.key !== "Escape" || this.hidden || !this.contains(document.activeElement)) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    event.preventDefault();
    event.stopPropagation();
    this.#close();
  };

  #close() {
    this.#saveNow();
    this.hidden = true;
    document.querySelector(`[data-column-settings="${this.#opener}"]`)?.focus();
  }

  #clicked = ({ target }) => {
    if (target.closest("[data-close]")) this.#close();
    const pin = target.closest("[data-pin]");
    if (pin) this.#pin(pin);
  };

  /** A form has come: the column's own, or another model's, which is a change. */
  #modelChanged = (event) => {
    event.stopPropagation();
    this.#addPins();
    const isFirst = this.#model === null;
    this.#model = event.detail.model;
    if (isFirst) this.querySelector("[data-heading]")?.focus();
    else this.#saveSoon();
  };

  #parametersChanged = (event) => {
    event.stopPropagation();
    this.#saveSoon();
  };

  #saveSoon() {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => this.#saveNow(), SAVE_DELAY_MS);
    this.#saveTimer ||= 1;
  }

  #saveNow() {
    if (!this.#saveTimer) return;
    clearTimeout(this.#saveTimer);
    this.#saveTimer = 0;
    this.querySelector("[data-save]")?.dispatchEvent(new Event("save"));
  }

  // --- pins ---

  #addPins() {
    const template = this.querySelector('[data-template="pin"]');
    const pinned = new Set(this.#form.dataset.pinned.split(" "));
    for (const field of this.querySelectorAll("[data-field], .field--model, .field--preset")) {
      const name = field.dataset.field ?? (field.matches(".field--preset") ? "preset" : "model");
      if (field.querySelector("[data-pin]")) continue; // it was kept when the model changed
      const pin = template.content.firstElementChild.cloneNode(true);
      const label = field.querySelector(".field__label");
      pin.dataset.pin = name;
      pin.setAttribute("aria-pressed", String(pinned.has(name)));
      label.id ||= `pin-label-${name}`;
      pin.setAttribute("aria-describedby", label.id);
      label.after(pin);
    }
  }

  #pin(pin) {
    const { column, pinUrl } = this.#form.dataset;
    const isPinned = pin.getAttribute("aria-pressed") !== "true";
    const pinned = new Set(this.#form.dataset.pinned.split(" ").filter(Boolean));
    if (isPinned) pinned.add(pin.dataset.pin);
    else pinned.delete(pin.dataset.pin);
    pin.setAttribute("aria-pressed", String(isPinned));
    this.#form.dataset.pinned = [...pinned].join(" ");
    this.#saveNow(); // what was just entered is what all columns take
    const values = { field: pin.dataset.pin, is_pinned: String(isPinned), column };
    globalThis.htmx.ajax("POST", pinUrl, { source: this.#form, target: this.#form, swap: "none", values });
  }
}

customElements.define("column-settings", ColumnSettings);
