import { post } from "lib/http.js";
import { notify, word } from "lib/notices.js";

/** Ask for what `url` stops. By itself, not in htmx's line: a request that waits there is dropped when another comes. */
export async function requestStop(url) {
  try {
    const response = await post(url, new URLSearchParams());
    if (!response.ok) notify(word("failed"), "bad");
  } catch {
    notify(word("unreachable"), "bad");
  }
}
