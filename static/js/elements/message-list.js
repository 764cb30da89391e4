/**
 * <message-list news conversation>: the thread. Follows the bottom only while the reader is there, keeps the place when
 * older messages come in above, and fetches the news of its conversation.
 */
import { lastSettled, mergeMessages } from "lib/merge-messages.js";
import { runSocket } from "lib/run-socket.js";

const AT_BOTTOM_PX = 32;
const LATEST_PX = 160; // farther from the bottom than this, the way back is offered
const NEWS_DELAY_MS = 150; // several hints in a row are one request

class MessageList extends HTMLElement {
  #follows = true;
  #lastTop = 0;
  #newsTimer = 0;
  #swaps = new WeakSet(); // that concern this list
  #place = null; // the message that keeps its place while older ones come in
  #focused = null; // what had the focus before a swap: its message and its name
  #wanted = ""; // the id that the address names
  #resizes = new ResizeObserver(() => this.#settle());

  connectedCallback() {
    this.#readAddress();
    this.addEventListener("scroll", this.#scrolled, { passive: true });
    this.addEventListener("click", this.#clicked);
    document.addEventListener("htmx:before:swap", this.#beforeSwap);
    document.addEventListener("htmx:after:swap", this.#afterSwap);
    document.addEventListener("chat-composer:sent", this.#toBottom);
    document.addEventListener("model-changed", this.#modelChanged);
    addEventListener("hashchange", this.#addressed);
    runSocket.addEventListener("changed", this.#changed);
    if (this.hasAttribute("conversation")) runSocket.watch(this.getAttribute("conversation"), this);
    this.#observe();
    this.#findWanted();
    this.#settle();
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:before:swap", this.#beforeSwap);
    document.removeEventListener("htmx:after:swap", this.#afterSwap);
    document.removeEventListener("chat-composer:sent", this.#toBottom);
    document.removeEventListener("model-changed", this.#modelChanged);
    removeEventListener("hashchange", this.#addressed);
    runSocket.removeEventListener("changed", this.#changed);
    if (this.hasAttribute("conversation")) runSocket.unwatch(this.getAttribute("conversation"), this);
    this.#resizes.disconnect();
    clearTimeout(this.#newsTimer);
  }

  get #distance() {
    return this.scrollHeight - this.clientHeight - this.scrollTop;
  }

  #observe() {
    this.#resizes.disconnect();
    this.#resizes.observe(this);
    this.#resizes.observe(this.querySelector(".thread__messages"));
  }

  /** Runs after layout and before paint, so a growing answer never shows a frame that is not at the bottom. */
  #settle() {
    if (this.#follows) this.scrollTop = this.scrollHeight;
    this.#lastTop = this.scrollTop;
    this.#offerLatest();
  }

  #offerLatest() {
    const latest = this.querySelector(".latest");
    const isNear = this.#follows || this.#distance < LATEST_PX;
    if (latest.hidden !== isNear) latest.hidden = isNear; // set once more, it would be styled once more
  }

  #scrolled = () => {
    if (this.#distance < AT_BOTTOM_PX) this.#follows = true;
    else if (this.scrollTop < this.#lastTop) this.#follows = false; // only a reader scrolls up from where we left it
    this.#lastTop = this.scrollTop;
    this.#offerLatest();
  };

  #clicked = (event) => {
    if (event.target.closest("[data-latest]")) this.#toBottom();
  };

  #toBottom = () => {
    this.#follows = true;
    this.#settle();
  };

  /** The images of the conversation are left out of what a model without vision is sent: style sheets mark them. */
  #modelChanged = ({ detail }) => this.toggleAttribute("data-blind", !detail.vision);

  // --- swaps ---

  #beforeSwap = ({ detail: { ctx, tasks } }) => {
    // Of several lists on one page only the one whose messages are swapped has anything to do.
    if (!tasks.some(({ target }) => target?.contains && (this.contains(target) || target.contains(this)))) return;
    this.#swaps.add(ctx);
    mergeMessages(tasks, ctx.sourceElement);
    this.#focused = focusIn(this.querySelector(".thread__messages")) ?? this.#focused; // a swap before may have just taken it
    if (!ctx.sourceElement?.matches?.("[data-older]") || !this.contains(ctx.sourceElement)) return;
    const first = this.querySelector(".message");
    this.#place = first && { first, top: first.getBoundingClientRect().top };
    this.style.setProperty("overflow-anchor", "none"); // or the browser would keep the place a second time
  };

  #afterSwap = ({ detail: { ctx } }) => {
    if (!this.#swaps.has(ctx)) return;
    if (this.#place) {
      const { first, top } = this.#place;
      this.#place = null;
      this.scrollTop += first.getBoundingClientRect().top - top;
      this.#lastTop = this.scrollTop;
      requestAnimationFrame(() => this.style.removeProperty("overflow-anchor"));
      this.#findWanted();
    }
    this.#observe();
    this.#findFocus();
  };

  /** Whoever works by keyboard goes on where the button was that the swap took away. */
  #findFocus() {
    const lost = this.#focused;
    this.#focused = null;
    if (!lost || document.activeElement !== document.body) return;
    const message = document.getElementById(lost.message) ?? [...this.querySelectorAll(".message")].at(-1);
    const buttons = [...(message?.querySelectorAll(".message__tools button:enabled") ?? [])];
    const same = buttons.find((button) => nameOf(button) === lost.name);
    (same ?? buttons[0] ?? this).focus({ preventScroll: true });
  }

  /** A hit of the search may be in the conversation that is open. */
  #addressed = () => {
    if (!location.hash.startsWith("#message-")) return;
    this.#readAddress();
    this.#findWanted();
  };

  #readAddress() {
    this.#wanted = location.hash.startsWith("#message-") ? location.hash.slice(1) : "";
    this.#follows = !this.#wanted;
  }

  /** Show the message that the address names; it may stand above what is loaded. */
  #findWanted() {
    if (!this.#wanted) return;
    const message = document.getElementById(this.#wanted);
    if (message) {
      this.#wanted = "";
      message.scrollIntoView({ block: "start" });
    } else if (this.querySelector("[data-older]")) {
      this.scrollTop = 0; // brings the loader into view
    } else {
      this.#wanted = "";
      this.#toBottom();
    }
  }

  // --- news ---

  #changed = ({ detail: conversation }) => {
    if (conversation !== this.getAttribute("conversation")) return;
    clearTimeout(this.#newsTimer);
    this.#newsTimer = setTimeout(() => this.#fetchNews(), NEWS_DELAY_MS);
  };

  #fetchNews() {
    if (document.querySelector("#composer-form.htmx-request") || this.querySelector(".htmx-request")) {
      this.#changed({ detail: this.getAttribute("conversation") }); // its answer may bring the same
      return;
    }
    const last = lastSettled(this)?.dataset.message ?? "";
    const url = `${this.getAttribute("news")}?after=${encodeURIComponent(last)}`;
    globalThis.htmx.ajax("GET", url, { source: this, target: this, swap: "none" });
  }
}

/** Which element within `thread` has the focus, in words that outlive it; null when none has. */
function focusIn(thread) {
  const element = document.activeElement;
  if (!thread?.contains(element)) return null;
  return { message: element.closest(".message")?.id ?? "", name: nameOf(element) };
}

function nameOf(element) {
  return element.getAttribute("aria-label") ?? element.textContent.trim();
}

customElements.define("message-list", MessageList);
