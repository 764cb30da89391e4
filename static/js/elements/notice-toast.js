/** <notice-toast seconds>: a notice that goes by itself, but not while it is pointed at or holds the focus. */

const DEFAULT_S = 7;

class NoticeToast extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.addEventListener("click", this.#clicked);
    this.addEventListener("pointerenter", this.#hold);
    this.addEventListener("focusin", this.#hold);
    this.addEventListener("pointerleave", this.#start);
    this.addEventListener("focusout", this.#start);
    this.addEventListener("htmx:finally:request", this.#finished);
    this.#start();
  }

  disconnectedCallback() {
    this.#hold();
  }

  #start = () => {
    this.#hold();
    this.#timer = setTimeout(() => this.remove(), (Number(this.getAttribute("seconds")) || DEFAULT_S) * 1000);
  };

  #hold = () => clearTimeout(this.#timer);

  #clicked = (event) => {
    if (event.target.closest("[data-close]")) this.remove();
  };

  #finished = (event) => {
    if (event.target.closest("[data-close-after]")) this.remove();
  };
}

customElements.define("notice-toast", NoticeToast);
