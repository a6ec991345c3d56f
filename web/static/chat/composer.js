// The box to write in. It knows nothing of the conversation: it asks `actions` and is told what goes on.

import { h, icon } from "./dom.js";

export class Composer {
  #words;
  #limit;
  #draftKey = null;

  /** @param actions {send(text), stop(), editLast()} */
  constructor(words, limit, actions) {
    this.#words = words;
    this.#limit = limit;
    const t = (key) => words.t(key);
    this.field = h("textarea", {
      id: "message",
      rows: 1,
      dir: "auto",
      placeholder: t("placeholder"),
      "aria-describedby": "message-count",
      enterkeyhint: "send",
      oninput: () => this.#changed(),
      onkeydown: (event) => this.#key(event, actions),
    });
    this.count = h("span", { id: "message-count", class: "count", role: "status" });
    this.stop = h(
      "button",
      { type: "button", class: "round stop", "aria-label": t("stop"), title: t("stop"), onclick: () => actions.stop() },
      icon("stop"),
    );
    this.submit = h("button", { class: "round send", "aria-label": t("send"), title: t("send") }, icon("send"));
    this.element = h(
      "form",
      {
        class: "composer no-print",
        onsubmit: (event) => {
          event.preventDefault();
          const text = this.field.value.trim();
          if (!text || this.#over() > 0) return;
          this.set("");
          actions.send(text);
        },
      },
      h("label", { class: "spoken-only", for: "message" }, t("message")),
      this.field,
      this.count,
      this.stop,
      this.submit,
    );
    this.busy(false);
  }

  /** Whether an answer is being written: then there is something to stop. */
  busy(busy) {
    this.stop.hidden = !busy;
    this.#changed();
  }

  /** Keep what is half written under this conversation's name. */
  draft(conversation) {
    this.#draftKey = `diotima.draft.${conversation}`;
    this.field.value = sessionStorage.getItem(this.#draftKey) ?? "";
    this.#changed();
  }

  set(text) {
    this.field.value = text;
    this.#changed();
  }

  /** Unless that would bring up a keyboard nobody asked for. */
  focus() {
    if (!matchMedia("(pointer: coarse)").matches) this.field.focus({ preventScroll: true });
  }

  #over() {
    return [...this.field.value.trim()].length - this.#limit;
  }

  #changed() {
    const { field } = this;
    const over = this.#over();
    this.count.textContent = over > 0 ? this.#words.t("too_long", { count: over }) : "";
    this.submit.disabled = !field.value.trim() || over > 0;
    this.submit.hidden = !this.stop.hidden && !field.value.trim();
    field.style.blockSize = "auto";
    if (field.value) field.style.blockSize = `${field.scrollHeight}px`;
    if (this.#draftKey) {
      if (field.value) sessionStorage.setItem(this.#draftKey, field.value);
      else sessionStorage.removeItem(this.#draftKey);
    }
  }

  #key(event, actions) {
    if (event.isComposing) return;
    // On a touch keyboard Enter is the only way to a new line.
    if (event.key === "Enter" && !event.shiftKey && !matchMedia("(pointer: coarse)").matches) {
      event.preventDefault();
      this.element.requestSubmit();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      if (actions.editLast()) event.preventDefault();
    }
  }
}
