// One line to the server that mends itself: a websocket, or server-sent events and POSTs where websockets are blocked.
// It knows frames, not what they mean; the two things it needs to know of the conversation it asks for (`greeting`).

export const BACKOFF = { first: 500, factor: 2, most: 20_000, attemptsBeforePlain: 3 };
const PING_EVERY = 25_000;
const SILENCE = 60_000;

// Close codes after which trying again can't help, and what to tell the person.
const FINAL = { 4401: "signed_out", 4403: "refused", 4404: "gone" };

/** Milliseconds to wait before attempt `attempt` (from 1): exponential, the second half of it random. Pure. */
export function delay(attempt, random) {
  const most = Math.min(BACKOFF.most, BACKOFF.first * BACKOFF.factor ** (attempt - 1));
  return Math.round(most / 2 + (most / 2) * random);
}

/** Split a text/event-stream: complete events' data, and the rest to keep for the next piece. Pure. */
export function eventsIn(buffer) {
  const blocks = buffer.replaceAll("\r\n", "\n").split("\n\n");
  const rest = blocks.pop();
  const data = blocks
    .map((block) =>
      block
        .split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).replace(/^ /, ""))
        .join("\n"),
    )
    .filter(Boolean);
  return { data, rest };
}

/**
 * Fires "frame" (detail: a frame of the server) and "status" (detail: {name, at?}), where name is connecting,
 * connected, plain, waiting (until `at`), offline, signed_out, refused or gone.
 */
export class Connection extends EventTarget {
  #greeting;
  #csrf;
  #plain;
  #link = null;
  #attempt = 0;
  #failedSockets = 0;
  #timer = null;
  #watch = null;
  #heard = 0;
  #closed = false;
  status = { name: "connecting" };

  /** @param {{greeting: () => {conversation: string, last_seq: number}|null, csrf: string, plain: boolean}} options */
  constructor({ greeting, csrf, plain }) {
    super();
    this.#greeting = greeting;
    this.#csrf = csrf;
    this.#plain = plain;
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.#offline());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.status.name === "waiting") this.now();
    });
    // A page that is put to sleep must not keep a line that looks alive.
    addEventListener("pagehide", () => this.#drop());
    addEventListener("pageshow", (event) => event.persisted && this.now());
  }

  get up() {
    return this.status.name === "connected" || this.status.name === "plain";
  }

  /** Connect, or greet again on the open line (another conversation, or a replay of what was missed). */
  greet() {
    this.#closed = false;
    if (this.up && !this.#plain) this.#link.send(this.#hello());
    else this.now();
  }

  /** Connect without waiting any longer. */
  now() {
    if (this.#closed) return;
    this.#drop();
    if (!this.#greeting()) return;
    if (navigator.onLine === false) this.#offline();
    else this.#open();
  }

  /** Hand a frame to the server. False when it can't be sent now. */
  send(frame) {
    if (!this.up || !this.#link) return false;
    if (!this.#plain) return this.#link.send(frame);
    this.#post(frame);
    return true;
  }

  close() {
    this.#closed = true;
    this.#drop();
  }

  #hello() {
    return { type: "hello", ...this.#greeting() };
  }

  #say(name, more = {}) {
    this.status = { name, ...more };
    this.dispatchEvent(new CustomEvent("status", { detail: this.status }));
  }

  #hear(link, data) {
    if (link !== this.#link) return;
    this.#heard = Date.now();
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (frame.type === "welcome") {
      this.#attempt = 0;
      this.#failedSockets = 0;
      this.#say(this.#plain ? "plain" : "connected");
    }
    if (frame.type === "error" && (frame.code === "not_signed_in" || frame.code === "signed_out")) {
      this.#end("signed_out");
      return;
    }
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  #open() {
    this.#say("connecting");
    this.#heard = Date.now();
    this.#link = this.#plain ? this.#openEvents() : this.#openSocket();
    this.#watch = setInterval(() => {
      if (Date.now() - this.#heard > SILENCE) this.#lost(this.#link, null);
      else if (!this.#plain) this.#link?.send({ type: "ping" });
    }, PING_EVERY);
  }

  #openSocket() {
    const socket = new WebSocket(new URL("/ws/chat", location.href).href.replace(/^http/, "ws"));
    const link = {
      send: (frame) => {
        if (socket.readyState !== WebSocket.OPEN) return false;
        socket.send(JSON.stringify(frame));
        return true;
      },
      drop: () => socket.close(),
    };
    socket.onopen = () => link.send(this.#hello());
    socket.onmessage = (event) => this.#hear(link, event.data);
    socket.onclose = (event) => this.#lost(link, event.code);
    return link;
  }

  #openEvents() {
    const abort = new AbortController();
    const link = { send: () => false, drop: () => abort.abort() };
    const { conversation, last_seq } = this.#greeting();
    const address = `/api/conversations/${encodeURIComponent(conversation)}/events?last_seq=${last_seq}`;
    (async () => {
      const response = await fetch(address, { headers: { accept: "text/event-stream" }, signal: abort.signal });
      if (!response.ok) return this.#lost(link, { 401: 4401, 403: 4403, 404: 4404 }[response.status] ?? null);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ; ) {
        const { value, done } = await reader.read();
        if (done) return this.#lost(link, null);
        this.#heard = Date.now();
        const found = eventsIn(rest + value);
        rest = found.rest;
        for (const data of found.data) this.#hear(link, data);
      }
    })().catch(() => this.#lost(link, null));
    return link;
  }

  async #post(frame) {
    const link = this.#link;
    const { conversation } = this.#greeting();
    try {
      const response = await fetch(`/api/conversations/${encodeURIComponent(conversation)}/frames`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": this.#csrf },
        body: JSON.stringify(frame),
      });
      const answer = await response.json();
      if (response.status === 401) this.#end("signed_out");
      else if (!response.ok) this.#hear(link, JSON.stringify({ ...answer, type: "error", client_id: frame.client_id }));
      else if (answer.type) this.#hear(link, JSON.stringify(answer));
    } catch {
      this.#lost(link, null);
    }
  }

  #lost(link, code) {
    if (link !== this.#link || this.#closed) return;
    if (FINAL[code]) {
      this.#end(FINAL[code]);
      return;
    }
    if (!this.up && !this.#plain) this.#failedSockets += 1;
    this.#drop();
    if (navigator.onLine === false) {
      this.#offline();
      return;
    }
    // Alternate from here on: a network that blocks websockets still gets through, one that was merely down returns.
    this.#plain = this.#failedSockets >= BACKOFF.attemptsBeforePlain ? !this.#plain : this.#plain;
    this.#attempt += 1;
    const wait = delay(this.#attempt, Math.random());
    this.#say("waiting", { at: Date.now() + wait });
    this.#timer = setTimeout(() => this.now(), wait);
  }

  #offline() {
    this.#drop();
    if (!this.#closed) this.#say("offline");
  }

  #end(name) {
    this.close();
    this.#say(name);
  }

  #drop() {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    const link = this.#link;
    this.#link = null;
    link?.drop();
    if (this.up) this.status = { name: "connecting" };
  }
}
