/** <message-editor>: the box in which a message is edited. Ctrl/Cmd+Enter sends it, Esc cancels. */
class MessageEditor extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", this.#keydown);
    const text = this.querySelector("textarea");
    text.focus({ preventScroll: true });
    text.setSelectionRange(text.value.length, text.value.length);
    this.closest(".message")?.scrollIntoView({ block: "nearest" });
  }

  disconnectedCallback() {
    this.removeEventListener("keydown", this.#keydown);
  }

  #keydown = (event) => {
    const form = this.closest("form");
    if (event.key === "Escape") {
      event.stopPropagation();
      form.querySelector("[data-cancel]").click();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      form.requestSubmit();
    }
  };
}

customElements.define("message-editor", MessageEditor);
