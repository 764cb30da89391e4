/**
 * <live-answer run message stop>: fills the message it stands in while its run is going on, and says what the run is
 * doing while there is no text. The finished message replaces the whole article, and with it this element.
 */
import { fill } from "lib/fragments.js";
import { OpenBlock } from "lib/open-block.js";
import { runSocket } from "lib/run-socket.js";

const LANGUAGE = document.documentElement.lang || undefined;
const SECONDS = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const RATE = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const SLOW_RATE = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const SLOW = 10; // tokens per second: below it a digit more means something

class LiveAnswer extends HTMLElement {
  cursor = ""; // opaque: what this page has

  #open = null;
  #thinking = null;
  #retryTimer = 0;

  connectedCallback() {
    const message = this.getAttribute("message");
    this.#open ??= new OpenBlock(document.getElementById(`open-${message}`));
    this.#thinking = document.getElementById(`thinking-${message}`);
    runSocket.follow(this.getAttribute("run"), this);
    document.dispatchEvent(new CustomEvent("live-answer:change"));
  }

  disconnectedCallback() {
    clearInterval(this.#retryTimer);
    runSocket.unfollow(this.getAttribute("run"), this);
    document.dispatchEvent(new CustomEvent("live-answer:change"));
  }

  /** One frame of the run; htmx has added its finished blocks already. */
  take({ after, open, reasoning, meta }) {
    if (reasoning) this.#think(reasoning);
    if (open) this.#open.write(open);
    if (meta) this.#say(meta);
    this.cursor = after;
  }

  #think(text) {
    this.#thinking.hidden = false;
    this.#thinking.lastElementChild.append(text);
  }

  #say(meta) {
    clearInterval(this.#retryTimer);
    this.dispatchEvent(new CustomEvent("live-answer:figures", { bubbles: true, detail: meta }));
    const isQuiet = !["queued", "sent", "reasoning", "retrying"].includes(meta.state);
    this.hidden = isQuiet;
    this.#figure("[data-first-token]", "seconds", meta.first_token_ms, (ms) => SECONDS.format(ms / 1000));
    this.#figure("[data-rate]", "rate", meta.tokens_per_second, (rate) => (rate < SLOW ? SLOW_RATE : RATE).format(rate));
    if (isQuiet) return;
    if (meta.state === "retrying") this.#countDown(meta);
    else this.#show(this.#fill(meta.state, meta));
  }

  /** Seconds until the next try. */
  #countDown(meta) {
    const until = performance.now() + meta.delay_s * 1000;
    const tick = () => {
      const delay = Math.max(0, Math.ceil((until - performance.now()) / 1000));
      this.#show(this.#fill("retrying", { ...meta, delay }));
    };
    tick();
    this.#retryTimer = setInterval(tick, 1000);
  }

  #figure(selector, word, value, format) {
    if (value == null) return;
    const figure = this.closest(".message")?.querySelector(selector);
    if (figure) this.#show(this.#fill(word, { [word]: format(value) }), figure);
  }

  #fill(word, values) {
    return fill(this.querySelector("template").content.querySelector(`[data-word="${word}"]`).textContent, values);
  }

  /** What stands there already is not written again: it would be laid out, and read out, once more. */
  #show(text, place = this.querySelector("[data-say]")) {
    if (place.textContent !== text) place.textContent = text;
  }
}

customElements.define("live-answer", LiveAnswer);
