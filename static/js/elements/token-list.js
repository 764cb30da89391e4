/**
 * <token-list data-field="stop">: several short texts, each in a hidden field of its own.
 *
 * Enter, or leaving the box, makes what was typed a token; Backspace in the empty box takes the last one back. A typed \n
 * or \t means a line break or a tab, \\ a backslash: a box of one line could not hold them.
 */
import { announce, markSet } from "lib/field-state.js";

const ESCAPES = { "\\n": "\n", "\\t": "\t", "\\\\": "\\" };
const SHOWN = { "\n": "\\n", "\t": "\\t", "\\": "\\\\" };

class TokenList extends HTMLElement {
  #box;
  #list;

  connectedCallback() {
    this.#box = this.querySelector(".tokens__box");
    this.#list = this.querySelector(".tokens__list");
    this.#box.removeAttribute("name"); // from now on only tokens are sent
    this.#box.addEventListener("keydown", this.#key);
    this.#box.addEventListener("change", this.#take);
    this.addEventListener("click", this.#click);
    for (const text of this.querySelectorAll(".token__text")) text.textContent = shown(text.textContent);
    this.#show();
  }

  disconnectedCallback() {
    this.#box.removeEventListener("keydown", this.#key);
    this.#box.removeEventListener("change", this.#take);
    this.removeEventListener("click", this.#click);
  }

  reset() {
    this.#list.replaceChildren();
    this.#box.value = "";
    this.#changed();
  }

  /** These tokens instead. */
  put(texts) {
    this.#list.replaceChildren();
    for (const text of texts) this.#add(text);
    this.#changed();
  }

  get isSet() {
    return this.#list.childElementCount > 0;
  }

  #key = (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      this.#take();
      if (!event.ctrlKey && !event.metaKey) event.preventDefault();
    } else if (event.key === "Backspace" && this.#box.value === "" && this.isSet) {
      event.preventDefault();
      const last = this.#list.lastElementChild;
      this.#box.value = last.querySelector(".token__text").textContent;
      last.remove();
      this.#changed();
    }
  };

  #take = () => {
    const text = this.#box.value.replace(/\\[nt\\]/g, (mark) => ESCAPES[mark]);
    if (text === "") return;
    this.#box.value = "";
    const sent = Array.from(this.#list.querySelectorAll("input"), (input) => input.value);
    if (!sent.includes(text)) this.#add(text);
    this.#changed();
  };

  #click = (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    button.closest(".token").remove();
    this.#box.focus();
    this.#changed();
  };

  #add(text) {
    const token = this.querySelector("template").content.firstElementChild.cloneNode(true);
    token.querySelector(".token__text").textContent = shown(text);
    token.querySelector("input").value = text;
    const button = token.querySelector("[data-remove]");
    button.setAttribute("aria-label", `${button.getAttribute("aria-label").trim()} ${shown(text)}`);
    this.#list.append(token);
  }

  #changed() {
    this.#show();
    announce(this.#box);
  }

  #show() {
    markSet(this, this.isSet);
  }
}

function shown(text) {
  return text.replace(/[\n\t\\]/g, (mark) => SHOWN[mark]);
}

customElements.define("token-list", TokenList);
