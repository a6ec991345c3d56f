// Gets what is in the outbox to the server: one message at a time, each once, whatever the line does meanwhile.

import { delay } from "./connection.js";
import { nextFrame } from "./outbox.js";
import * as conversation from "./state.js";

const TEMPORARY = "new:";

/** 128 random bits. (crypto.randomUUID exists only on HTTPS pages, and a school's server may be without.) */
export function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The name of a conversation that the server doesn't know yet. */
export function temporaryId() {
  return TEMPORARY + randomId();
}

export function isTemporary(id) {
  return id.startsWith(TEMPORARY);
}

export class Delivery {
  #outbox;
  #api;
  #connection;
  #chat;
  #underway = null;
  #pausedUntil = 0;
  #timer = null;
  #beginning = false;
  #attempt = 0;
  #elsewhere = false;

  /** @param chat {id(), state(), named(temporary, id), status(status), tell(text), delivered()}: the
   *   conversation on the page; `delivered` says that a message of another one arrived. */
  constructor(outbox, api, connection, chat) {
    this.#outbox = outbox;
    this.#api = api;
    this.#connection = connection;
    this.#chat = chat;
  }

  /** Whether the server asked us to wait. */
  get paused() {
    return Date.now() < this.#pausedUntil;
  }

  /** Another conversation is shown. */
  reset() {
    clearTimeout(this.#timer);
    this.#underway = null;
    this.#pausedUntil = 0;
  }

  /** The replay is done: what is not in it did not arrive, and goes out again. */
  ready() {
    this.#underway = null;
    this.elsewhere();
  }

  /** The server has the message. */
  confirmed(clientId) {
    this.#outbox.remove(clientId);
    if (this.#underway === clientId) this.#underway = null;
  }

  /** The server didn't take the message: for now, or at all. */
  refused(frame) {
    this.#underway = null;
    if (!frame.retryable) {
      this.#outbox.change(frame.client_id, { error: frame.message });
      return;
    }
    const wait = (frame.retry_after ?? 2) * 1000;
    this.#pausedUntil = Date.now() + wait;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), wait);
    this.#chat.tell(frame.message);
  }

  /** Send what can be sent now. */
  flush() {
    if (isTemporary(this.#chat.id())) {
      this.begin();
      return;
    }
    const state = this.#chat.state();
    if (!this.#connection.up || !state.ready || this.#underway || this.paused) return;
    const busy = Boolean(conversation.openTurn(state));
    const sentAs = (clientId) => conversation.byClientId(state, clientId);
    const frame = nextFrame(this.#outbox.of(this.#chat.id()), sentAs, busy);
    if (frame && this.#connection.send(frame)) this.#underway = frame.client_id;
  }

  /** The first message of a conversation: the server gives it a name, and then it is sent like any other. */
  async begin() {
    const temporary = this.#chat.id();
    const first = this.#outbox.of(temporary)[0];
    if (!isTemporary(temporary) || !first || first.error || this.#beginning) return;
    this.#beginning = true;
    try {
      const id = await this.#named(first);
      this.#attempt = 0;
      if (this.#chat.id() === temporary) this.#chat.named(id);
    } catch (error) {
      if (error.status === 401) this.#chat.status({ name: "signed_out" });
      else if (error.retryable) {
        this.#attempt += 1;
        const wait = delay(this.#attempt, Math.random());
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.begin(), wait);
        this.#chat.status(navigator.onLine === false ? { name: "offline" } : { name: "waiting", at: Date.now() + wait });
      } else this.#outbox.change(first.client_id, { error: error.message });
    } finally {
      this.#beginning = false;
    }
  }

  async #named(item) {
    const { id } = await this.#api.call("POST", "/api/conversations", { course: item.course });
    this.#outbox.settle(item.conversation, id);
    return id;
  }

  /** Messages of conversations that are not on the page: written offline, and then left. */
  async elsewhere() {
    if (this.#elsewhere) return;
    this.#elsewhere = true;
    const tried = new Set();
    try {
      for (;;) {
        const here = this.#chat.id();
        const item = this.#outbox
          .all()
          .find((each) => each.conversation !== here && !each.error && !each.after && !tried.has(each.client_id));
        if (!item) return;
        tried.add(item.client_id);
        await this.#deliver(item);
      }
    } finally {
      this.#elsewhere = false;
    }
  }

  async #deliver(item) {
    try {
      const id = isTemporary(item.conversation) ? await this.#named(item) : item.conversation;
      const frame = nextFrame([item], () => null, false);
      await this.#api.call("POST", `/api/conversations/${encodeURIComponent(id)}/frames`, frame);
      this.#outbox.remove(item.client_id);
      this.#chat.delivered();
    } catch (error) {
      // What can't ever be delivered is shown, with what to do about it, when its conversation is opened.
      if (!error.retryable && error.status !== 401) this.#outbox.change(item.client_id, { error: error.message });
    }
  }
}
