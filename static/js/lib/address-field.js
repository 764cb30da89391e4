/** The box for an image's address: shown on demand, Enter adds, Escape closes. */

export class AddressField {
  #box;
  #add;
  #closed;

  /** `add(address)` resolves to whether it was taken; `closed` is called when the box goes away. Until `signal` aborts. */
  constructor(box, { add, closed, signal }) {
    this.#box = box;
    this.#add = add;
    this.#closed = closed;
    box.addEventListener("keydown", (event) => this.#key(event), { signal });
    box.querySelector("[data-address-add]").addEventListener("click", () => this.#submit(), { signal });
    box.querySelector("[data-address-cancel]").addEventListener("click", () => this.#close(), { signal });
  }

  get #field() {
    return this.#box.querySelector("[data-address-input]");
  }

  open() {
    this.#box.hidden = false;
    this.#field.value = "";
    this.#field.focus();
  }

  #close() {
    this.#box.hidden = true;
    this.#closed();
  }

  async #submit() {
    const address = this.#field.value;
    if (address.trim() && (await this.#add(address))) this.#close();
  }

  #key(event) {
    if (event.target !== this.#field) return;
    if (event.key === "Enter") {
      event.preventDefault(); // not the message
      this.#submit();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.#close();
    }
  }
}
