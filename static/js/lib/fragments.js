/** What the server and the page's own templates give to scripts: markup and words, never made from strings here. */

/** The nodes of `html`, which our own server has rendered. */
export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** `text` with every {name} replaced by its value. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_whole, name) => String(values[name] ?? ""));
}

/** Markup and words of one element's `<template data-template="…">`s. */
export class Templates {
  #element;

  constructor(element) {
    this.#element = element;
  }

  /** A fresh copy of what the template `name` holds. */
  copy(name) {
    return this.#element.querySelector(`[data-template="${name}"]`).content.firstElementChild.cloneNode(true);
  }

  /** The words called `name` of the template `words`, with its {names} filled in. */
  word(name, values = {}) {
    const words = this.#element.querySelector('[data-template="words"]').content;
    return fill(words.querySelector(`[data-word="${name}"]`).textContent, values);
  }
}
