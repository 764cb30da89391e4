/**
 * <chat-composer draft conversation owner stop again>: the box a message is written in. htmx sends it; this element knows the keys,
 * gives every message its request id, keeps the draft (lib/draft-keeper.js), and takes away only what was really sent.
 */
import { DraftKeeper } from "lib/draft-keeper.js";
import { randomId } from "lib/http.js";
import { SendGate } from "lib/send-gate.js";
import { requestStop } from "lib/stopping.js";
import { uploads } from "lib/uploads.js";

const GO_ON_KEY = "composer:go-on"; // set while a sent message opens its conversation: there the writer goes on
const CONVERSATION_URL = /\/c\/([0-9a-f-]{36})\//;

class ChatComposer extends HTMLElement {
  #attempt = { content: null, id: "" }; // the same content sent again is the same message
  #draft = null;
  #sent = null; // the text that is on its way; null when none is
  #listening = null;
  #gate = null;
  #model = null; // the chosen one
  #isMoving = false; // the first message was taken; the page of its conversation is on its way

  connectedCallback() {
    this.#listening = new AbortController();
    this.#draft = new DraftKeeper(this, this.#text, { signal: this.#listening.signal, changed: () => this.#grow() });
    this.#gate = new SendGate(this.#form, this.querySelector("[data-send]"), {
      signal: this.#listening.signal,
      changed: this.#showState,
    });
    this.addEventListener("keydown", this.#keydown);
    this.addEventListener("input", this.#input);
    this.addEventListener("click", this.#clicked);
    this.addEventListener("htmx:config:request", this.#config);
    this.addEventListener("htmx:after:request", this.#answered);
    this.addEventListener("htmx:finally:request", this.#finished);
    document.addEventListener("click", this.#starter);
    document.addEventListener("live-answer:change", this.#showState);
    document.addEventListener("model-changed", this.#modelChanged);
    document.addEventListener("parameters-changed", this.#mended);
    this.#model = document.querySelector("inspector-form")?.getAttribute("model") ?? null;
    this.#showState();
    this.#grow();
    this.#goOn();
  }

  disconnectedCallback() {
    this.#listening.abort();
    document.removeEventListener("click", this.#starter);
    document.removeEventListener("live-answer:change", this.#showState);
    document.removeEventListener("model-changed", this.#modelChanged);
    document.removeEventListener("parameters-changed", this.#mended);
  }

  get #form() {
    return this.querySelector("form");
  }

  get #text() {
    return this.querySelector("textarea[name=text]");
  }

  /** Empty in a new chat. */
  get #conversation() {
    return this.getAttribute("conversation") ?? "";
  }

  get #isEmpty() {
    return this.#text.value.trim() === "" && !this.querySelector('[name=attachments]:not([value=""])');
  }

  /** Send what is written, as the button does. */
  send() {
    this.#form.requestSubmit(this.querySelector("[data-send]"));
  }

  /** Stop what waits to be sent, or else the answers that are being written. Returns whether there was anything. */
  stop() {
    if (this.#gate.isWaiting) {
      this.#gate.giveUp();
      return true;
    }
    const live = [...document.querySelectorAll("live-answer")];
    const stops = this.hasAttribute("stop") && live.length > 0 ? [this] : live;
    for (const one of stops) requestStop(one.getAttribute("stop"));
    return live.length > 0;
  }

  focusText() {
    this.#text.focus();
  }

  /** The first message has led to the page of its conversation: the focus comes along, and so do images dropped meanwhile. */
  #goOn() {
    if (!this.#conversation) return;
    uploads.release();
    if (sessionStorage.getItem(GO_ON_KEY) === null) return;
    sessionStorage.removeItem(GO_ON_KEY);
    this.focusText();
  }

  // --- keys and clicks ---

  #keydown = (event) => {
    if (event.target !== this.#text || event.key !== "Enter" || event.isComposing) return;
    const withMod = event.ctrlKey || event.metaKey;
    const enterSends = document.documentElement.dataset.sendKey !== "mod-enter" && !matchMedia("(pointer: coarse)").matches;
    if (withMod || (enterSends && !event.shiftKey && !event.altKey)) {
      event.preventDefault();
      event.stopPropagation();
      this.send();
    }
  };

  #clicked = (event) => {
    if (event.target.closest("[data-stop]")) this.stop();
  };

  #starter = (event) => {
    const prompt = event.target.closest?.("[data-prompt]")?.dataset.prompt;
    if (prompt === undefined) return;
    this.#text.value = prompt;
    this.#text.focus();
    this.#text.setSelectionRange(prompt.length, prompt.length);
    this.#text.dispatchEvent(new Event("input", { bubbles: true }));
  };

  #showState = () => {
    const stop = this.querySelector("[data-stop]");
    const isIdle = document.querySelector("live-answer") === null && !this.#gate.isWaiting;
    if (isIdle && stop === document.activeElement) this.focusText(); // or the focus would be lost with the button
    stop.hidden = isIdle;
  };

  /** Warnings were about the model that was chosen before. */
  #modelChanged = ({ detail: { model } }) => {
    if (model !== this.#model) {
      for (const warning of this.querySelectorAll("#composer-errors .callout--warn")) warning.remove();
    }
    this.#model = model;
  };

  /** What was wrong with the message is being changed; sending it again tells whether all is well. */
  #mended = () => {
    for (const error of this.querySelectorAll("#composer-errors .callout--bad")) error.remove();
  };

  // --- sending ---

  #config = (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== this.#form) return;
    if (this.#isEmpty && this.hasAttribute("again")) this.#runAgain();
    if (this.#isEmpty || this.#sent !== null || this.#isMoving) {
      event.preventDefault();
      this.focusText();
      return;
    }
    const body = ctx.request.body;
    const messages = document.querySelectorAll("#thread .message");
    body.set("parent", [...messages].at(-1)?.dataset.message ?? "");
    body.delete("request_id");
    body.delete("draft_version"); // changes while the content stays the same
    const content = JSON.stringify([...body].filter(([name]) => name !== "csrfmiddlewaretoken"));
    if (content !== this.#attempt.content) this.#attempt = { content, id: randomId() };
    body.set("request_id", this.#attempt.id);
    body.set("draft_version", this.#draft.version);
    this.#sent = this.#text.value;
    if (!this.#conversation) uploads.hold();
    this.#draft.sending();
  };

  /** With nothing written, the last prompt runs again in all columns. */
  #runAgain() {
    const values = { request_id: randomId() };
    globalThis.htmx.ajax("POST", this.getAttribute("again"), { source: this, target: this, swap: "none", values });
  }

  #answered = (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== this.#form) return;
    const { status, headers } = ctx.response;
    if ((status === 422 || status === 429) && headers.has("Draft-Version")) this.#draft.refused(this.#sent, headers.get("Draft-Version"));
    if (status >= 300) return;
    this.#attempt = { content: null, id: "" };
    // What was typed while the message was on its way stays.
    if (this.#text.value.startsWith(this.#sent)) this.#text.value = this.#text.value.slice(this.#sent.length).trimStart();
    this.#grow();
    if (ctx.hx.redirect) {
      event.preventDefault(); // htmx would leave the page
      this.#moveTo(ctx.hx.redirect);
      return;
    }
    this.#draft.sent();
    this.#text.dispatchEvent(new CustomEvent("chat-composer:sent", { bubbles: true }));
  };

  #finished = ({ detail: { ctx } }) => {
    if (ctx.sourceElement !== this.#form) return;
    this.#sent = null;
    if (!this.#isMoving) uploads.release();
    this.#draft.finished();
  };

  /** Show the conversation at `url` without leaving the page: what is typed and dropped meanwhile would be lost with it. */
  async #moveTo(url) {
    this.#isMoving = true;
    const [, conversation] = url.match(CONVERSATION_URL);
    this.#draft.moveTo(conversation);
    this.querySelector("image-tray").dataset.conversation = conversation;
    if (this.contains(document.activeElement)) sessionStorage.setItem(GO_ON_KEY, "1");
    // Settled at once: else the new elements would connect with the attributes of the old ones.
    const swap = { target: "#main", select: "#main", swap: "outerHTML settle:0", selectOOB: "#conversations", push: url };
    await globalThis.htmx.ajax("GET", url, swap);
    if (this.isConnected) location.assign(url); // it did not come
  }

  #input = (event) => {
    if (event.target !== this.#text) return;
    this.#mended();
    this.#grow();
    this.#draft.typed();
  };

  /** Where the browser cannot size a box by its text. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#text.style.setProperty("height", "auto");
    this.#text.style.setProperty("height", `${this.#text.scrollHeight}px`);
  }
}

customElements.define("chat-composer", ChatComposer);
