/** Put `text` (a string or a promise of one) on the clipboard. Rejects when the browser does not let us. */
export async function copyText(text) {
  if (navigator.clipboard?.write && globalThis.ClipboardItem && text instanceof Promise) {
    // Safari lets a page write only within the click, so it is given the promise.
    const blob = text.then((value) => new Blob([value], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } else if (navigator.clipboard?.writeText) {
    await navigator.clipboard.writeText(await text);
  } else {
    copyBySelection(await text);
  }
}

/** The old way, for plain HTTP: a box out of sight, selected and copied. */
function copyBySelection(text) {
  const box = document.createElement("textarea");
  const focused = document.activeElement;
  box.value = text;
  box.className = "visually-hidden";
  box.readOnly = true;
  // Within an open dialog, or the browser refuses to focus it.
  (document.querySelector("dialog[open]") ?? document.body).append(box);
  box.select();
  const isCopied = document.execCommand("copy");
  box.remove();
  focused?.focus();
  if (!isCopied) throw new Error("copy refused");
}
