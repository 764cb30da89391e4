/**
 * The images of a draft: choose, drop, paste or name them; order, describe and remove them.
 * Markup and words: templates/chat/_attachments.html. Every change is stored at once, so a reload loses nothing.
 * In:  `model-changed` on the document, detail {model: "provider/name"}.
 * Out: `attachments-changed` (bubbles) when what would be sent has changed.
 */
import { post } from "lib/http.js";
import "lib/lightbox.js";
import { UploadQueue } from "lib/uploads.js";

const TIMEOUT_MS = 20_000;
const MEGABYTE = 1024 * 1024;
// The browser leaves a dragged file's window without a word when the drag is cancelled outside.
const DRAG_IDLE_MS = 400;

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // our own server's fragment
  return template.content;
}

const hasFiles = (transfer) => Boolean(transfer?.types.includes("Files"));

class ImageTray extends HTMLElement {
  #listening = null;
  #uploads = new UploadQueue();
  #dragged = null;
  #dragTimer = 0;
  #sendsWhenDone = false;
  #version = 0; // counts what changes here, so that an older answer of the server does not undo it

  connectedCallback() {
    this.#listening = new AbortController();
    const on = (target, type, handler, options) =>
      target.addEventListener(type, handler, { ...options, signal: this.#listening.signal });
    on(this, "click", (event) => this.#click(event));
    on(this, "change", (event) => this.#change(event));
    on(this, "keydown", (event) => this.#key(event));
    on(this, "dragstart", (event) => this.#dragStart(event));
    on(this, "dragend", () => this.#dragEnd());
    on(window, "dragover", (event) => this.#dragOver(event));
    on(window, "drop", (event) => this.#drop(event));
    on(document, "paste", (event) => this.#paste(event));
    on(document, "model-changed", (event) => this.#changeModel(event.detail?.model ?? ""));
    const form = this.closest("form");
    if (!form) return;
    on(form, "click", (event) => this.#pressAttach(event));
    on(form, "submit", (event) => this.#holdBack(event), { capture: true });
  }

  disconnectedCallback() {
    this.#listening.abort();
    clearTimeout(this.#dragTimer);
  }

  get #list() {
    return this.querySelector("[data-list]");
  }

  get #cards() {
    return [...this.#list.querySelectorAll("[data-attachment]")];
  }

  get #attach() {
    return this.closest("form")?.querySelector("[data-attach]");
  }

  get #fields() {
    return { conversation: this.dataset.conversation, model: this.dataset.model };
  }

  // --- in: picker, drop, paste, address

  #pressAttach(event) {
    const button = event.target.closest("[data-attach-files], [data-attach-address]");
    if (!button || this.#refusesImages()) return;
    if (button.matches("[data-attach-files]")) this.querySelector("[data-file]").click();
    else this.#showAddress(true);
  }

  /** True, and says why, when the model has no vision. */
  #refusesImages() {
    if (this.dataset.vision === "true") return false;
    this.#say(this.#attach?.querySelector(".attach__why")?.textContent ?? "");
    return true;
  }

  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || event.target.closest?.("dialog")) return;
    event.preventDefault();
    this.#take(files);
  }

  #dragOver(event) {
    if (this.#dragged) this.#sortOver(event);
    else if (hasFiles(event.dataTransfer)) {
      event.preventDefault();
      event.dataTransfer.dropEffect = this.dataset.vision === "true" ? "copy" : "none";
      this.toggleAttribute("data-dropping", true);
      clearTimeout(this.#dragTimer);
      this.#dragTimer = setTimeout(() => this.removeAttribute("data-dropping"), DRAG_IDLE_MS);
    }
  }

  #drop(event) {
    this.removeAttribute("data-dropping");
    if (this.#dragged) event.preventDefault();
    else if (hasFiles(event.dataTransfer)) {
      event.preventDefault(); // or the browser would leave the page for the file
      this.#take([...event.dataTransfer.files]);
    }
  }

  #take(files) {
    if (!this.#refusesImages()) files.forEach((file) => this.#upload(file));
  }

  #showAddress(isShown) {
    this.querySelector("[data-address]").hidden = !isShown;
    const field = this.querySelector("[data-address-input]");
    field.value = "";
    if (isShown) field.focus();
    else this.#attach?.querySelector("[data-attach-address]")?.focus();
  }

  async #addAddress() {
    const field = this.querySelector("[data-address-input]");
    if (!field.value.trim()) return;
    const response = await this.#post(this.dataset.urlUrl, { url: field.value });
    if (!response) return;
    this.#place(await response.text(), response.ok);
    if (response.ok) this.#showAddress(false);
  }

  // --- uploading

  #upload(file) {
    if (file.size > Number(this.dataset.maxBytes)) {
      const megabytes = Number(this.dataset.maxBytes) / MEGABYTE;
      this.#fail(this.#word("too-large", { name: file.name, megabytes }), file.name);
      return;
    }
    if (this.#cards.length + this.#uploads.size >= Number(this.dataset.limit)) {
      this.#fail(this.#word("too-many", { name: file.name, limit: this.dataset.limit }), file.name);
      return;
    }
    const card = this.#template("uploading");
    const bar = card.querySelector("progress");
    card.querySelector(".shot__name").textContent = file.name;
    bar.ariaLabel = this.#word("uploading", { name: file.name });
    this.#list.append(card);
    this.#showParts();
    this.#say(bar.ariaLabel);
    const cancel = this.#uploads.add({
      url: this.dataset.uploadUrl,
      file,
      fields: this.#fields,
      progress: (percent) => {
        bar.value = percent;
        card.querySelector("[data-percent]").textContent = percent < 100 ? `${percent} %` : this.#word("processing", {});
      },
      done: (answer) => this.#uploaded(card, file.name, answer),
    });
    card.querySelector("[data-cancel]").addEventListener("click", () => {
      cancel();
      card.remove();
      this.#changed();
    });
  }

  #uploaded(card, name, { status, text, redirect }) {
    if (redirect) {
      window.location.assign(redirect);
      return;
    }
    const answer = fragment(text).querySelector("[data-attachment], [data-failed]");
    const word = status === 0 ? "offline" : status === 413 ? "too-large" : "refused";
    const megabytes = Number(this.dataset.maxBytes) / MEGABYTE;
    const shown = answer ?? this.#failure(this.#word(word, { name, megabytes }), name);
    card.replaceWith(shown);
    this.#say(shown.matches("[data-failed]") ? shown.textContent : this.#word("attached", { name }));
    this.#changed();
    this.#sendIfWaiting();
  }

  /** Sending waits for the uploads, and does not go on by itself when one has failed. */
  #holdBack(event) {
    if (this.#uploads.size === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#sendsWhenDone = true;
    this.#say(this.#word("waiting", {}));
  }

  #sendIfWaiting() {
    if (!this.#sendsWhenDone || this.#uploads.size > 0) return;
    this.#sendsWhenDone = false;
    if (!this.querySelector("[data-failed]")) this.closest("form").requestSubmit();
  }

  // --- changing what is there

  #click(event) {
    const button = event.target.closest("button");
    const card = button?.closest(".shot");
    if (!button) return;
    if (button.matches("[data-remove]")) this.#remove(card);
    else if (button.matches("[data-move]")) this.#move(card, Number(button.dataset.move), button);
    else if (button.matches("[data-dismiss]")) this.#dismiss(card);
    else if (button.matches("[data-address-add]")) this.#addAddress();
    else if (button.matches("[data-address-cancel]")) this.#showAddress(false);
  }

  #change(event) {
    const { target } = event;
    if (target.matches("[data-file]")) {
      this.#take([...target.files]);
      target.value = "";
    } else if (target.matches("[data-detail]")) this.#update(target, { detail: target.value });
    else if (target.matches("[data-alt]")) this.#update(target, { alt: target.value });
    else if (target.matches("[data-detail-all]") && target.value) this.#updateAll(target.value);
  }

  #key(event) {
    const isField = event.target.matches("[data-alt], [data-address-input]");
    if (event.key === "Enter" && isField) {
      event.preventDefault(); // not the message
      if (event.target.matches("[data-address-input]")) this.#addAddress();
      else event.target.blur();
    } else if (event.key === "Escape" && event.target.matches("[data-address-input]")) {
      event.stopPropagation();
      this.#showAddress(false);
    }
  }

