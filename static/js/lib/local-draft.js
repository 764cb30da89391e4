/**
 * Drafts in this browser: what the server has not got yet, because it was typed a moment ago, the network is down, the
 * session is lost or another tab was quicker. Each page keeps its own, so no tab overwrites or forgets another's; what a page
 * has left behind is taken up by the next one of the same person and conversation.
 */
import { randomId } from "lib/http.js";

const ABANDONED_MS = 60_000; // a page that ended without a word, in a crash, has written nothing for so long

export class LocalDraft {
  #place;
  #key;
  #isLeft;

  /** With `isLeft`, another page is to take up what is kept here. */
  constructor(owner, conversation, { isLeft = false } = {}) {
    this.#place = `draft:${owner ?? ""}:${conversation || "new"}:`;
    this.#key = this.#place + randomId();
    this.#isLeft = isLeft;
  }

  /** `entry` is {text, version, others}: the box, what it began with, and texts that were taken out of the box. */
  keep(entry) {
    this.#try(() => localStorage.setItem(this.#key, JSON.stringify({ ...entry, at: Date.now(), isLeft: this.#isLeft })));
  }

  forget() {
    this.#try(() => localStorage.removeItem(this.#key));
  }

  /** The page goes away. */
  leave() {
    const entry = this.#read(this.#key);
    if (entry) this.#try(() => localStorage.setItem(this.#key, JSON.stringify({ ...entry, isLeft: true })));
  }

  /** What pages that are gone have left, the newest first. They are the caller's from now on. */
  takeUp() {
    const keys = this.#try(() => Object.keys(localStorage)) ?? [];
    const found = keys
      .filter((key) => key.startsWith(this.#place) && key !== this.#key)
      .map((key) => ({ key, entry: this.#read(key) }))
      .filter(({ entry }) => entry && (entry.isLeft || entry.at < Date.now() - ABANDONED_MS));
    for (const { key } of found) this.#try(() => localStorage.removeItem(key));
    return found.map(({ entry }) => entry).sort((one, other) => other.at - one.at);
  }

  #read(key) {
    return this.#try(() => JSON.parse(localStorage.getItem(key)));
  }

  /** Storage may be full or forbidden; the server's copy is the one that counts. */
  #try(use) {
    try {
      return use() ?? null;
    } catch {
      return null;
    }
  }
}
