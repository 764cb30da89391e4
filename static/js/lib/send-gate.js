/**
 * Sending waits for the images that are still on their way. The button says so and how far they are; when all have arrived
 * the message goes out with them, and when one has failed nothing is sent: the card says which, and the text stays.
 */
import { fill } from "lib/fragments.js";
import { notify, word } from "lib/notices.js";
import { uploads } from "lib/uploads.js";

export class SendGate {
  #form;
  #button;
  #label;
  #isWaiting = false;
  #failed = []; // names, since Send was pressed
  #changed;

  /** Guards `form`, which `button` sends, until `signal` aborts; calls `changed` when waiting begins or ends. */
  constructor(form, button, { signal, changed }) {
    this.#form = form;
    this.#button = button;
    this.#label = button.textContent;
    this.#changed = changed;
    // On the way down, before htmx hears of it at the form.
    form.parentElement.addEventListener("submit", (event) => this.#hold(event), { signal, capture: true });
    form.addEventListener("upload-ended", ({ detail }) => this.#ended(detail), { signal });
    uploads.addEventListener("progress", () => this.#showProgress(), { signal });
  }

  get isWaiting() {
    return this.#isWaiting;
  }

  /** The writer has changed their mind: the images go on arriving, and nothing is sent. */
  giveUp() {
    this.#wait(false);
  }

  #hold(event) {
    if (event.target !== this.#form || uploads.all.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.#isWaiting) return;
    this.#failed = [];
    this.#wait(true);
    this.#form.querySelector("image-tray").say(word("sent-later"));
  }

  #wait(isWaiting) {
    this.#isWaiting = isWaiting;
    this.#button.toggleAttribute("data-waiting", isWaiting);
    if (isWaiting) this.#showProgress();
    else this.#button.textContent = this.#label;
    this.#changed();
  }

  #showProgress() {
    if (!this.#isWaiting) return;
    const all = uploads.all;
    const percent = Math.floor(all.reduce((sum, { percent }) => sum + percent, 0) / Math.max(all.length, 1));
    this.#button.textContent = fill(word("waiting-for-images"), { percent });
  }

  #ended({ name, outcome }) {
    if (!this.#isWaiting) return;
    if (outcome === "failed") this.#failed.push(name);
    if (uploads.all.length > 0) {
      this.#showProgress();
      return;
    }
    this.#wait(false);
    if (this.#failed.length > 0) notify(fill(word("not-sent"), { names: this.#failed.join(", ") }), "bad");
    else this.#form.requestSubmit(this.#button);
  }
}
