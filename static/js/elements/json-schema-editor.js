/**
 * <json-schema-editor data-field="json_schema">: a text box for JSON that keeps the indentation, tells the caret's place,
 * lays the text out on demand and goes to the place that a note names. What is wrong is said by the server.
 */
import { announce, markSet, sendAs } from "lib/field-state.js";
import { offsetOf, placeOf, tidy } from "lib/json-text.js";

class JsonSchemaEditor extends HTMLElement {
  #text;
  #caret;

  connectedCallback() {
    this.#text = this.querySelector("textarea");
    this.#caret = this.querySelector("[data-caret]");
    this.#text.addEventListener("input", this.#show);
    this.#text.addEventListener("keydown", this.#indent);
    this.addEventListener("click", this.#click);
    document.addEventListener("selectionchange", this.#place);
    this.#show();
  }

  disconnectedCallback() {
    this.#text.removeEventListener("input", this.#show);
    this.#text.removeEventListener("keydown", this.#indent);
    this.removeEventListener("click", this.#click);
    document.removeEventListener("selectionchange", this.#place);
  }

  reset() {
    this.#text.value = "";
    announce(this.#text);
  }

  get isSet() {
    return this.#text.value.trim() !== "";
  }

  #show = () => {
    sendAs(this.#text, this.dataset.field, this.isSet);
    markSet(this, this.isSet);
  };

  #place = () => {
    const isHere = document.activeElement === this.#text;
    const { line, column } = placeOf(this.#text.value, this.#text.selectionStart);
    this.#caret.textContent = isHere ? `${line}:${column}` : "";
  };

  #indent = (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = this.#text;
    const before = value.slice(0, selectionStart);
    const indent = /[^\n]*$/.exec(before)[0].match(/^\s*/)[0];
    const deeper = /[{[]\s*$/.test(before) ? "  " : "";
    this.#text.setRangeText(`\n${indent}${deeper}`, selectionStart, selectionEnd, "end");
    announce(this.#text);
  };

  #click = (event) => {
    const place = event.target.closest("[data-line]");
    if (place) this.#goTo(Number(place.dataset.line), Number(place.dataset.column));
    else if (event.target.closest("[data-format]")) this.#tidy();
  };

  #goTo(line, column) {
    const offset = offsetOf(this.#text.value, line, column);
    this.#text.focus();
    this.#text.setSelectionRange(offset, offset);
  }

  #tidy() {
    const laid = tidy(this.#text.value);
    if (laid === null || laid === this.#text.value) return;
    this.#text.value = laid;
    announce(this.#text);
  }
}

customElements.define("json-schema-editor", JsonSchemaEditor);
