// <tutor-chat>: the conversation with the tutor. The parts are in chat/; here they are put together.

import { Api } from "./chat/api.js";
import { Beginning } from "./chat/beginning.js";
import { Composer } from "./chat/composer.js";
import { Connection, delay } from "./chat/connection.js";
import { ConnectionLine } from "./chat/connection_line.js";
import { ConversationList } from "./chat/conversation_list.js";
import { h, icon, iconButton } from "./chat/dom.js";
import { nextFrame, Outbox } from "./chat/outbox.js";
import { PassagePanel } from "./chat/passage_panel.js";
import { showShortcuts } from "./chat/shortcuts.js";
import * as conversation from "./chat/state.js";
import { TurnView } from "./chat/turn_view.js";
import { Words } from "./chat/words.js";

const TEMPORARY = "new:";

class TutorChat extends HTMLElement {
  #state = conversation.EMPTY;
  #views = new Map();
  #following = true;
  #drawing = false;
  #sentNow = null;
  #retryTimer = null;
  #pausedUntil = 0;
  #beginning = false;
  #beginAttempt = 0;

  connectedCallback() {
    const boot = JSON.parse(document.getElementById("boot").textContent);
    const csrf = document.querySelector('meta[name="csrf-token"]').content;
    this.boot = boot;
    this.words = new Words(boot.strings, document.documentElement.lang);
    this.api = new Api(csrf, this.t("error.offline"));
    this.outbox = new Outbox(localStorage, boot.account);
    this.course = boot.courses.find((each) => each.id === boot.course) ?? boot.courses[0] ?? null;
    this.id_ = boot.conversation ?? this.#temporaryId();
    this.connection = new Connection({
      csrf,
      plain: new URLSearchParams(location.search).get("transport") === "sse",
      greeting: () =>
        this.id_.startsWith(TEMPORARY) ? null : { conversation: this.id_, last_seq: this.#state.lastSeq },
    });
    this.#build();
    this.#listen();
    this.#show(this.id_, { push: false });
    this.list.refresh(0);
    const question = new URLSearchParams(location.search).get("ask");
    if (question && !boot.conversation) {
      this.composer.set(question);
      history.replaceState(null, "", location.pathname);
    }
    this.composer.focus();
  }

  t(key, values) {
    return this.words.t(key, values);
  }

  // -- building ------------------------------------------------------------------------------------------------------

  #build() {
    const t = (key, values) => this.t(key, values);
    this.list = new ConversationList(this.words, this.api, {
      open: (id) => this.#show(id),
      fresh: () => this.#show(this.#temporaryId()),
      removed: (id) => id === this.id_ && this.#show(this.#temporaryId()),
      renamed: (id, title) => id === this.id_ && this.#rename(title),
      close: () => this.#drawer(false),
    });
    this.panel = new PassagePanel(this.words);
    this.composer = new Composer(this.words, this.boot.limit, {
      send: (text) => this.#write({ type: "send", text }),
      stop: () => this.#stop(),
      editLast: () => this.#editLast(),
    });
    this.heading = h("h1", {}, t("new"));
    this.opener = iconButton("menu", t("list.open"), () => this.#drawer(true), { class: "quiet rail-open" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t("log"), tabindex: "-1" });
    this.empty = new Beginning(this.words, this.boot.courses, {
      ask: (text) => this.#write({ type: "send", text }),
      choose: (course) => {
        this.course = course;
        this.empty.show(course);
      },
    });
    this.waiting = h("div", { class: "waiting" });
    this.latest = h(
      "button",
      { type: "button", class: "button latest no-print", hidden: true, onclick: () => this.#toBottom(true) },
      icon("latest"),
      t("latest"),
    );
    this.pane = h(
      "div",
      { class: "pane", onscroll: () => this.#scrolled() },
      h("div", { class: "column" }, this.empty.element, this.log, this.waiting),
    );
    this.line = new ConnectionLine(this.words, {
      now: () => (this.id_.startsWith(TEMPORARY) ? this.#begin() : this.connection.now()),
      tell: (text) => {
        this.status.textContent = text;
      },
    });
    this.status = h("div", { class: "spoken-only", role: "status" });
    this.main = h(
      "main",
      { id: "content", class: "talk", tabindex: "-1" },
      h("header", { class: "talk-head" }, this.opener, this.heading),
      this.pane,
      h("div", { class: "foot" }, this.latest, this.line.element, this.composer.element),
    );
    this.list.extra.append(
      h(
        "button",
        { type: "button", class: "quiet", onclick: (event) => showShortcuts(this.words, event.currentTarget) },
        icon("keys"),
        t("keys.open"),
      ),
    );
    this.veil = h("div", { class: "veil", hidden: true, onclick: () => this.#drawer(false) });
    this.replaceChildren(this.list.element, this.veil, this.main, this.panel.element, this.status);
  }

  #listen() {
    this.connection.addEventListener("frame", (event) => this.#take(event.detail));
    this.connection.addEventListener("status", (event) => this.#line(event.detail));
    this.outbox.addEventListener("change", () => this.#draw());
    addEventListener("storage", () => this.#draw());
    addEventListener("online", () => this.#begin());
    addEventListener("offline", () => this.id_.startsWith(TEMPORARY) && this.#line({ name: "offline" }));
    addEventListener("popstate", () => {
      const id = location.pathname.split("/")[2];
      this.#show(id ? decodeURIComponent(id) : this.#temporaryId(), { push: false });
    });
    addEventListener("resize", () => this.#following && this.#toBottom(false));
    document.addEventListener("keydown", (event) => this.#key(event));
    // Browsers may change a box's height after layout (fonts, formulas): stay at the end if we were there.
    new ResizeObserver(() => this.#following && this.#toBottom(false)).observe(this.log);
  }

  #temporaryId() {
    return TEMPORARY + crypto.randomUUID();
  }

  /** Show a conversation, or the beginning of a new one. */
  #show(id, { push = true } = {}) {
    clearTimeout(this.#retryTimer);
    this.#sentNow = null;
    this.#pausedUntil = 0;
    this.id_ = id;
    this.#state = conversation.EMPTY;
    this.#views.clear();
    this.log.replaceChildren();
    this.panel.close();
    this.#drawer(false);
    this.#following = true;
    const temporary = id.startsWith(TEMPORARY);
    if (push) history.pushState(null, "", temporary ? "/chat" : `/chat/${encodeURIComponent(id)}`);
    this.list.current = temporary ? null : id;
    this.composer.draft(temporary ? "new" : id);
    this.empty.show(this.course);
    this.#draw();
    if (temporary) {
      this.connection.close();
      this.#line({ name: navigator.onLine === false ? "offline" : "connected" });
      // What was written before the server gave the conversation its name goes on where it stopped.
      const left = this.outbox.all().findLast((item) => item.conversation.startsWith(TEMPORARY));
      if (left && !push) {
        this.id_ = left.conversation;
        this.#begin();
      }
    } else {
      this.connection.greet();
    }
    if (push) this.composer.focus();
  }

  // -- what the server says ------------------------------------------------------------------------------------------

  #take(frame) {
    if (frame.type === "welcome" && frame.conversation !== this.id_) return;
    const before = this.#state;
    this.#state = conversation.reduce(before, frame);
    if (this.#state.gap && !before.gap) {
      this.connection.greet();
      return;
    }
    switch (frame.type) {
      case "welcome":
        // A restored server knows less than we do: our fold began anew, and so must the replay.
        if (before.conversation === this.id_ && frame.last_seq < before.lastSeq) this.connection.greet();
        break;
      case "ready":
        this.#sentNow = null;
        this.list.refresh();
        break;
      case "message":
        this.outbox.remove(frame.client_id);
        if (this.#sentNow === frame.client_id) this.#sentNow = null;
        if (this.#state.ready) this.list.refresh();
        break;
      case "finished":
      case "interrupted":
        if (this.#state.ready && before !== this.#state) {
          this.status.textContent = this.t(frame.outcome === "complete" ? "finished" : (frame.outcome ?? "interrupted"));
          this.list.refresh();
        }
        break;
      case "renamed":
        this.list.refresh();
        break;
      case "deleted":
        this.#show(this.#temporaryId());
        this.status.textContent = this.t("connection.gone");
        return;
      case "error":
        this.#problem(frame);
        break;
    }
    this.#draw();
    this.#flush();
  }

  #problem(frame) {
    if (frame.code === "not_found" && !frame.client_id) {
      this.connection.close();
      this.#line({ name: "gone" });
      return;
    }
    if (!frame.client_id) {
      this.#tell(frame.message);
      return;
    }
    this.#sentNow = null;
    if (frame.retryable) {
      const wait = (frame.retry_after ?? 2) * 1000;
      this.#pausedUntil = Date.now() + wait;
      clearTimeout(this.#retryTimer);
      this.#retryTimer = setTimeout(() => this.#flush(), wait);
      this.#tell(frame.message);
    } else {
      this.outbox.change(frame.client_id, { error: frame.message });
    }
  }

  // -- what the learner does -----------------------------------------------------------------------------------------

  #write({ type, text = "", turn = null }) {
    const pending = this.outbox.of(this.id_);
    const path = conversation.path(this.#state);
    this.outbox.add({
      client_id: crypto.randomUUID(),
      conversation: this.id_,
      course: this.course?.id ?? null,
      type,
      text,
      turn,
      parent: path.at(-1)?.id ?? null,
      after: pending.at(-1)?.client_id ?? null,
      error: null,
    });
    this.#following = true;
    this.#draw();
    this.#toBottom(false);
    if (this.id_.startsWith(TEMPORARY)) this.#begin();
    else this.#flush();
  }

  #flush() {
    if (!this.connection.up || !this.#state.ready || this.#sentNow || Date.now() < this.#pausedUntil) return;
    const busy = Boolean(conversation.openTurn(this.#state));
    const frame = nextFrame(
      this.outbox.of(this.id_),
      (clientId) => conversation.byClientId(this.#state, clientId),
      busy,
    );
    if (frame && this.connection.send(frame)) this.#sentNow = frame.client_id;
  }

  /** The first message of a conversation: the server gives it a name, and then it is sent like any other. */
  async #begin() {
    const temporary = this.id_;
    const first = this.outbox.of(temporary)[0];
    if (!temporary.startsWith(TEMPORARY) || !first || this.#beginning) return;
    this.#beginning = true;
    try {
      const { id } = await this.api.call("POST", "/api/conversations", { course: first.course });
      this.outbox.settle(temporary, id);
      this.#beginAttempt = 0;
      if (this.id_ === temporary) {
        this.id_ = id;
        sessionStorage.removeItem("diotima.draft.new");
        const half = this.composer.field.value;
        this.composer.draft(id);
        this.composer.set(half);
        history.replaceState(null, "", `/chat/${encodeURIComponent(id)}`);
        this.list.current = id;
        this.connection.greet();
      }
    } catch (error) {
      if (error.status === 401) this.#line({ name: "signed_out" });
      else if (error.retryable) {
        this.#beginAttempt += 1;
        const wait = delay(this.#beginAttempt, Math.random());
        this.#line(navigator.onLine === false ? { name: "offline" } : { name: "waiting", at: Date.now() + wait });
        this.#retryTimer = setTimeout(() => this.#begin(), wait);
      } else this.outbox.change(first.client_id, { error: error.message });
    } finally {
      this.#beginning = false;
    }
  }

  #stop() {
    const turn = conversation.openTurn(this.#state);
    if (turn) this.connection.send({ type: "stop", turn: turn.id });
  }

  #editLast() {
    const turn = conversation.path(this.#state).at(-1);
    if (!turn || turn.status === "open") return false;
    this.#views.get(turn.id)?.edit();
    return true;
  }

  #rename(title) {
    this.#state = { ...this.#state, title };
    this.#draw();
  }

  async #copy(turn) {
    try {
      await navigator.clipboard.writeText(turn.reply);
      this.#tell(this.t("copied"));
    } catch {
      this.#tell(this.t("copy_failed"));
    }
  }

  #rate(turn, rating, comment) {
    const frame = { type: "feedback", turn: turn.id, rating };
    if (comment) frame.comment = comment;
    const sent = this.connection.send(frame);
    if (!sent) this.#tell(this.t("error.offline"));
    return sent;
  }

  // -- drawing -------------------------------------------------------------------------------------------------------

  /** Soon, and once for everything that happens until then. */
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    const draw = () => {
      if (!this.#drawing) return;
      this.#drawing = false;
      this.#drawNow();
    };
    requestAnimationFrame(draw);
    // A page in the background gets no frames, but should be right when it is looked at.
    if (document.hidden) setTimeout(draw, 50);
  }

  #drawNow() {
    const path = conversation.path(this.#state);
    const items = this.outbox.of(this.id_).filter((item) => !conversation.byClientId(this.#state, item.client_id));
    const busy = Boolean(conversation.openTurn(this.#state));
    // Like the server, a conversation without a name of its own goes by its first message.
    const first = this.#state.turns[this.#state.order[0]]?.text ?? items[0]?.text;
    const title = this.#state.title || first || this.t("untitled");
    this.heading.textContent = title;
    document.title = `${title} · ${this.t("tutor")}`;
    const elements = path.map((turn, place) => {
      let view = this.#views.get(turn.id);
      if (!view) this.#views.set(turn.id, (view = new TurnView(this.words, this.#actions())));
      view.update(turn, {
        siblings: conversation.siblings(this.#state, turn.id),
        last: place === path.length - 1,
        idle: !busy && !items.some((item) => !item.error),
      });
      return view.element;
    });
    if (elements.length !== this.log.children.length || elements.some((each, i) => each !== this.log.children[i])) {
      this.log.replaceChildren(...elements);
    }
    this.waiting.replaceChildren(...items.map((item) => this.#pending(item)));
    this.empty.element.hidden = path.length > 0 || items.length > 0 || !this.#settled();
    this.composer.busy(busy);
    if (this.#following) this.#toBottom(false);
    this.#scrolled();
  }

  /** Whether an empty log means an empty conversation. */
  #settled() {
    return this.id_.startsWith(TEMPORARY) || this.#state.ready;
  }

  #actions() {
    return {
      edit: (turn, text) => this.#write({ type: "edit", text, turn: turn.id }),
      retry: (turn) => this.#write({ type: "retry", text: turn.text, turn: turn.id }),
      choose: (id) => {
        this.#state = conversation.choose(this.#state, id);
        this.#following = false;
        this.#drawNow();
        this.#views.get(id)?.element.querySelector(".branches button:not([disabled])")?.focus();
      },
      copy: (turn) => this.#copy(turn),
      rate: (turn, rating, comment) => this.#rate(turn, rating, comment),
      cite: (cited, link) => this.panel.show(cited, link),
    };
  }

  #pending(item) {
    const t = (key) => this.t(key);
    const tools = item.error
      ? [
          h("p", { class: "notice bad" }, item.error),
          h(
            "div",
            { class: "actions" },
            h("button", { type: "button", class: "button", onclick: () => this.#discard(item) }, t("discard")),
            h("button", { type: "button", class: "button", onclick: () => this.#again(item) }, icon("retry"), t("send_again")),
          ),
        ]
      : this.connection.up && Date.now() >= this.#pausedUntil
        ? []
        : [h("p", { class: "small soft" }, t("waiting"))];
    return h(
      "article",
      { class: "turn pending", "data-client": item.client_id },
      h("section", { class: "said" }, h("div", { class: "message", dir: "auto" }, item.text), ...tools),
    );
  }

  #discard(item) {
    this.outbox.remove(item.client_id);
    if (!this.composer.field.value) this.composer.set(item.text);
    this.composer.focus();
  }

  #again(item) {
    this.outbox.change(item.client_id, { error: null });
    if (this.id_.startsWith(TEMPORARY)) this.#begin();
    else this.#flush();
  }

  // -- connection, scrolling, keys -----------------------------------------------------------------------------------

  #line(status) {
    this.line.show(status);
    this.#draw();
    this.#flush();
  }

  #tell(text) {
    this.status.textContent = text;
    this.toast?.remove();
    const toast = h("div", { class: "toast no-print", "aria-hidden": "true" }, text);
    this.toast = toast;
    this.main.append(toast);
    toast.addEventListener("animationend", () => toast.remove());
  }

  #scrolled() {
    const { pane } = this;
    const away = pane.scrollHeight - pane.scrollTop - pane.clientHeight;
    this.#following = away < 48;
    this.latest.hidden = away < 160;
    this.main.classList.toggle("scrolled", pane.scrollTop > 8);
  }

  #toBottom(focus) {
    // Neither an empty page nor a message being edited is to be scrolled away from under its reader.
    if (this.empty.element.hidden && (focus || !this.log.querySelector("form"))) this.pane.scrollTop = this.pane.scrollHeight;
    if (focus) this.composer.focus();
  }

  #drawer(open) {
    const narrow = matchMedia("(max-width: 52rem)").matches;
    const was = this.hasAttribute("data-drawer");
    this.toggleAttribute("data-drawer", open && narrow);
    this.veil.hidden = !(open && narrow);
    this.main.inert = open && narrow;
    if (open && narrow) this.list.element.querySelector("a").focus();
    else if (was) this.opener.focus();
  }

  #key(event) {
    if (event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      if (this.hasAttribute("data-drawer")) this.#drawer(false);
      else if (this.panel.open) this.panel.close();
      else this.#stop();
      return;
    }
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      event.preventDefault();
      this.#drawer(true);
      this.list.search.focus();
    } else if (event.key === "?") {
      event.preventDefault();
      showShortcuts(this.words, document.activeElement);
    } else if (event.key === "i" || event.key === "m") {
      event.preventDefault();
      this.composer.focus();
    }
  }
}

customElements.define("tutor-chat", TutorChat);
