/** <connection-state>: says calmly that the page is reconnecting, once that takes longer than a blink. */
import { notify, word } from "lib/notices.js";
import { runSocket } from "lib/run-socket.js";

const BLINK_MS = 1200;

class ConnectionState extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    runSocket.addEventListener("state", this.#update);
    this.#update(); // the line may be lost already when a swap brings this element
  }

  disconnectedCallback() {
    runSocket.removeEventListener("state", this.#update);
    this.#stopTimer();
  }

  #update = (event) => {
    const isRefused = event?.detail?.isRefused;
    if (isRefused) notify(word("signed-out"), "bad");
    if (runSocket.isOpen || isRefused) {
      this.#stopTimer();
      this.hidden = true;
    } else {
      // Each try that fails says so as well: the blink is over when the first one says.
      this.#timer ||= setTimeout(() => this.#show(), BLINK_MS);
    }
  };

  #show() {
    this.#timer = 0;
    // A hidden tab closes its socket on purpose, and has time to open it again when it is looked at.
    if (!runSocket.isOpen) this.hidden = document.hidden;
  }

  #stopTimer() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}

customElements.define("connection-state", ConnectionState);
