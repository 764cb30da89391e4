/**
 * <conversation-tools>: what can be done with conversations: the menu of a row in the sidebar, renaming, importing.
 * The menu is cloned from a template when it is asked for: fifty rows need not carry fifty menus.
 */
import { runSocket } from "lib/run-socket.js";

const REFRESH_DELAY_MS = 400;
const NO_UUID = "00000000-0000-0000-0000-000000000000"; // stands in the template's addresses

class ConversationTools extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    document.addEventListener("click", this.#clicked);
    runSocket.addEventListener("changed", this.#refresh);
    runSocket.addEventListener("done", this.#refresh);
    this.#file.addEventListener("change", this.#import);
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.#clicked);
    runSocket.removeEventListener("changed", this.#refresh);
    runSocket.removeEventListener("done", this.#refresh);
    clearTimeout(this.#timer);
  }

  get #file() {
    return this.querySelector("input[type=file]");
  }

  #clicked = (event) => {
    const target = event.target.closest?.("[data-menu-of], [data-rename], [data-import]");
    if (!target) return;
    if (target.dataset.menuOf) this.#openMenu(target);
    else if (target.dataset.rename) this.#openRename(target);
    else this.#file.click();
  };

  #openMenu(button) {
    document.getElementById("row-menu")?.remove();
    const menu = this.querySelector("template").content.firstElementChild.cloneNode(true);
    for (const element of [menu, ...menu.querySelectorAll("*")]) {
      for (const { name, value } of [...element.attributes]) {
        if (value.includes(NO_UUID)) element.setAttribute(name, value.replace(NO_UUID, button.dataset.menuOf));
      }
    }
    const isPinned = button.dataset.pinned === "true";
    for (const one of menu.querySelectorAll("[data-when-pinned]")) {
      if ((one.dataset.whenPinned === "true") !== isPinned) one.remove();
    }
    menu.querySelector("[data-rename]").dataset.title = button.dataset.title;
    button.after(menu);
    globalThis.htmx.process(menu);
    menu.addEventListener("toggle", ({ newState }) => {
      button.setAttribute("aria-expanded", String(newState === "open"));
      if (newState === "closed") menu.remove();
    });
    menu.showPopover({ source: button });
    menu.querySelector(".menu__item").focus();
  }

  #openRename(button) {
    const dialog = this.querySelector("dialog");
    const form = dialog.querySelector("#rename-form");
    form.setAttribute("action", button.dataset.rename);
    form.setAttribute("hx-post", button.dataset.rename);
    globalThis.htmx.process(form, true);
    const title = form.querySelector("input[name=title]");
    title.value = button.dataset.title;
    form.querySelector("[name=before]").value = button.dataset.title;
    form.querySelector("[role=alert]")?.remove();
    button.closest("[popover]")?.hidePopover();
    dialog.showModal();
    title.select();
  }

  #import = () => {
    if (!this.#file.files.length) return;
    this.#file.form.requestSubmit();
    this.#file.value = ""; // the same file may be chosen again after it was mended
  };

  /** A title, a date or a live dot may be another one now. */
  #refresh = () => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const list = document.getElementById("conversations");
      if (!list || list.matches(":focus-within") || document.getElementById("row-menu")) return;
      globalThis.htmx.ajax("GET", this.getAttribute("sidebar"), { source: this, target: list, swap: "outerHTML" });
    }, REFRESH_DELAY_MS);
  };
}

customElements.define("conversation-tools", ConversationTools);
