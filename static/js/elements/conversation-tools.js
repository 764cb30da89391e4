/**
 * <conversation-tools>: what can be done with conversations: the menu of a row in the sidebar, renaming, importing.
 * The menu is cloned from a template when it is asked for: fifty rows need not carry fifty menus.
 */
import { runSocket } from "lib/run-socket.js";

const REFRESH_DELAY_MS = 400;
const NO_UUID = "00000000-0000-0000-0000-000000000000"; // stands in the template's addresses

class ConversationTools extends HTMLElement {
  #timer = 0;
  #changes = 0; // counts what a person begins and ends to change in the list
  #changesAsked = 0; // as it was when the list that is on its way was asked for

  connectedCallback() {
    document.addEventListener("click", this.#clicked);
    document.addEventListener("htmx:before:request", this.#changing);
    document.addEventListener("htmx:finally:request", this.#changing);
    document.addEventListener("htmx:before:swap", this.#arrived);
    runSocket.addEventListener("changed", this.#refresh);
    runSocket.addEventListener("done", this.#refresh);
    this.#file.addEventListener("change", this.#import);
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.#clicked);
    document.removeEventListener("htmx:before:request", this.#changing);
    document.removeEventListener("htmx:finally:request", this.#changing);
    document.removeEventListener("htmx:before:swap", this.#arrived);
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
    // The heading follows every change; the menu below it is as old as the page.
    const shown = button.closest("#conversation-menu") ? document.getElementById("title").textContent : button.dataset.title;
    title.value = shown;
    form.querySelector("[name=before]").value = shown;
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
    this.#timer = setTimeout(() => this.#fetch(), REFRESH_DELAY_MS);
  };

  #fetch() {
    const list = document.getElementById("conversations");
    if (!list) return;
    if (this.#isInUse(list)) {
      this.#refresh(); // later
      return;
    }
    this.#changesAsked = this.#changes;
    globalThis.htmx.ajax("GET", this.getAttribute("sidebar"), { source: this, target: list, swap: "outerHTML" });
  }

  /** Somebody is at work in the list, or in a menu of it: it must not be exchanged under their hands. */
  #isInUse(list) {
    return list.matches(":focus-within") || document.getElementById("row-menu") !== null;
  }

  #changing = ({ detail: { ctx } }) => {
    if (ctx.sourceElement !== this && ctx.target?.id === "conversations") this.#changes += 1;
  };

  /** A list asked for before somebody changed it is old; and its swap would take away what their answer is to replace. */
  #arrived = (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== this) return;
    if (this.#changes === this.#changesAsked && !this.#isInUse(ctx.target)) return;
    event.preventDefault();
    this.#refresh();
  };
}

customElements.define("conversation-tools", ConversationTools);