  async #update(field, values) {
    const card = field.closest(".shot");
    const selector = field.matches("[data-alt]") ? "[data-alt]" : "[data-detail]";
    const response = await this.#post(card.dataset.updateUrl, values);
    const answer = response?.ok && fragment(await response.text()).firstElementChild;
    if (!answer) return;
    const shown = this.#shown(card);
    const hadFocus = shown?.contains(document.activeElement);
    shown?.replaceWith(answer);
    if (hadFocus) answer.querySelector(selector).focus();
    this.#changed();
  }

  async #updateAll(detail) {
    const response = await this.#post(this.dataset.detailUrl, { detail });
    if (response?.ok) this.#renew(await response.text());
    this.querySelector("[data-detail-all]")?.focus();
  }

  async #remove(card) {
    const response = await this.#post(card.dataset.removeUrl, {});
    // 404: removed in another tab. Either way it is gone.
    if (!response?.ok && response?.status !== 404) return;
    this.#say(this.#word("removed", { name: card.dataset.name }));
    this.#dismiss(this.#shown(card));
  }

  /** The card of the same image as it stands now: a refresh may have put another in its place. */
  #shown(card) {
    return this.#cards.find((other) => other.dataset.attachment === card.dataset.attachment);
  }

  #dismiss(card) {
    if (!card) return;
    const next = card.nextElementSibling ?? card.previousElementSibling;
    card.remove();
    this.#changed();
    (next?.querySelector("[data-remove], [data-dismiss]") ?? this.#attach?.querySelector("button"))?.focus();
  }

  #move(card, step, button) {
    const cards = this.#cards;
    const place = cards.indexOf(card) + step;
    if (place < 0 || place >= cards.length) return;
    if (step < 0) cards[place].before(card);
    else cards[place].after(card);
    button?.focus();
    this.#storeOrder(card);
  }

  #dragStart(event) {
    this.#dragged = event.target.closest?.("[data-attachment]") ?? null;
    this.#dragged?.toggleAttribute("data-dragged", true);
  }

  #sortOver(event) {
    const over = event.target.closest?.("[data-attachment]");
    if (!over || over.parentElement !== this.#list) return;
    event.preventDefault();
    if (over === this.#dragged) return;
    const cards = this.#cards;
    if (cards.indexOf(over) < cards.indexOf(this.#dragged)) over.before(this.#dragged);
    else over.after(this.#dragged);
  }

  #dragEnd() {
    if (!this.#dragged) return;
    this.#dragged.removeAttribute("data-dragged");
    this.#storeOrder(this.#dragged);
    this.#dragged = null;
  }

  async #storeOrder(card) {
    const order = this.#cards.map((other) => other.dataset.attachment);
    const place = order.indexOf(card.dataset.attachment) + 1;
    this.#say(this.#word("moved", { name: card.dataset.name, place, count: order.length }));
    const response = await this.#post(this.dataset.orderUrl, { order });
    if (response?.ok) this.#changed();
    else this.#refresh(true);
  }

  // --- showing

  async #changeModel(model) {
    this.dataset.model = model;
    await this.#refresh(true);
  }

  /** Limits and totals from the server, and the cards as well when `withCards`. */
  async #refresh(withCards) {
    const query = new URLSearchParams(this.#fields);
    const version = this.#version;
    const response = await fetch(`${this.dataset.trayUrl}?${query}`, {
      headers: { "HX-Request": "true" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => null);
    if (!response?.ok || !this.isConnected) return;
    const html = await response.text();
    if (version === this.#version) this.#renew(html, withCards);
    else await this.#refresh(withCards);
  }

  #renew(html, withCards = true) {
    const fresh = fragment(html).querySelector("image-tray");
    if (!fresh || fresh.dataset.model !== this.dataset.model) return; // overtaken by another choice
    Object.assign(this.dataset, { vision: fresh.dataset.vision, limit: fresh.dataset.limit });
    this.querySelector("[data-bar]").replaceWith(fresh.querySelector("[data-bar]"));
    if (withCards) {
      for (const card of this.#cards) card.remove();
      this.#list.prepend(...fresh.querySelectorAll("[data-attachment]"));
    }
    this.#showParts();
    this.#showVision(fresh.dataset.modelTitle);
  }

  #showVision(title) {
    const attach = this.#attach;
    if (!attach) return;
    const isBlind = this.dataset.vision !== "true";
    for (const button of attach.querySelectorAll("button")) {
      if (isBlind) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
    const why = isBlind ? attach.dataset.withoutVision.replace("{model}", title) : "";
    attach.querySelector(".attach__why").textContent = why;
  }

  #changed() {
    this.#version += 1;
    this.#showParts();
    this.dispatchEvent(new CustomEvent("attachments-changed", { bubbles: true }));
    if (this.#cards.length > 0) this.#refresh(false);
  }

  #showParts() {
    this.#list.hidden = this.#list.childElementCount === 0;
    this.querySelector("[data-bar]").hidden = this.#cards.length === 0;
  }

  #place(html, isAttached) {
    const card = fragment(html).firstElementChild;
    if (!card) return;
    this.#list.append(card);
    this.#say(isAttached ? this.#word("attached", { name: card.dataset.name }) : card.textContent);
    this.#changed();
  }

  #fail(message, name) {
    this.#list.append(this.#failure(message, name));
    this.#showParts();
    this.#say(message);
  }

  #failure(message, name) {
    const card = this.#template("failed");
    card.dataset.failed = name;
    card.querySelector("[data-reason]").textContent = message;
    return card;
  }

  async #post(url, values) {
    this.#version += 1;
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...this.#fields, ...values })) {
      for (const one of [value].flat()) form.append(name, one);
    }
    const response = await post(url, form).catch(() => null);
    this.#version += 1;
    const redirect = response?.headers.get("HX-Redirect");
    if (redirect) window.location.assign(redirect);
    return redirect ? null : response;
  }

  #template(name) {
    return this.querySelector(`[data-template="${name}"]`).content.firstElementChild.cloneNode(true);
  }

  #word(name, values) {
    const words = this.querySelector('[data-template="words"]').content;
    const text = words.querySelector(`[data-word="${name}"]`).textContent;
    return text.replace(/\{(\w+)\}/g, (_whole, key) => String(values[key] ?? ""));
  }

  #say(text) {
    this.querySelector("[data-status]").textContent = text.trim().replace(/\s+/g, " ");
  }
}

customElements.define("image-tray", ImageTray);
