/** Uploads of several files, a few at a time, each with its progress. fetch() tells nothing about what was sent, so XHR. */
import { csrfToken } from "lib/http.js";

const AT_ONCE = 2;
// Covers a slow line and a place in the server's queue; a dead connection ends sooner by itself.
const TIMEOUT_MS = 10 * 60_000;

/**
 * A line of uploads. Out: `progress` with an upload whose `percent` (0..100) has moved, and exactly one `end` for each that
 * was not cancelled, with its `answer` {status, text, redirect}; status 0 means no answer.
 */
class UploadQueue extends EventTarget {
  #waiting = [];
  #running = new Set();
  #isHeld = false;

  /** What has not ended yet, in order. */
  get all() {
    return [...this.#running, ...this.#waiting];
  }

  /** Begin no upload until `release`: while the first message of a new chat is on its way, its conversation has no name yet. */
  hold() {
    this.#isHeld = true;
  }

  release() {
    this.#isHeld = false;
    this.#next();
  }

  /** `fields()` gives the form's other fields when the upload begins. Returns the upload. */
  add({ url, file, fields }) {
    const upload = { url, file, fields, percent: 0, request: null, answer: null };
    this.#waiting.push(upload);
    this.#next();
    return upload;
  }

  cancel(upload) {
    this.#waiting = this.#waiting.filter((other) => other !== upload);
    if (this.#running.delete(upload)) upload.request.abort();
    this.#next();
  }

  #next() {
    while (!this.#isHeld && this.#running.size < AT_ONCE && this.#waiting.length > 0) this.#start(this.#waiting.shift());
  }

  #start(upload) {
    const request = new XMLHttpRequest();
    upload.request = request;
    this.#running.add(upload);
    request.open("POST", upload.url);
    request.timeout = TIMEOUT_MS;
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => this.#moved(upload, event));
    request.addEventListener("loadend", () => this.#end(upload));
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields())) form.set(name, value);
    form.set("file", upload.file, upload.file.name || "image.png");
    request.send(form);
  }

  #moved(upload, event) {
    if (!event.lengthComputable) return;
    upload.percent = Math.floor((100 * event.loaded) / event.total);
    this.dispatchEvent(new CustomEvent("progress", { detail: upload }));
  }

  #end(upload) {
    if (!this.#running.delete(upload)) return;
    const { status, responseText: text } = upload.request;
    upload.answer = { status, text, redirect: status ? upload.request.getResponseHeader("HX-Redirect") : null };
    this.#next();
    this.dispatchEvent(new CustomEvent("end", { detail: upload }));
  }
}

/** The page's uploads. They outlive the tray they were begun in, which is replaced after every message. */
export const uploads = new UploadQueue();
