// The list of conversations: search, open, rename, delete. On a phone it is a drawer.

import { h, icon, iconButton } from "./dom.js";

export class ConversationList {
  #words;
  #api;
  #do;
  #current = null;
  #query = "";
  #titles = new Map();
  #asked = 0;
  #timer = null;

  /** @param actions {open(id), fresh(), removed(id), renamed(id, title), listed(), close()} */
  constructor(words, api, actions) {
    this.#words = words;
    this.#api = api;
    this.#do = actions;
    const t = (key) => words.t(key);
    this.search = h("input", {
      type: "search",
      class: "input",
      placeholder: t("list.search"),
      "aria-label": t("list.search"),
      oninput: () => this.#typed(),
      onkeydown: (event) => {
        if (event.key === "Escape" && this.search.value) {
          event.stopPropagation();
          this.search.value = "";
          this.#typed();
        }
      },
    });
    this.groups = h("div", { class: "groups" });
    this.extra = h("div", { class: "rail-foot" });
    this.element = h(
      "nav",
      { class: "rail no-print", "aria-label": t("list.label") },
      h(
        "div",
        { class: "rail-head" },
        h(
          "a",
          { class: "button primary", href: "/chat", onclick: (event) => this.#follow(event, () => this.#do.fresh()) },
          icon("plus"),
          t("new"),
        ),
        iconButton("close", t("list.close"), () => this.#do.close(), { class: "quiet rail-close" }),
      ),
      h("div", { class: "rail-search" }, icon("search"), this.search),
      this.groups,
      this.extra,
    );
    this.menu = h("div", { class: "menu", popover: "auto" });
    this.element.append(this.menu);
    this.groups.append(...[1, 2, 3, 4].map(() => h("div", { class: "skeleton", "aria-hidden": "true" })));
  }

  get current() {
    return this.#current;
  }

  set current(id) {
    this.#current = id;
    for (const link of this.groups.querySelectorAll("a")) {
      if (link.dataset.id === id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** Soon, and once for several calls. */
  refresh(after = 150) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), after);
  }

  #typed() {
    this.#query = this.search.value.trim();
    this.refresh(200);
  }

  /** The name the server knows a conversation by; undefined before it was listed. */
  titleOf(id) {
    return this.#titles.get(id);
  }

  async #load() {
    this.#asked += 1;
    const asked = this.#asked;
    let found;
    try {
      found = (await this.#api.get(`/api/conversations?search=${encodeURIComponent(this.#query)}`)).conversations;
    } catch {
      if (asked === this.#asked && !this.groups.querySelector("a")) {
        this.groups.replaceChildren(h("p", { class: "soft" }, this.#words.t("list.failed")));
      }
      return;
    }
    if (asked !== this.#asked) return;
    for (const each of found) this.#titles.set(each.id, each.title);
    this.#do.listed();
    // A conversation that nothing was said in is not worth a line, unless it is the one on the page.
    this.#show(found.filter((each) => each.turns > 0 || each.id === this.#current || each.title));
  }

  #show(found) {
    const t = (key, values) => this.#words.t(key, values);
    if (!found.length) {
      const text = this.#query ? t("list.no_match", { query: this.#query }) : t("list.empty");
      this.groups.replaceChildren(h("p", { class: "soft" }, text));
      return;
    }
    const now = new Date();
    const groups = new Map();
    for (const each of found) {
      const name = this.#words.dayGroup(new Date(each.updated_at), now);
      groups.set(name, [...(groups.get(name) ?? []), each]);
    }
    this.groups.replaceChildren(
      ...[...groups].flatMap(([name, members]) => [
        h("h2", { id: `group-${name}` }, t(name)),
        h("ul", { "aria-labelledby": `group-${name}` }, members.map((each) => this.#line(each))),
      ]),
    );
  }

  #line(each) {
    const title = each.title || this.#words.t("untitled");
    return h(
      "li",
      {},
      h(
        "a",
        {
          href: `/chat/${each.id}`,
          "data-id": each.id,
          "aria-current": each.id === this.#current && "page",
          onclick: (event) => this.#follow(event, () => this.#do.open(each.id)),
        },
        h("bdi", {}, title),
      ),
      iconButton("more", this.#words.t("menu", { title }), (event) => this.#openMenu(event.currentTarget, each)),
    );
  }

  #follow(event, action) {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    action();
  }

  #openMenu(button, each) {
    const t = (key) => this.#words.t(key);
    const item = (name, label, onclick) =>
      h("button", { type: "button", class: "quiet", onclick: () => (this.menu.hidePopover(), onclick()) }, icon(name), label);
    this.menu.replaceChildren(
      item("edit", t("list.rename"), () => this.rename(each.id, each.title, button)),
      h("a", { class: "quiet", href: `/api/conversations/${each.id}/export`, download: "" }, icon("save"), t("list.export")),
      ...(each.id === this.#current ? [item("print", t("list.print"), () => print())] : []),
      item("trash", t("list.delete"), () => this.remove(each.id, each.title, button)),
    );
    this.menu.showPopover();
    const place = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.menu;
    const start = getComputedStyle(this.element).direction === "rtl" ? place.left : place.right - width;
    this.menu.style.left = `${Math.max(8, Math.min(start, innerWidth - width - 8))}px`;
    this.menu.style.top = `${place.bottom + height > innerHeight ? place.top - height : place.bottom}px`;
    this.menu.querySelector("button").focus();
  }

  rename(id, title, opener) {
    const t = (key) => this.#words.t(key);
    const field = h("input", { class: "input", id: "new-title", maxlength: 120, dir: "auto", required: true });
    field.value = title;
    this.#dialog(t("list.rename"), opener, t("list.save"), "primary", [
      h("div", { class: "field" }, h("label", { for: "new-title" }, t("list.name")), field),
    ], async () => {
      await this.#api.call("PATCH", `/api/conversations/${id}`, { title: field.value.trim() });
      this.#do.renamed(id, field.value.trim());
      this.refresh(0);
    });
    field.select();
  }

  remove(id, title, opener) {
    const t = (key, values) => this.#words.t(key, values);
    const text = t("delete.text", { title: title || t("untitled") });
    this.#dialog(t("delete.title"), opener, t("delete.confirm"), "danger", [h("p", {}, text)], async () => {
      await this.#api.call("DELETE", `/api/conversations/${id}`);
      this.#do.removed(id);
      this.refresh(0);
    }, t("delete.keep"));
  }

  #dialog(title, opener, action, kind, body, work, otherwise = this.#words.t("cancel")) {
    const problem = h("p", { class: "notice bad", role: "alert", hidden: true });
    const dialog = h(
      "dialog",
      {
        "aria-labelledby": "dialog-title",
        onclose: () => {
          dialog.remove();
          // The menu that opened it is gone; the button behind the menu is the place to be, unless one is elsewhere.
          if (document.activeElement === document.body && opener?.isConnected) opener.focus();
        },
      },
      h(
        "form",
        {
          method: "dialog",
          onsubmit: async (event) => {
            event.preventDefault();
            try {
              await work();
              dialog.close();
            } catch (error) {
              problem.textContent = error.message;
              problem.hidden = false;
            }
          },
        },
        h("h2", { id: "dialog-title" }, title),
        ...body,
        problem,
        h(
          "div",
          { class: "actions" },
          h("button", { type: "button", class: "button", onclick: () => dialog.close() }, otherwise),
          h("button", { class: `button ${kind}` }, action),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  }
}
