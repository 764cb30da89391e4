/** Toasts from scripts. The words are in templates/components/_words.html, so that they are translated with the rest. */

/** The translated text of `name`. */
export function word(name) {
  return document.getElementById("words")?.content.querySelector(`[data-word="${name}"]`)?.textContent ?? name;
}

/** Show `text` as a toast; `tone` is "", "good" or "bad". */
export function notify(text, tone = "") {
  const notices = document.getElementById("notices");
  const template = document.getElementById("word-notice");
  if (!notices || !template) return;
  for (const shown of notices.querySelectorAll(".notice__text")) {
    if (shown.textContent === text) return; // once is enough
  }
  const notice = template.content.firstElementChild.cloneNode(true);
  if (tone) notice.classList.add(`notice--${tone}`);
  notice.querySelector(".notice__text").textContent = text;
  notices.append(notice);
}
