// A message that is not in the conversation yet: on its way, waiting, or refused.

import { h, icon } from "./dom.js";

/** @param actions {discard(item), again(item)}; `waiting` says so where it can't go out now. */
export function pendingView(words, item, waiting, actions) {
  const t = (key) => words.t(key);
  const button = (onclick, ...content) => h("button", { type: "button", class: "button", onclick }, ...content);
  const tools = item.error
    ? [
        h("p", { class: "notice bad" }, item.error),
        h(
          "div",
          { class: "actions" },
          button(() => actions.discard(item), t("discard")),
          button(() => actions.again(item), icon("retry"), t("send_again")),
        ),
      ]
    : waiting
      ? [h("p", { class: "small soft" }, t("waiting"))]
      : [];
  return h(
    "article",
    { class: "turn pending", "data-client": item.client_id },
    h("section", { class: "said" }, h("div", { class: "message", dir: "auto" }, item.text), ...tools),
  );
}
