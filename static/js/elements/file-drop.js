/**
 * <file-drop>: a file field that also takes what is dropped anywhere on the page, and says which file it holds.
 * Markup: templates/presets/import.html. Without it the field is a plain one.
 */
import { onFiles } from "lib/file-drops.js";

class FileDrop extends HTMLElement {
  #listening = null;
  #words = "";

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.#words = this.#title.textContent;
    onFiles({
      take: (files) => this.#take(files),
      hover: (isOver) => this.toggleAttribute("data-dropping", isOver),
      accepts: () => true,
      signal,
    });
    this.addEventListener("change", () => this.#show(), { signal });
    this.#clear.addEventListener("click", () => this.#remove(), { signal });
    this.#show(); // what the browser kept over a reload
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#title.textContent = this.#words;
  }

  get #input() {
    return this.querySelector("input[type=file]");
  }

  get #title() {
    return this.querySelector(".file-drop__words b");
  }

  get #clear() {
    return this.querySelector("[data-clear]");
  }

  #remove() {
    this.#input.value = "";
    this.#input.focus();
    this.#show();
  }

  #take(files) {
    const held = new DataTransfer();
    held.items.add(files[0]);
    this.#input.files = held.files;
    this.#input.focus();
    this.#show();
  }

  #show() {
    const [file] = this.#input.files;
    this.#title.textContent = file?.name ?? this.#words;
    this.toggleAttribute("data-filled", Boolean(file));
    this.#clear.hidden = !file;
  }
}

customElements.define("file-drop", FileDrop);
