/** Retry, edit and continue start runs too: each gets an id, so that a request that is sent twice is one run. */
import { randomId } from "lib/http.js";

document.addEventListener("htmx:config:request", ({ target, detail: { ctx } }) => {
  if (ctx.request.method === "POST" && target.closest?.(".thread__messages")) ctx.request.body.set("request_id", randomId());
});
