/**
 * Keeps what is typed into the composer: in this browser at once, on the server a moment later. Several tabs share the
 * server's draft. A box that is as the server had it follows the draft silently; a text that another tab has kept and this
 * one never saw is not replaced but shown, with a way to take it or to keep one's own.
 */
import { DraftNotices } from "lib/draft-notices.js";
import { fragment } from "lib/fragments.js";
import { post } from "lib/http.js";
import { LocalDraft } from "lib/local-draft.js";

const DELAY_MS = 700;
const TIMEOUT_MS = 20_000;
const VERSION = "Draft-Version"; // header: of what the server has stored

export class DraftKeeper {
  #url;
  #owner;
  #conversation;
  #text;
  #local;
  #notices;
  #changed;
  #version; // of the stored text that this page saw last
  #saved; // that text; null when it is not known
  #timer = 0;
  #saving = Promise.resolve(); // one save after the other
  #busy = 0; // saves that have not ended
  #isSending = false;
  #isMoving = false;
  #isAsking = false;

  /** Keeps the box `text` of `composer` until `signal` aborts; calls `changed` when it has put another text there. */
  constructor(composer, text, { signal, changed }) {
    this.#url = composer.getAttribute("draft");
    this.#owner = composer.getAttribute("owner");
    this.#conversation = composer.getAttribute("conversation") ?? "";
    this.#text = text;
    this.#changed = changed;
    this.#version = composer.querySelector("[name=draft_version]").value;
    this.#saved = text.defaultValue;
    this.#local = new LocalDraft(this.#owner, this.#conversation);
    this.#notices = new DraftNotices(composer.querySelector("[data-draft-notices]"), {
      take: (notice) => this.#take(notice),
      keep: (notice) => this.#keepMine(notice),
      signal,
    });
    window.addEventListener("focus", () => this.#comeBack(), { signal });
    window.addEventListener("pageshow", ({ persisted }) => persisted && this.#mirror(), { signal });
    window.addEventListener("pagehide", () => this.#goAway(), { signal });
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#flush() : this.#comeBack()), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
    this.#takeUp();
  }

  get version() {
    return this.#version;
  }

  /** The writer has typed. */
  typed() {
    this.#mirror();
    if (!this.#isSending && !this.#isMoving) this.#saveSoon();
  }

  /** A message with the text in the box goes out. */
  sending() {
    this.#isSending = true;
    this.#stopTimer();
  }

  /** The message was taken, and with it the stored text, if it was ours. What the box holds now was typed meanwhile. */
  sent() {
    this.#agreed("", "");
    // A save that the message overtook would bring back what was sent.
    if (this.#busy > 0) this.#save();
  }

  /** The message was taken and leads to `conversation`: what is in the box belongs there, and its page takes it up. */
  moveTo(conversation) {
    this.#isMoving = true;
    this.#local.forget();
    this.#local = new LocalDraft(this.#owner, conversation, { isLeft: true });
    this.#agreed("", "");
  }

  /** The message must be mended, and the server has stored its text as the draft. */
  refused(text, version) {
    this.#agreed(text, version);
  }

  /** Sending is over, whatever came of it. */
  finished() {
    this.#isSending = false;
    if (!this.#isMoving && !this.#isSaved) this.#saveSoon();
  }

  get #isSaved() {
    return this.#text.value === this.#saved;
  }

  /** Whether nothing would be lost if the box held another text. */
  get #isUntouched() {
    return this.#isSaved && !this.#timer && this.#busy === 0 && !this.#isSending && !this.#isMoving;
  }

  // --- in this browser ---

  /** Keep here what the server has not. */
  #mirror() {
    const others = this.#notices.own;
    if (this.#isSaved && others.length === 0) this.#local.forget();
    else this.#local.keep({ text: this.#text.value, version: this.#version, others });
  }

  /** What was typed before the page was ready, and what pages have left that are gone. */
  #takeUp() {
    const left = this.#local.takeUp();
    for (const { text, version, others } of left) {
      for (const other of others) this.#notices.showOwn(other);
      this.#restore(text, version);
    }
    this.#mirror();
    if (!this.#isSaved) this.#save();
  }

  #restore(text, version) {
    const isNext = version === this.#version;
    if (text === this.#text.value || (text.trim() === "" && !isNext)) return;
    if (!this.#isSaved) {
      this.#notices.showOwn(text);
      return;
    }
    this.#text.value = text;
    if (isNext) return;
    // It was written upon another text than the server's of today, so saving it shows both.
    this.#version = version;
    this.#saved = null;
  }

  // --- on the server ---

  #saveSoon() {
    this.#stopTimer();
    this.#timer = setTimeout(() => this.#save(), DELAY_MS);
  }

  #stopTimer() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  #save(options) {
    this.#stopTimer();
    this.#busy += 1;
    this.#saving = this.#saving.then(() => this.#store(options)).finally(() => (this.#busy -= 1));
  }

  async #store(options) {
    const text = this.#text.value;
    if (this.#isMoving || (this.#isSaved && !this.#notices.hasTheirs)) return;
    const response = await this.#post(text, this.#version, options);
    const version = response?.headers.get(VERSION) ?? null;
    if (this.#isMoving) {
      // The message overtook this save, which has brought back what was sent.
      if (version !== null) this.#post("", version);
    } else if (response?.status === 422) this.#conflict(await response.text());
    else if (response?.ok && version !== null) this.#agreed(text, version);
  }

  /** Null when the server cannot be reached: the text is kept in this browser, and saved with the next change. */
  #post(text, version, options) {
    const data = new URLSearchParams({ text, conversation: this.#conversation, version });
    return post(this.#url, data, options).catch(() => null);
  }

  /** The server has `text`, and this page knows it. */
  #agreed(text, version) {
    this.#saved = text;
    this.#version = version;
    this.#notices.hideTheirs();
    this.#mirror();
  }

  #conflict(html) {
    const notice = fragment(html).querySelector("[data-draft-notice]");
    if (!notice) return; // a text that cannot be stored
    if (this.#text.value.trim()) {
      this.#notices.showTheirs(notice);
      return;
    }
    // Nothing to lose here: the box takes the other text when the writer comes back to it.
    this.#saved = this.#text.value;
    this.#notices.hideTheirs();
    this.#mirror();
  }

  #take({ text, version }) {
    const mine = this.#text.value;
    this.#text.value = text;
    this.#notices.showOwn(mine);
    if (version !== null) this.#agreed(text, version);
    else this.typed();
    this.#shown();
    this.#text.focus();
  }

  #keepMine({ text, version }) {
    if (version !== null) {
      this.#agreed(text, version);
      this.#save();
    } else this.#mirror();
    this.#text.focus();
  }

  // --- this tab among others ---

  async #comeBack() {
    if (this.#isAsking || document.hidden) return;
    if (this.#isUntouched) {
      this.#isAsking = true;
      await this.#follow();
      this.#isAsking = false;
    } else if (!this.#isSending && !this.#isMoving && !this.#timer && this.#busy === 0) this.#save();
  }

  /** Take over what another tab has made of the draft. */
  async #follow() {
    const query = new URLSearchParams({ conversation: this.#conversation, version: this.#version });
    const options = { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const response = await fetch(`${this.#url}?${query}`, options).catch(() => null);
    const version = response?.headers.get(VERSION) ?? null;
    if (response?.status !== 200 || version === null) return;
    const text = await response.text().catch(() => null);
    if (text === null || !this.#isUntouched) return;
    this.#text.value = text;
    this.#agreed(text, version);
    this.#shown();
  }

  #shown() {
    this.#changed();
    this.#text.dispatchEvent(new Event("change", { bubbles: true })); // for the figures
  }

  /** Another tab may be next: it should find what was typed here. */
  #flush() {
    if (this.#timer) this.#save({ keepalive: true });
  }

  #goAway() {
    this.#flush();
    this.#local.leave();
  }
}
