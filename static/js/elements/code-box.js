/** <code-box>: a block of code with its language and a button that copies it. */
import { copyText } from "lib/clipboard.js";
import { notify, word } from "lib/notices.js";

const SHOWN_MS = 1600;

class CodeBox extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.querySelector(".code-box__copy")?.addEventListener("click", this.#copy);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #copy = async ({ currentTarget: button }) => {
    try {
      await copyText(this.querySelector("code").textContent);
    } catch {
      notify(word("not-copied"), "bad");
      return;
    }
    button.dataset.label ??= button.textContent;
    button.textContent = button.dataset.done;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (button.textContent = button.dataset.label), SHOWN_MS);
  };
}

customElements.define("code-box", CodeBox);
