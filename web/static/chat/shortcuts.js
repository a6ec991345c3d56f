// The dialog that lists the keyboard shortcuts.

import { h } from "./dom.js";

/** Show it; when it closes, the browser gives the focus back. */
export function showShortcuts(words) {
  const t = (key) => words.t(`keys.${key}`);
  const key = (...names) => h("dt", {}, names.flatMap((name, i) => [i ? " + " : "", h("kbd", {}, name)]));
  const rows = [
    [key(t("enter")), t("send")],
    [key(t("shift"), t("enter")), t("newline")],
    [key(t("up")), t("edit_last")],
    [key(t("escape")), t("stop")],
    [key("/"), t("search")],
    [key("m"), t("focus")],
    [key("?"), t("help")],
  ];
  const dialog = h(
    "dialog",
    { "aria-labelledby": "keys-title", onclose: () => dialog.remove() },
    h("h2", { id: "keys-title" }, t("title")),
    h("dl", { class: "keys" }, rows.flatMap(([names, text]) => [names, h("dd", {}, text)])),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => dialog.close() }, words.t("close")),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
