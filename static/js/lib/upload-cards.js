/**
 * The cards of images on their way, and what becomes of them: the server's card, or one that says why not.
 * Out: `upload-ended` (bubbles) on the tray, detail {name, outcome: "attached" | "failed" | "cancelled"}.
 */
import { fragment } from "lib/fragments.js";
import { uploads } from "lib/uploads.js";

const MEGABYTE = 1024 * 1024;
const OFFLINE = 0;
const TOO_LARGE = 413;

const cards = new WeakMap(); // upload -> its card, in whichever tray stands on the page

export class UploadCards {
  #tray; // {dataset, list, fields, count, templates, say(text), changed(), keepOrder()}

  /** Shows in `tray` what is still on its way, until `signal` aborts. */
  constructor(tray, signal) {
    this.#tray = tray;
    uploads.addEventListener("progress", ({ detail }) => this.#showProgress(detail), { signal });
    uploads.addEventListener("end", ({ detail }) => this.#ended(detail), { signal });
    for (const upload of uploads.all) this.#show(cards.get(upload));
  }

  /** Upload `file`, unless it can be told already that it will not do. */
  take(file) {
    const { dataset, count } = this.#tray;
    if (file.size > Number(dataset.maxBytes)) this.fail("too-large", file.name);
    else if (count + uploads.all.length >= Number(dataset.limit)) this.fail("too-many", file.name);
    else this.#start(file);
  }

  /** Say at the end of the list why `name` is not attached. */
  fail(reason, name) {
    const card = this.#failure(reason, name);
    this.#show(card);
    this.#tray.say(card.textContent);
  }

  #start(file) {
    const { templates, dataset } = this.#tray;
    const card = templates.copy("uploading");
    card.querySelector(".shot__name").textContent = file.name;
    card.querySelector("progress").ariaLabel = templates.word("uploading", { name: file.name });
    const upload = uploads.add({ url: dataset.uploadUrl, file, fields: () => this.#tray.fields });
    cards.set(upload, card);
    card.querySelector("[data-cancel]").addEventListener("click", () => this.#cancel(upload));
    this.#show(card);
    this.#tray.say(templates.word("uploading", { name: file.name }));
  }

  #show(card) {
    this.#tray.list.append(card);
    this.#tray.showParts();
    card.scrollIntoView({ block: "nearest" }); // the list is short on a phone
  }

  #showProgress(upload) {
    const card = cards.get(upload);
    const isSent = upload.percent >= 100;
    card.querySelector("progress").value = upload.percent;
    card.querySelector("[data-percent]").textContent = isSent ? this.#tray.templates.word("processing") : `${upload.percent} %`;
  }

  /** Its button belongs to a card that may have moved on to the tray of today. */
  #cancel(upload) {
    const card = cards.get(upload);
    const tray = card.closest("image-tray");
    uploads.cancel(upload);
    tray.dismiss(card);
    announce(tray, upload.file.name, "cancelled");
  }

  #ended(upload) {
    const { redirect, text, status } = upload.answer;
    if (redirect) {
      window.location.assign(redirect);
      return;
    }
    const { name } = upload.file;
    const tray = this.#tray;
    const reason = status === OFFLINE ? "offline" : status === TOO_LARGE ? "too-large" : "refused";
    const shown = fragment(text).querySelector("[data-attachment], [data-failed]") ?? this.#failure(reason, name);
    const isAttached = shown.matches("[data-attachment]");
    cards.get(upload).replaceWith(shown);
    if (!isAttached) shown.scrollIntoView({ block: "nearest" });
    tray.say(isAttached ? tray.templates.word("attached", { name }) : shown.textContent);
    tray.changed();
    if (uploads.all.length === 0) tray.keepOrder();
    announce(tray, name, isAttached ? "attached" : "failed");
  }

  #failure(reason, name) {
    const { templates, dataset } = this.#tray;
    const card = templates.copy("failed");
    const values = { name, megabytes: Number(dataset.maxBytes) / MEGABYTE, limit: dataset.limit };
    card.dataset.failed = name;
    card.querySelector("[data-reason]").textContent = templates.word(reason, values);
    return card;
  }
}

function announce(tray, name, outcome) {
  tray.dispatchEvent(new CustomEvent("upload-ended", { bubbles: true, detail: { name, outcome } }));
}
