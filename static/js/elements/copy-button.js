/**
 * <copy-button src>: copies the text at `src`, else that of its [data-copy-source].
 * Works on plain HTTP too, where browsers have no clipboard for pages.
 */
import { copyText } from "lib/clipboard.js";
import { notify, word } from "lib/notices.js";

const SHOWN_MS = 1600;

class CopyButton extends HTMLElement {
  #timer = 0;
  #label = "";

  connectedCallback() {
    this.addEventListener("click", this.#copy);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#copy);
    clearTimeout(this.#timer);
  }

  #copy = async (event) => {
    if (!event.target.closest("button")) return;
    try {
      await copyText(this.#text());
      this.#confirm();
    } catch {
      notify(word("not-copied"), "bad");
    }
  };

  /** The text, or a promise of it: a clipboard that is asked within the click may be given it later. */
  #text() {
    const src = this.getAttribute("src");
    if (!src) return this.#source()?.textContent ?? "";
    return fetch(src, { credentials: "same-origin" }).then((response) => {
      if (!response.ok) throw new Error(`${response.status}`);
      return response.text();
    });
  }

  #source() {
    return this.querySelector("[data-copy-source]");
  }

  #confirm() {
    const label = this.querySelector("span") ?? this.querySelector("button");
    if (this.#timer) clearTimeout(this.#timer);
    else this.#label = label.textContent;
    label.textContent = word("copied");
    this.setAttribute("hx-morph-skip", ""); // the news of an answer's end draws its buttons anew: not this one, now
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      label.textContent = this.#label;
      this.removeAttribute("hx-morph-skip");
    }, SHOWN_MS);
  }
}

customElements.define("copy-button", CopyButton);
