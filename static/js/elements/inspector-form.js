/**
 * <inspector-form model="provider/name" vision max-images="16">: the Parameters form.
 *
 * Keeps what is set and what is not, shows fields that depend on others, resets. Fires `model-changed`
 * {model, vision, maxImages} when a model's form comes into the page, and `parameters-changed` {setCount} on its <form>,
 * or on itself where it stands in a larger one, which asks the server for notes.
 */
import { announce, markSet, sendAs } from "lib/field-state.js";

const CONTROLS = "textarea, select, .field__value, .input, .switch";

class InspectorForm extends HTMLElement {
  static #refocus = false; // the select was changed: whoever comes next takes the focus that goes away with it

  connectedCallback() {
    this.addEventListener("change", this.#change);
    this.addEventListener("input", this.#input);
    this.addEventListener("click", this.#click);
    this.addEventListener("submit", this.#submit);
    for (const field of this.#plainFields()) this.#show(field);
    this.#showDependents();
    // Once the elements inside and beside it are there to listen.
    queueMicrotask(() => {
      this.#takeFocus();
      this.#tellModel();
    });
  }

  disconnectedCallback() {
    this.removeEventListener("change", this.#change);
    this.removeEventListener("input", this.#input);
    this.removeEventListener("click", this.#click);
    this.removeEventListener("submit", this.#submit);
  }

  #takeFocus() {
    if (InspectorForm.#refocus && document.activeElement === document.body) this.querySelector("select").focus();
    InspectorForm.#refocus = false;
  }

  #change = (event) => {
    if (event.target.name === "model") InspectorForm.#refocus = document.activeElement === event.target;
  };

  #tellModel() {
    if (!this.isConnected) return;
    const detail = {
      model: this.getAttribute("model"),
      vision: this.hasAttribute("vision"),
      maxImages: Number(this.getAttribute("max-images")),
    };
    this.dispatchEvent(new CustomEvent("model-changed", { bubbles: true, detail }));
  }

  #input = (event) => {
    const field = event.target.closest("[data-field]");
    if (!field) return;
    if (event.target.matches(".switch")) this.#holder(field).value = String(event.target.checked);
    if (!("reset" in field)) this.#show(field);
    this.#showDependents();
    this.#changed();
  };

  #click = (event) => {
    const field = event.target.closest("[data-field]");
    if (event.target.closest("[data-reset]") && field) {
      this.#reset(field);
      field.querySelector(CONTROLS)?.focus();
    } else if (event.target.closest("[data-reset-all]")) {
      for (const one of this.querySelectorAll(".field--set[data-field]")) this.#reset(one);
      this.querySelector("select")?.focus();
    }
  };

  #submit = (event) => event.preventDefault();

  #reset(field) {
    if ("reset" in field) {
      field.reset();
      return;
    }
    const control = field.querySelector(CONTROLS);
    if (control.matches(".switch")) {
      control.checked = "start" in control.dataset;
      this.#holder(field).value = "";
      this.#show(field);
      this.#changed();
    } else {
      control.value = "";
      announce(control);
    }
  }

  /** Fields that are no elements of their own: text areas, selects, number boxes, switches. */
  #plainFields() {
    return Array.from(this.querySelectorAll("[data-field]")).filter((field) => !field.localName.includes("-"));
  }

  /** What carries the value of `field` into the form: a switch has a hidden field, since unset is not off. */
  #holder(field) {
    return field.querySelector("input[type=hidden]") ?? field.querySelector(CONTROLS);
  }

  #show(field) {
    const holder = this.#holder(field);
    const isSet = holder.value !== "";
    sendAs(holder, field.dataset.field, isSet);
    markSet(field, isSet);
  }

  #showDependents() {
    for (const field of this.querySelectorAll("[data-when]")) {
      const other = this.querySelector(`[data-field="${CSS.escape(field.dataset.when)}"]`);
      field.hidden = !other || this.#holder(other).value !== field.dataset.whenValue;
    }
  }

  #changed() {
    const setCount = this.querySelectorAll(".field--set[data-field]").length;
    this.querySelector("[data-set-count]").textContent = String(setCount);
    this.querySelector("[data-reset-all]").hidden = setCount === 0;
    const form = this.querySelector("form") ?? this; // it may stand in a larger form
    form.dispatchEvent(new CustomEvent("parameters-changed", { bubbles: true, detail: { setCount } }));
  }
}

customElements.define("inspector-form", InspectorForm);
