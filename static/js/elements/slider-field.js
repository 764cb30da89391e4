/**
 * <slider-field start="1" data-field="temperature">: a slider and a number box that say the same.
 *
 * The box holds the value and is empty while the field is unset; its placeholder is the ghost. `start` is where the slider
 * stands then. Arrow keys, Page Up and Down, Home and End are the slider's own; a double click on it resets.
 */
import { announce, markSet, sendAs } from "lib/field-state.js";

const PAGE_STEPS = 10; // of the number box, which browsers give none

class SliderField extends HTMLElement {
  #box;
  #slider;

  connectedCallback() {
    this.#box = this.querySelector(".field__value");
    this.#slider = this.querySelector(".slider");
    this.#box.addEventListener("input", this.#show);
    this.#box.addEventListener("keydown", this.#page);
    this.#slider.addEventListener("input", this.#slide);
    this.#slider.addEventListener("dblclick", this.#double);
    this.#show();
  }

  disconnectedCallback() {
    this.#box.removeEventListener("input", this.#show);
    this.#box.removeEventListener("keydown", this.#page);
    this.#slider.removeEventListener("input", this.#slide);
    this.#slider.removeEventListener("dblclick", this.#double);
  }

  /** Leave it to the provider. */
  reset() {
    this.#box.value = "";
    announce(this.#box);
  }

  get isSet() {
    return this.#box.value !== "";
  }

  #slide = () => {
    this.#box.value = this.#format(this.#slider.valueAsNumber);
    this.#show();
  };

  #double = (event) => {
    event.preventDefault();
    this.reset();
  };

  #page = (event) => {
    const direction = { PageUp: 1, PageDown: -1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    const { min, max, step } = this.#slider;
    const next = this.#slider.valueAsNumber + direction * PAGE_STEPS * Number(step);
    this.#box.value = this.#format(Math.min(Math.max(next, Number(min)), Number(max)));
    announce(this.#box);
  };

  #show = () => {
    const isSet = this.isSet;
    this.#slider.value = isSet ? this.#box.value : this.getAttribute("start");
    const { min, max, valueAsNumber } = this.#slider;
    const share = (valueAsNumber - Number(min)) / (Number(max) - Number(min));
    this.#slider.style.setProperty("--fill", `${share * 100}%`);
    if (isSet) this.#slider.removeAttribute("aria-valuetext");
    else this.#slider.setAttribute("aria-valuetext", this.#box.placeholder);
    sendAs(this.#box, this.dataset.field, isSet);
    markSet(this, isSet);
  };

  #format(value) {
    const digits = this.#slider.step.split(".")[1]?.length ?? 0;
    return value.toFixed(digits);
  }
}

customElements.define("slider-field", SliderField);
