/** The two buttons that attach images, and why they do not when the model has no vision (templates/chat/_attach_button.html). */

export class AttachButton {
  #form;

  /** Calls `press("files" | "address")` for the buttons of `form` until `signal` aborts. */
  constructor(form, press, signal) {
    this.#form = form;
    form.addEventListener(
      "click",
      (event) => {
        const button = event.target.closest("[data-attach-files], [data-attach-address]");
        if (button) press(button.matches("[data-attach-files]") ? "files" : "address");
      },
      { signal },
    );
  }

  get #element() {
    return this.#form.querySelector("[data-attach]");
  }

  /** Why images cannot be attached, or "". */
  get why() {
    return this.#element?.querySelector(".attach__why").textContent ?? "";
  }

  focus(kind = "files") {
    this.#element?.querySelector(`[data-attach-${kind}]`).focus();
  }

  /** Show whether the model called `title` reads images. */
  show(hasVision, title) {
    const element = this.#element;
    if (!element) return;
    for (const button of element.querySelectorAll("button")) {
      if (hasVision) button.removeAttribute("aria-disabled");
      else button.setAttribute("aria-disabled", "true");
    }
    element.querySelector(".attach__why").textContent = hasVision ? "" : element.dataset.withoutVision.replace("{model}", title);
  }
}
