/**
 * Requests that fail. The server's own errors come as notices, aimed at #notices by their headers; what comes from
 * elsewhere (a proxy, no network) must not be swapped into the page.
 */
import { notify, word } from "lib/notices.js";

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const status = ctx.response?.status ?? 200;
  if (status < 400 || (status === 422 && !ctx.hx?.retarget)) return;
  event.preventDefault();
  if (ctx.hx?.retarget) {
    // As the headers say, whatever the element that asked does with a status.
    if (!isQuiet(ctx.sourceElement)) show(ctx);
    return;
  }
  if (!isQuiet(ctx.sourceElement)) notify(word("failed"), "bad");
});

document.addEventListener("htmx:error", (event) => {
  const { ctx, error } = event.detail;
  if (isQuiet(ctx?.sourceElement)) return;
  if (error?.name === "AbortError") notify(word("too-long"), "bad");
  else if (error instanceof TypeError) notify(word("unreachable"), "bad");
});

function show({ text, hx }) {
  globalThis.htmx.swap({ sourceElement: document.body, target: hx.retarget, swap: hx.reswap ?? "beforeend", text });
}

/** What the page asks for on its own must not trouble anybody when it fails. */
function isQuiet(element) {
  return element?.matches?.("[data-quiet]") ?? false;
}
