/** The keys that work anywhere on a page. They are listed in the dialog that `?` opens. */
import { openDialog } from "lib/dialogs.js";

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const action = actionFor(event);
  if (action?.()) event.preventDefault();
});

/** What the key does here, as a function that returns whether it did it; nothing for other keys. */
function actionFor(event) {
  const withMod = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (withMod && !event.shiftKey && key === "k") return () => (openDialog("search"), true);
  if (withMod && event.shiftKey && key === "o") return newChat;
  if (withMod && key === "enter") return send;
  // By the place of the key: with Alt, some keyboards write another letter.
  if (event.altKey && !withMod && event.code === "KeyP" && hasDialog("preset-list")) return () => (openDialog("preset-list"), true);
  if (key === "escape" && !isSomethingOpen()) return () => composer()?.stop() ?? false;
  if (key === "?" && !withMod && !isTyping(event.target)) return () => (openDialog("shortcuts"), true);
  return undefined;
}

function hasDialog(id) {
  return document.getElementById(id) !== null;
}

function composer() {
  return document.querySelector("chat-composer");
}

function send() {
  composer()?.send();
  return composer() !== null;
}

function newChat() {
  document.querySelector('[data-shortcut="new-chat"]')?.click();
  return true;
}

function isSomethingOpen() {
  return document.querySelector("dialog[open], [popover]:popover-open") !== null;
}

function isTyping(target) {
  return target.matches?.("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

if (IS_MAC) for (const key of document.querySelectorAll("[data-mod], [data-mod-sign]")) key.textContent = "⌘";
