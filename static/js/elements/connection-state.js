/** <connection-state>: says calmly that the page is reconnecting, once that takes longer than a blink. */
import { notify, word } from "lib/notices.js";
import { runSocket } from "lib/run-socket.js";

const BLINK_MS = 1200;

class ConnectionState extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    runSocket.addEventListener("state", this.#update);
  }

  disconnectedCallback() {
    runSocket.removeEventListener("state", this.#update);
    clearTimeout(this.#timer);
  }

  #update = (event) => {
    clearTimeout(this.#timer);
    if (event.detail?.isRefused) notify(word("signed-out"), "bad");
    if (runSocket.isOpen || event.detail?.isRefused) {
      this.hidden = true;
    } else {
      // A hidden tab closes its socket on purpose, and has time to open it again when it is looked at.
      this.#timer = setTimeout(() => {
        if (!runSocket.isOpen) this.hidden = document.hidden;
      }, BLINK_MS);
    }
  };
}

customElements.define("connection-state", ConnectionState);
