/**
 * Texts beside the one in the box, above it: the draft that another tab has kept, and texts of this tab's own that it took
 * others for. Markup and words: templates/chat/_draft_notice.html.
 */
import { Templates } from "lib/fragments.js";

export class DraftNotices {
  #slot;
  #templates;

  /** `take(notice)` and `keep(notice)` answer the buttons, with {text, version}, until `signal` aborts; version null: our own. */
  constructor(slot, { take, keep, signal }) {
    this.#slot = slot;
    this.#templates = new Templates(slot.parentElement);
    slot.addEventListener(
      "click",
      ({ target }) => {
        const answer = target.closest("[data-take]") ? take : target.closest("[data-keep]") ? keep : null;
        const shown = target.closest("[data-draft-notice]");
        if (!answer) return;
        shown.remove();
        answer({ text: textOf(shown), version: shown.dataset.version ?? null });
      },
      { signal },
    );
  }

  /** Whether another tab's draft is shown. */
  get hasTheirs() {
    return this.#theirs !== null;
  }

  get #theirs() {
    return this.#slot.querySelector("[data-draft-notice][data-version]");
  }

  /** The texts of this tab's own. */
  get own() {
    return [...this.#slot.querySelectorAll("[data-draft-notice]:not([data-version])")].map(textOf);
  }

  /** Another tab's draft, as the server has rendered it. Shown once: it is news for a screen reader too. */
  showTheirs(notice) {
    if (this.#theirs?.dataset.version === notice.dataset.version) return;
    this.hideTheirs();
    this.#slot.prepend(notice);
  }

  hideTheirs() {
    this.#theirs?.remove();
  }

  showOwn(text) {
    if (text.trim() === "" || this.own.includes(text)) return;
    const notice = this.#templates.copy("own-draft");
    notice.querySelector("[data-text]").textContent = text;
    this.#slot.append(notice);
  }
}

function textOf(notice) {
  return notice.querySelector("[data-text]").textContent;
}
