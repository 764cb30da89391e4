/** <tab-group>: a tablist and its panels. Arrow keys, Home and End move between tabs, as people who use them expect. */
class TabGroup extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#clicked);
    this.addEventListener("keydown", this.#moved);
    document.addEventListener("click", this.#asked);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#clicked);
    this.removeEventListener("keydown", this.#moved);
    document.removeEventListener("click", this.#asked);
  }

  get #tabs() {
    return [...this.querySelectorAll("[role=tab]")];
  }

  /** Show the panel of `tab`. */
  #select(tab) {
    for (const one of this.#tabs) {
      const isChosen = one === tab;
      one.setAttribute("aria-selected", String(isChosen));
      one.tabIndex = isChosen ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !isChosen;
    }
  }

  /** The reader chose `tab`. A panel that waits for a button elsewhere to fill it gets what the last of them has. */
  #choose(tab) {
    this.#select(tab);
    const id = tab.getAttribute("aria-controls");
    if (!document.getElementById(id).querySelector("[data-unasked]")) return;
    [...document.querySelectorAll(`[data-tab-open="${CSS.escape(id)}"]`)].at(-1)?.click();
  }

  #clicked = (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) this.#choose(tab);
  };

  #moved = (event) => {
    const tabs = this.#tabs;
    const at = tabs.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    this.#choose(tab);
    tab.focus();
  };

  /** Elsewhere on the page, [data-tab-open="raw"] shows the panel of that id, and the drawer it may be in. */
  #asked = (event) => {
    const id = event.target.closest?.("[data-tab-open]")?.dataset.tabOpen;
    const tab = id && this.#tabs.find((one) => one.getAttribute("aria-controls") === id);
    if (!tab) return;
    this.#select(tab);
    const drawer = this.closest("[popover]");
    if (drawer && getComputedStyle(drawer).display === "none") drawer.showPopover();
  };
}

customElements.define("tab-group", TabGroup);
