// <tutor-chat>: the conversation with the tutor. The parts are in chat/; here they are put together.

import { Api } from "./chat/api.js";
import { Beginning } from "./chat/beginning.js";
import { Questions } from "./chat/cards/questions.js";
import { Composer } from "./chat/composer.js";
import { Connection } from "./chat/connection.js";
import { ConnectionLine } from "./chat/connection_line.js";
import { ConversationList } from "./chat/conversation_list.js";
import { Delivery, isTemporary, randomId, temporaryId } from "./chat/delivery.js";
import { h, icon, iconButton } from "./chat/dom.js";
import { Follow } from "./chat/follow.js";
import { listenForKeys } from "./chat/keys.js";
import { Outbox } from "./chat/outbox.js";
import { PassagePanel } from "./chat/passage_panel.js";
import { pendingView } from "./chat/pending_view.js";
import { showShortcuts } from "./chat/shortcuts.js";
import * as conversation from "./chat/state.js";
import { TurnView } from "./chat/turn_view.js";
import { Words } from "./chat/words.js";

class TutorChat extends HTMLElement {
  #state = conversation.EMPTY;
  #views = new Map();
  #drawing = false;

  connectedCallback() {
    const boot = JSON.parse(document.getElementById("boot").textContent);
    const csrf = document.querySelector('meta[name="csrf-token"]').content;
    this.boot = boot;
    this.words = new Words(boot.strings, document.documentElement.lang);
    this.api = new Api(csrf, this.t("error.offline"));
    this.outbox = new Outbox(localStorage, boot.account);
    this.course = boot.courses.find((each) => each.id === boot.course) ?? boot.courses[0] ?? null;
    this.id_ = boot.conversation ?? temporaryId();
    this.connection = new Connection({
      csrf,
      plain: new URLSearchParams(location.search).get("transport") === "sse",
      greeting: () =>
        isTemporary(this.id_) ? null : { conversation: this.id_, last_seq: this.#state.lastSeq },
    });
    this.delivery = new Delivery(this.outbox, this.api, this.connection, {
      id: () => this.id_,
      state: () => this.#state,
      named: (id) => this.#named(id),
      status: (status) => this.#line(status),
      tell: (text) => this.#tell(text),
      delivered: () => this.list.refresh(),
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
      fresh: () => this.#show(temporaryId()),
      removed: (id) => id === this.id_ && this.#show(temporaryId()),
      renamed: (id, title) => id === this.id_ && this.#rename(title),
      listed: () => this.#draw(),
      close: () => this.#drawer(false),
    });
    this.panel = new PassagePanel(this.words);
    this.composer = new Composer(this.words, this.boot.limit, {
      send: (text) => this.#write({ type: "send", text }),
      stop: () => this.#stop(),
      editLast: () => this.#editLast(),
    });
    this.questions = new Questions(this.words, this.boot.limit, {
      write: (message) => this.#write({ type: "send", ...message }),
      preview: (text) => this.api.call("POST", "/api/maths/preview", { text, language: this.words.language }).catch(() => null),
      tell: (text) => {
        this.status.textContent = text;
      },
    });
    this.heading = h("h1", {}, t("new"));
    this.opener = iconButton("menu", t("list.open"), () => this.#drawer(true), { class: "quiet rail-open" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t("log"), tabindex: "-1" });
    this.empty = new Beginning(this.words, this.boot.courses, {
      ask: (text) => this.#write({ type: "send", text }),
      begin: (action, text) => this.questions.begin(action, text),
      choose: (course) => {
        this.course = course;
        this.empty.show(course);
      },
    });
    this.waiting = h("div", { class: "waiting" });
    this.latest = h(
      "button",
      { type: "button", class: "button latest no-print", hidden: true, onclick: () => (this.follow.toEnd(), this.composer.focus()) },
      icon("latest"),
      t("latest"),
    );
    this.pane = h(
      "div",
      { class: "pane" },
      h("div", { class: "column" }, this.empty.element, this.log, this.waiting),
    );
    // Neither an empty page nor a message being edited is to be moved away from under its reader.
    const may = () => this.empty.element.hidden && !this.log.querySelector(".editing, .message .question, .comment form");
    const changed = (far, scrolled) => {
      this.latest.hidden = !far;
      this.main.classList.toggle("scrolled", scrolled);
    };
    // What was said before the question, the verdict above all, stays in view with it where it is short.
    const lead = () => {
      const card = this.waiting.hasChildNodes() ? null : this.log.querySelector(".card-place .question");
      const said = card?.closest(".answered");
      const before = said ? card.getBoundingClientRect().top - said.getBoundingClientRect().top : 0;
      return said && before < (2 / 3) * this.pane.clientHeight ? said : card;
    };
    this.follow = new Follow(this.pane, this.log, may, changed, lead);
    this.line = new ConnectionLine(this.words, {
      now: () => (isTemporary(this.id_) ? this.delivery.begin() : this.connection.now()),
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
        { type: "button", class: "quiet", onclick: () => showShortcuts(this.words) },
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
    addEventListener("online", () => {
      if (isTemporary(this.id_)) this.#line({ name: "connected" });
      this.delivery.elsewhere();
    });
    addEventListener("offline", () => isTemporary(this.id_) && this.#line({ name: "offline" }));
    addEventListener("popstate", () => {
      const id = location.pathname.split("/")[2];
      this.#show(id ? decodeURIComponent(id) : temporaryId(), { push: false });
    });
    listenForKeys({
      escape: () => {
        if (this.hasAttribute("data-drawer")) this.#drawer(false);
        else if (this.panel.open) this.panel.close();
        else this.#stop();
      },
      search: () => {
        this.#drawer(true);
        this.list.search.focus();
      },
      help: () => showShortcuts(this.words),
      write: () => this.composer.field.focus(),
    });
  }

  /** Show a conversation, or the beginning of a new one. */
  #show(id, { push = true } = {}) {
    this.delivery.reset();
    this.id_ = id;
    this.#state = conversation.EMPTY;
    this.#views.clear();
    this.questions.reset();
    this.log.replaceChildren();
    this.panel.close();
    this.#drawer(false);
    this.follow.on = true;
    const temporary = isTemporary(id);
    if (push) history.pushState(null, "", temporary ? "/chat" : `/chat/${encodeURIComponent(id)}`);
    this.list.current = temporary ? null : id;
    this.composer.draft(temporary ? "new" : id);
    this.empty.show(this.course);
    this.#draw();
    if (temporary) {
      this.connection.close();
      this.#line({ name: navigator.onLine === false ? "offline" : "connected" });
      // What was written before the server gave the conversation its name goes on where it stopped.
      const left = this.outbox.all().findLast((item) => isTemporary(item.conversation));
      if (left && !push) {
        this.id_ = left.conversation;
        this.delivery.begin();
      }
      this.delivery.elsewhere();
    } else {
      this.connection.greet();
    }
    if (push) this.composer.focus();
  }

  // -- what the server says ------------------------------------------------------------------------------------------

  #take(frame) {
    // On a line that changed conversations the last frames of the one before may still come in.
    const ours = (frame.type === "welcome" ? frame : this.#state).conversation === this.id_;
    if (!ours && frame.type !== "error") return;
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
        this.delivery.ready();
        this.list.refresh();
        break;
      case "message":
        this.delivery.confirmed(frame.client_id);
        if (this.#state.ready) this.list.refresh();
        break;
      case "finished":
      case "interrupted":
        if (this.#state.ready && before !== this.#state) {
          this.#over(frame);
          this.list.refresh();
        }
        break;
      case "renamed":
        this.list.refresh();
        break;
      case "deleted":
        this.#show(temporaryId());
        this.status.textContent = this.t("connection.gone");
        return;
      case "error":
        this.#problem(frame);
        break;
    }
    this.#draw();
    this.delivery.flush();
  }

  /** A turn has ended: say so, and go on at its question if the last one was answered by a card. */
  #over(frame) {
    const turn = this.#state.turns[frame.turn];
    const ended = this.t(frame.outcome === "complete" ? "finished" : (frame.outcome ?? "interrupted"));
    this.status.textContent = [...this.questions.announcement(turn), ended].join(" ");
    this.#ended = true;
  }
  #ended = false;

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
    this.delivery.refused(frame);
  }

  // -- what the learner does -----------------------------------------------------------------------------------------

  #write({ type, text = "", turn = null, reply = null, parent }) {
    const pending = this.outbox.of(this.id_);
    const path = conversation.path(this.#state);
    this.outbox.add({
      client_id: randomId(),
      conversation: this.id_,
      course: this.course?.id ?? null,
      type,
      text,
      turn,
      parent: parent ?? path.at(-1)?.id ?? null,
      after: parent ? null : (pending.at(-1)?.client_id ?? null),
      error: null,
      reply,
    });
    this.follow.on = true;
    this.#draw();
    this.delivery.flush();
  }

  /** The conversation on the page has got its name. */
  #named(id) {
    this.id_ = id;
    const half = this.composer.field.value;
    sessionStorage.removeItem("diotima.draft.new");
    this.composer.draft(id);
    this.composer.set(half);
    history.replaceState(null, "", `/chat/${encodeURIComponent(id)}`);
    this.list.current = id;
    this.connection.greet();
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
    // Like the server, a conversation without a name of its own goes by its first message, if that is more than a button.
    const begun = this.#state.turns[this.#state.order[0]];
    const first = begun ? !begun.given && begun.text : !items[0]?.reply && items[0]?.text;
    const title = this.#state.title || this.list.titleOf(this.id_) || first || this.t("untitled");
    this.heading.textContent = title;
    document.title = `${title} · ${this.t("tutor")}`;
    const idle = !busy && !items.some((item) => !item.error);
    const placed = this.questions.place(path, items, idle);
    const elements = path.map((turn, place) => {
      let view = this.#views.get(turn.id);
      if (!view) this.#views.set(turn.id, (view = new TurnView(this.words, this.#actions())));
      view.update(turn, {
        siblings: conversation.siblings(this.#state, turn.id),
        last: place === path.length - 1,
        idle,
      }, placed.get(turn.id));
      return view.element;
    });
    if (elements.length !== this.log.children.length || elements.some((each, i) => each !== this.log.children[i])) {
      this.log.replaceChildren(...elements);
    }
    const stuck = !this.connection.up || this.delivery.paused;
    const again = { discard: (item) => this.#discard(item), again: (item) => this.#again(item) };
    this.waiting.replaceChildren(...items.map((item) => pendingView(this.words, item, stuck, again)));
    this.empty.element.hidden = path.length > 0 || items.length > 0 || !this.#settled();
    this.composer.busy(busy);
    if (this.#ended) {
      this.#ended = false;
      this.questions.goOn(placed.get(path.at(-1)?.id)?.card ?? null);
    }
    this.follow.keep();
    this.follow.look();
  }

  /** Whether an empty log means an empty conversation. */
  #settled() {
    return isTemporary(this.id_) || this.#state.ready;
  }

  #actions() {
    return {
      edit: (turn, text) => this.#write({ type: "edit", text, turn: turn.id }),
      retry: (turn) => this.#write({ type: "retry", text: turn.text, turn: turn.id }),
      choose: (id) => {
        this.#state = conversation.choose(this.#state, id);
        this.follow.on = false;
        this.#drawNow();
        this.#views.get(id)?.element.querySelector(".branches button:not([disabled])")?.focus();
      },
      copy: (turn) => this.#copy(turn),
      rate: (turn, rating, comment) => this.#rate(turn, rating, comment),
      cite: (cited, link) => this.panel.show(cited, link),
      again: (turn, item, close) => this.questions.again(turn, item, close),
      api: this.api,
    };
  }

  #discard(item) {
    this.outbox.remove(item.client_id);
    if (!this.composer.field.value && !item.reply) this.composer.set(item.text);
    this.composer.focus();
  }

  #again(item) {
    this.outbox.change(item.client_id, { error: null });
    this.delivery.flush();
  }

  // -- connection, scrolling, keys -----------------------------------------------------------------------------------

  #line(status) {
    this.line.show(status);
    this.#draw();
    this.delivery.flush();
  }

  #tell(text) {
    this.status.textContent = text;
    this.toast?.remove();
    const toast = h("div", { class: "toast no-print", "aria-hidden": "true" }, text);
    this.toast = toast;
    this.main.append(toast);
    toast.addEventListener("animationend", () => toast.remove());
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
}

customElements.define("tutor-chat", TutorChat);
