/**
 * What this page says and hears on its one websocket, which htmx's hx-ws opens, closes in hidden tabs and opens again.
 * The words are in docs/architecture.md. Whoever shows a run follows it with a cursor; after every reconnect each one
 * asks for what came since, so nothing is lost and nothing comes twice.
 */

const ACK_EVERY_MS = 500;
const ACK_AFTER_CHARACTERS = 64 * 1024;
const CLOSED_SESSION = 4401;
const CLOSED_NOT_FOUND = 4404;

class RunSocket extends EventTarget {
  #connection = null;
  #preceded = new WeakSet(); // connections whose sockets tell us first
  #isOpen = false;
  #followers = new Map(); // run -> { cursor, take(frame) }
  #asked = new Set(); // runs that were followed on the socket that is open now
  #watched = new Map(); // conversation -> who shows it
  #seq = 0;
  #unacknowledged = 0;
  #ackTimer = 0;
  #isRefused = false; // the session is gone: reconnecting would only be refused again

  constructor() {
    super();
    document.addEventListener("htmx:before:ws:connection", (event) => this.#connecting(event));
    document.addEventListener("htmx:after:ws:connection", (event) => this.#opened(event.detail.connection));
    document.addEventListener("htmx:ws:close", (event) => this.#closed(event.detail.code));
    document.addEventListener("htmx:before:ws:message", (event) => this.#admit(event));
    document.addEventListener("htmx:after:ws:message", (event) => this.#deliver(event.detail.message));
    this.#adopt();
  }

  /** htmx may have been faster than this module: then the socket is open already. */
  #adopt() {
    const url = document.querySelector("#socket")?.getAttribute("hx-ws:connect");
    const connection = url && globalThis.htmx?.ext?.ws?.getRegistry().get(url);
    if (connection) this.#precede(connection);
    if (connection?.socket?.readyState === WebSocket.OPEN) this.#opened(connection);
  }

  #connecting(event) {
    if (this.#isRefused) event.preventDefault();
    else this.#precede(event.detail.connection);
  }

  /**
   * Hear the messages of every socket that htmx makes for `connection` before htmx does. For each one it searches the whole
   * page for the element that the socket belongs to, which takes longer than all the rest of a frame.
   */
  #precede(connection) {
    if (this.#preceded.has(connection)) return;
    this.#preceded.add(connection);
    let socket = connection.socket;
    Object.defineProperty(connection, "socket", {
      get: () => socket,
      set: (made) => {
        socket = made;
        socket?.addEventListener("message", (event) => this.#received(event));
      },
    });
  }

  /** Only what has HTML to swap goes on to htmx, and comes back by its events. */
  #received(event) {
    const frame = JSON.parse(event.data);
    if (frame.content !== undefined || event.target !== this.#connection?.socket) return;
    event.stopImmediatePropagation();
    this.#deliver({ json: frame, text: event.data });
  }

  get isOpen() {
    return this.#isOpen;
  }

  /** Bring `run` to `follower`, from `follower.cursor` on. One follower a run. */
  follow(run, follower) {
    const isKnown = this.#followers.get(run) === follower;
    this.#followers.set(run, follower);
    if (!this.#isOpen || isKnown) return;
    // Frames for an earlier follower may be on their way, and cannot be told from ours: start with a fresh socket.
    if (this.#asked.has(run)) this.#connection.socket.close();
    else this.#ask(run, follower);
  }

  /** Stop bringing `run`. An element that only moves within the page follows again before this takes effect. */
  unfollow(run, follower) {
    setTimeout(() => {
      if (follower.isConnected || this.#followers.get(run) !== follower) return;
      this.#followers.delete(run);
      this.#send({ type: "unfollow", run });
    });
  }

  /** Hear when `conversation`, which `element` shows, gets something new: a "changed" event. */
  watch(conversation, element) {
    const isKnown = this.#watched.has(conversation);
    this.#watched.set(conversation, element);
    if (this.#isOpen && !isKnown) this.#send({ type: "watch", conversation });
  }

  /** No longer. An element that only moves within the page watches again before this takes effect. */
  unwatch(conversation, element) {
    setTimeout(() => {
      if (element.isConnected || this.#watched.get(conversation) !== element) return;
      this.#watched.delete(conversation);
      this.#send({ type: "unwatch", conversation });
    });
  }

  #ask(run, follower) {
    this.#asked.add(run);
    this.#send({ type: "follow", run, after: follower.cursor });
  }

  #send(command) {
    if (this.#isOpen && this.#connection.socket?.readyState === WebSocket.OPEN) {
      this.#connection.socket.send(JSON.stringify(command));
    }
  }

  #opened(connection) {
    const isReturn = this.#connection !== null;
    this.#connection = connection;
    this.#isOpen = true;
    this.#asked.clear();
    this.#seq = this.#unacknowledged = 0;
    for (const conversation of this.#watched.keys()) this.#send({ type: "watch", conversation });
    for (const [run, follower] of this.#followers) this.#ask(run, follower);
    this.dispatchEvent(new Event("state"));
    // What happened while we were away came with no hint.
    if (!isReturn) return;
    for (const detail of this.#watched.keys()) this.dispatchEvent(new CustomEvent("changed", { detail }));
  }

  #closed(code) {
    this.#isOpen = false;
    clearTimeout(this.#ackTimer);
    this.#ackTimer = 0;
    this.#isRefused = code === CLOSED_SESSION;
    if (code === CLOSED_NOT_FOUND) this.#followers.clear(); // what we followed is gone; the news will say so
    this.dispatchEvent(new CustomEvent("state", { detail: { isRefused: this.#isRefused } }));
  }

  /** Keep away from htmx what nobody on this page shows any more. */
  #admit(event) {
    const frame = event.detail.message.json;
    if (frame?.run && !frame.done && !this.#followers.has(frame.run)) {
      this.#acknowledge(event.detail.message);
      event.preventDefault();
    }
  }

  /** htmx has swapped `content` by now; the rest of the frame is for the follower. */
  #deliver(message) {
    const frame = message.json;
    if (!frame) return;
    this.#acknowledge(message);
    if (frame.changed) {
      this.dispatchEvent(new CustomEvent("changed", { detail: frame.conversation }));
    } else if (frame.done) {
      this.#followers.delete(frame.run);
      this.dispatchEvent(new CustomEvent("done", { detail: frame.run }));
    } else if (frame.run) {
      this.#followers.get(frame.run)?.take(frame);
    }
  }

  #acknowledge({ json, text }) {
    if (json?.seq === undefined) return;
    this.#seq = json.seq;
    this.#unacknowledged += text.length;
    if (this.#unacknowledged >= ACK_AFTER_CHARACTERS) this.#sendAck();
    else this.#ackTimer ||= setTimeout(() => this.#sendAck(), ACK_EVERY_MS);
  }

  #sendAck() {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = this.#unacknowledged = 0;
    this.#send({ type: "ack", seq: this.#seq });
  }
}

export const runSocket = new RunSocket();
