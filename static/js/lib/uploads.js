/** Uploads of several files, a few at a time, each with its progress. fetch() tells nothing about what was sent, so XHR. */
import { csrfToken } from "lib/http.js";

const AT_ONCE = 2;
// Covers a slow line and a place in the server's queue; a dead connection ends sooner by itself.
const TIMEOUT_MS = 10 * 60_000;

/** A line of uploads. Each ends in exactly one call of `done({status, text, redirect})`; status 0 means no answer. */
export class UploadQueue {
  #waiting = [];
  #running = new Set();

  get size() {
    return this.#waiting.length + this.#running.size;
  }

  /** `fields` are the form's other fields; `progress` gets 0..100. Returns a function that cancels: then no `done`. */
  add({ url, file, fields, progress, done }) {
    const job = { url, file, fields, progress, done, request: null };
    this.#waiting.push(job);
    this.#next();
    return () => this.#cancel(job);
  }

  #next() {
    while (this.#running.size < AT_ONCE && this.#waiting.length > 0) this.#start(this.#waiting.shift());
  }

  #start(job) {
    const request = new XMLHttpRequest();
    job.request = request;
    this.#running.add(job);
    request.open("POST", job.url);
    request.timeout = TIMEOUT_MS;
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) job.progress(Math.floor((100 * event.loaded) / event.total));
    });
    request.addEventListener("loadend", () => this.#end(job));
    const form = new FormData();
    for (const [name, value] of Object.entries(job.fields)) form.set(name, value);
    form.set("file", job.file, job.file.name || "image.png");
    request.send(form);
  }

  #end(job) {
    if (!this.#running.delete(job)) return;
    const { status, responseText: text } = job.request;
    this.#next();
    job.done({ status, text, redirect: status ? job.request.getResponseHeader("HX-Redirect") : null });
  }

  #cancel(job) {
    this.#waiting = this.#waiting.filter((other) => other !== job);
    if (this.#running.delete(job)) job.request.abort();
    this.#next();
  }
}
