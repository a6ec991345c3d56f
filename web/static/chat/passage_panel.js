// The passage a citation points at, beside the conversation. On a phone the link opens its page instead.

import { beside, showMark } from "../film/beside.js";
import { h, icon, iconButton, scrollable } from "./dom.js";

export class PassagePanel {
  #words;
  #opener = null;
  #asked = 0;

  constructor(words) {
    this.#words = words;
    const t = (key) => words.t(key);
    this.body = h("div", { class: "passage-body", tabindex: "0", onclick: (event) => this.#turn(event) });
    beside(this.body);
    this.whole = h("a", { class: "quiet" }, icon("open", true), t("reading.open_page"));
    this.element = h(
      "aside",
      {
        class: "passage no-print",
        "aria-label": t("reading.panel"),
        hidden: true,
        onkeydown: (event) => event.key === "Escape" && (event.stopPropagation(), this.close()),
      },
      h("div", { class: "passage-head" }, this.whole, iconButton("close", words.t("close"), () => this.close())),
      this.body,
    );
  }

  get open() {
    return !this.element.hidden;
  }

  /** False where there is no room beside the conversation; the link is then followed as a link. */
  show(cited, opener) {
    if (matchMedia("(max-width: 64rem)").matches) return false;
    this.#opener?.removeAttribute("aria-expanded");
    this.#opener = opener;
    opener.setAttribute("aria-expanded", "true");
    this.whole.href = cited.href;
    this.element.hidden = false;
    this.body.replaceChildren(
      h("p", { class: "soft", role: "status" }, this.#words.t("reading.loading")),
      ...[1, 2, 3].map(() => h("div", { class: "skeleton", "aria-hidden": "true" })),
    );
    this.#load(cited);
    return true;
  }

  async #load(cited) {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const address = new URL(cited.href, location.href);
      const response = await fetch(address.pathname + address.search, { headers: { "x-fragment": "passage" } });
      if (response.status === 404) {
        if (asked === this.#asked) this.body.replaceChildren(h("p", { role: "alert" }, this.#words.t("reading.gone")));
        return;
      }
      if (!response.ok) throw new Error(String(response.status));
      const html = await response.text();
      if (asked !== this.#asked) return;
      this.body.innerHTML = html;
      for (const box of this.body.querySelectorAll(".scroll")) scrollable(box);
      this.body.focus({ preventScroll: true });
      this.body.querySelector("mark, .quoted")?.scrollIntoView({ block: "center" });
      if (address.hash.startsWith("#page-")) this.body.querySelector(address.hash)?.scrollIntoView({ block: "center" });
      showMark(this.body);
    } catch {
      if (asked !== this.#asked) return;
      this.body.replaceChildren(
        h("p", { role: "alert" }, this.#words.t("reading.failed")),
        h("button", { type: "button", class: "button", onclick: () => this.#load(cited) }, icon("retry"), this.#words.t("retry")),
      );
    }
  }

  /** Another page of the same file, in the same place. */
  #turn(event) {
    const link = event.target.closest?.(".page-turn :is([rel=prev], [rel=next])");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.whole.href = link.href;
    this.#load({ href: link.href });
  }

  close() {
    if (!this.open) return;
    this.#asked += 1;
    this.element.hidden = true;
    this.#opener?.removeAttribute("aria-expanded");
    if (this.#opener?.isConnected) this.#opener.focus();
    this.#opener = null;
  }
}
