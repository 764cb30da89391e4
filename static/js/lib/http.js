/** Requests of our own, beside htmx: same origin, with the CSRF token, answered by a Response. */

const TIMEOUT_MS = 30_000;

/** The token that every POST carries. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** POST `data` (URLSearchParams, or FormData that holds something) to `url`. Rejects when the server cannot be reached or is too slow. */
export function post(url, data, { signal = AbortSignal.timeout(TIMEOUT_MS), keepalive = false } = {}) {
  return fetch(url, {
    method: "POST",
    body: data,
    headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" },
    credentials: "same-origin",
    redirect: "follow",
    keepalive,
    signal,
  });
}

/** A fresh id of 128 random bits. `crypto.randomUUID` exists on HTTPS only, and Playground also runs on plain HTTP. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
