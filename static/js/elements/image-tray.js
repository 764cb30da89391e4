/**
 * The images of a draft: choose, drop, paste or name them; order, describe and remove them.
 * Markup and words: templates/chat/_attachments.html. Every change is stored at once, so a reload loses nothing.
 * In:  `model-changed` on the document, detail {model: "provider/name"}.
 * Out: `attachments-changed` (bubbles) when what would be sent has changed; `upload-ended` (lib/upload-cards.js).
 */
import { AddressField } from "lib/address-field.js";
import { AttachButton } from "lib/attach-button.js";
import { CardOrder } from "lib/card-order.js";
import { onFiles } from "lib/file-drops.js";
import { fragment, Templates } from "lib/fragments.js";
import { post } from "lib/http.js";
import "lib/lightbox.js";
import { UploadCards } from "lib/upload-cards.js";

const TIMEOUT_MS = 20_000;

class ImageTray extends HTMLElement {
  templates = new Templates(this);

  #listening = null;
  #uploads = null;
  #order = null;
  #address = null;
  #attach = null;
  #version = 0; // counts what changes here, so that an older answer of the server does not undo it

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.#uploads = new UploadCards(this, signal);
    this.#order = new CardOrder(this.list, (card) => this.#storeOrder(card), signal);
    this.#address = new AddressField(this.querySelector("[data-address]"), {
      add: (address) => this.#addAddress(address),
      closed: () => this.#attach.focus("address"),
      signal,
    });
    this.#attach = new AttachButton(this.closest("form"), (kind) => this.#pressAttach(kind), signal);
    onFiles({
      take: (files) => this.#take(files),
      hover: (isOver) => this.toggleAttribute("data-dropping", isOver),
      accepts: () => this.dataset.vision === "true",
      signal,
    });
    this.addEventListener("click", (event) => this.#click(event), { signal });
    this.addEventListener("change", (event) => this.#change(event), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("model-changed", (event) => this.#changeModel(event.detail?.model ?? ""), { signal });
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  get list() {
    return this.querySelector("[data-list]");
  }

  /** How many images are attached. */
  get count() {
    return this.#cards.length;
  }

  /** What every request of ours says about where it comes from. */
  get fields() {
    return { conversation: this.dataset.conversation, model: this.dataset.model };
  }

  get #cards() {
    return [...this.list.querySelectorAll("[data-attachment]")];
  }

  // --- in: picker, drop, paste, address

  #pressAttach(kind) {
    if (this.#refusesImages()) return;
    if (kind === "files") this.querySelector("[data-file]").click();
    else this.#address.open();
  }

  /** True, and says why, when the model has no vision. */
  #refusesImages() {
    if (this.dataset.vision === "true") return false;
    this.say(this.#attach.why);
    return true;
  }

  #take(files) {
    if (!this.#refusesImages()) for (const file of files) this.#uploads.take(file);
  }

  async #addAddress(url) {
    const response = await this.#post(this.dataset.urlUrl, { url });
    const card = response && fragment(await response.text()).firstElementChild;
    if (!card) return false;
    this.list.append(card);
    this.say(response.ok ? this.templates.word("attached", { name: card.dataset.name }) : card.textContent);
    this.changed();
    return response.ok;
  }

  // --- changing what is there

  #click(event) {
    const button = event.target.closest("button");
    const card = button?.closest(".shot");
    if (!button) return;
    if (button.matches("[data-remove]")) this.#remove(card);
    else if (button.matches("[data-move]")) this.#move(card, button);
    else if (button.matches("[data-dismiss]")) this.dismiss(card);
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
    if (event.key !== "Enter" || !event.target.matches("[data-alt]")) return;
    event.preventDefault(); // not the message
    event.target.blur();
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
    this.changed();
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
    this.say(this.templates.word("removed", { name: card.dataset.name }));
    this.dismiss(this.#shown(card));
  }

  /** The card of the same image as it stands now: a refresh may have put another in its place. */
  #shown(card) {
    return this.#cards.find((other) => other.dataset.attachment === card.dataset.attachment);
  }

  /** Take `card` away; the focus goes on to the next one. */
  dismiss(card) {
    if (!card) return;
    const next = card.nextElementSibling ?? card.previousElementSibling;
    card.remove();
    this.changed();
    const button = next?.querySelector("[data-remove], [data-dismiss], [data-cancel]");
    if (button) button.focus();
    else this.#attach.focus();
  }

  #move(card, button) {
    this.#order.move(card, Number(button.dataset.move));
    button.focus();
  }

  async #storeOrder(card) {
    const order = this.#cards.map((other) => other.dataset.attachment);
    const place = order.indexOf(card.dataset.attachment) + 1;
    this.say(this.templates.word("moved", { name: card.dataset.name, place, count: order.length }));
    await this.keepOrder();
  }

  /** Store the order shown here: images side by side arrive in any. */
  async keepOrder() {
    if (this.count < 2) return;
    const order = this.#cards.map((card) => card.dataset.attachment);
    const response = await this.#post(this.dataset.orderUrl, { order });
    if (response?.ok) this.changed();
    else this.#refresh(true);
  }

  // --- showing

  async #changeModel(model) {
    this.dataset.model = model;
    await this.#refresh(true);
  }

  /** Limits and totals from the server, and the cards as well when `withCards`. */
  async #refresh(withCards) {
    const query = new URLSearchParams(this.fields);
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
      this.list.prepend(...fresh.querySelectorAll("[data-attachment]"));
    }
    this.showParts();
    this.#attach.show(fresh.dataset.vision === "true", fresh.dataset.modelTitle);
  }

  /** What would be sent is another now. */
  changed() {
    this.#version += 1;
    this.showParts();
    this.dispatchEvent(new CustomEvent("attachments-changed", { bubbles: true }));
    if (this.count > 0) this.#refresh(false);
  }

  /** Show the parts that have something in them. */
  showParts() {
    this.list.hidden = this.list.childElementCount === 0;
    this.querySelector("[data-bar]").hidden = this.count === 0;
  }

  async #post(url, values) {
    this.#version += 1;
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...this.fields, ...values })) {
      for (const one of [value].flat()) form.append(name, one);
    }
    const response = await post(url, form).catch(() => null);
    this.#version += 1;
    const redirect = response?.headers.get("HX-Redirect");
    if (redirect) window.location.assign(redirect);
    return redirect ? null : response;
  }

  /** Tell a screen reader. */
  say(text) {
    this.querySelector("[data-status]").textContent = text.trim().replace(/\s+/g, " ");
  }
}

customElements.define("image-tray", ImageTray);
