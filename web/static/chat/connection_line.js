// Says how the line to the server stands, when it isn't simply there. Honest, and no cause for alarm.

import { h } from "./dom.js";

export class ConnectionLine {
  #words;
  #do;
  #name = "connecting";
  #countdown = null;

  /** @param actions {now(), tell(text)}: try at once; tell those who can't see the line. */
  constructor(words, actions) {
    this.#words = words;
    this.#do = actions;
    this.element = h("div", { class: "line no-print", hidden: true });
  }

  /** @param status as `Connection` reports it */
  show(status) {
    clearInterval(this.#countdown);
    const was = this.#name;
    this.#name = status.name;
    this.element.dataset.name = status.name;
    this.element.hidden = status.name === "connected" || status.name === "plain";
    const t = (key, values) => this.#words.t(`connection.${key}`, values);
    switch (status.name) {
      case "connected":
      case "plain":
        if (was === "offline" || was === "waiting") this.#do.tell(t("back"));
        break;
      case "connecting":
        this.#say(t("connecting"));
        break;
      case "offline":
        this.#say(t("offline"));
        if (was !== "offline") this.#do.tell(t("offline"));
        break;
      case "waiting":
        this.#count(status.at);
        break;
      case "signed_out":
        this.#say(t("signed_out"), h("a", { href: `/sign-in?next=${encodeURIComponent(location.pathname)}` }, t("sign_in")));
        break;
      default:
        this.#say(t(status.name), h("a", { href: "/chat" }, this.#words.t("new")));
    }
  }

  #count(at) {
    const text = h("span");
    const tick = () => {
      const count = Math.max(1, Math.ceil((at - Date.now()) / 1000));
      text.textContent = this.#words.t("connection.reconnecting", { count });
    };
    tick();
    this.#countdown = setInterval(tick, 500);
    const now = this.#words.t("connection.now");
    this.#say(text, h("button", { type: "button", class: "quiet", onclick: () => this.#do.now() }, now));
  }

  #say(...content) {
    this.element.replaceChildren(...content);
  }
}
