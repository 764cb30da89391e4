/** The figures of a column while its answer is being written; the server's own take their place when it has ended. */
import { Templates } from "lib/fragments.js";

const LANGUAGE = document.documentElement.lang || undefined;
const SECONDS = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const WHOLE = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });

export class LiveFigures {
  #templates;

  /** `element` holds the columns and a template of words. */
  constructor(element) {
    this.#templates = new Templates(element);
  }

  /** What a live answer has told, into its column. */
  show({ target, detail: meta }) {
    const facts = target.closest(".column")?.querySelector("[data-facts]");
    if (!facts) return;
    for (const mark of facts.querySelectorAll(".facts__mark")) mark.remove();
    for (const best of facts.querySelectorAll(".facts__best")) best.classList.remove("facts__best");
    this.#set(facts, "first-token", meta.first_token_ms, (ms) => this.#word("seconds", { seconds: SECONDS.format(ms / 1000) }));
    this.#set(facts, "rate", meta.tokens_per_second, (rate) => this.#word("rate", { rate: WHOLE.format(rate) }));
    this.#set(facts, "tokens", meta.tokens, (count) => this.#word("tokens", { count: WHOLE.format(count) }));
    this.#set(facts, "length", meta.characters, (count) => this.#word("length", { count: WHOLE.format(count) }));
    if (["queued", "sent", "reasoning", "retrying", "streaming"].includes(meta.state)) {
      this.#set(facts, "finish", meta.state, (state) => this.#word(state, meta));
    }
  }

  #word(name, values) {
    return this.#templates.word(name, values);
  }

  #set(facts, key, value, words) {
    const figure = facts.querySelector(`[data-fact="${key}"]`);
    if (!figure || value == null) return;
    const text = words(value);
    if (figure.textContent !== text) figure.textContent = text;
  }
}
