/**
 * <preferences-form>: shows a chosen theme and send key at once, before it is saved; the server keeps them.
 * Leaving without saving puts back what was there.
 */
class PreferencesForm extends HTMLElement {
  static #names = { theme: "theme", send_key: "sendKey" };

  connectedCallback() {
    this.addEventListener("change", this.#show);
    for (const input of this.querySelectorAll("input[type=radio]:checked")) this.#apply(input);
  }

  disconnectedCallback() {
    this.removeEventListener("change", this.#show);
  }

  #show = (event) => {
    if (event.target.matches("input[type=radio]")) this.#apply(event.target);
  };

  #apply(input) {
    const key = PreferencesForm.#names[input.name];
    if (key) document.documentElement.dataset[key] = input.value;
  }
}

customElements.define("preferences-form", PreferencesForm);
