/**
 * A draft in this browser: what the server has not got yet, because it was typed a moment ago, the network is down or the
 * session is lost. One a person and conversation; gone as soon as the server has it.
 */
export class LocalDraft {
  #key;

  constructor(owner, conversation) {
    this.#key = `draft:${owner ?? ""}:${conversation || "new"}`;
  }

  /** The kept text, or null. */
  read() {
    return this.#try(() => localStorage.getItem(this.#key));
  }

  keep(text) {
    this.#try(() => localStorage.setItem(this.#key, text));
  }

  forget() {
    this.#try(() => localStorage.removeItem(this.#key));
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
