// A text with blanks: written into, or filled from a word bank.

import { h, trusted } from "../dom.js";

export function clozeInput({ card, words, changed }) {
  const t = (key, values) => words.t(key, values);
  const total = card.parts.length - 1;
  const blank = (number) => {
    const label = { "aria-label": t("card.blank", { number, total }), class: "input blank", dir: "auto" };
    if (card.options.length) {
      return h(
        "select",
        { ...label, onchange: changed },
        h("option", { value: "" }, t("card.pick")),
        card.options.map((option) => h("option", { value: option }, option)),
      );
    }
    const field = h("input", {
      ...label,
      type: "text",
      size: 12,
      maxlength: 500,
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      oninput: () => {
        fit(field);
        changed();
      },
    });
    return field;
  };
  const blanks = Array.from({ length: total }, (_, i) => blank(i + 1));
  const element = h(
    "div",
    { class: "cloze", dir: "auto" },
    card.parts.flatMap((part, i) => [trusted(h("span", {}), part), blanks[i]]),
  );
  const filled = () => blanks.map((each) => each.value.trim());
  return {
    element,
    value: () => ({
      text: card.texts.flatMap((text, i) => [text, i < total ? filled()[i] || "___" : ""]).join("").trim(),
      selected: filled(),
    }),
    complete: () => filled().every(Boolean),
    fill({ selected }) {
      blanks.forEach((each, i) => {
        each.value = selected[i] ?? "";
        fit(each);
      });
    },
    focus: () => (blanks.find((each) => !each.value) ?? blanks[0])?.focus({ preventScroll: true }),
  };
}

function fit(field) {
  if (field.localName === "input") field.size = Math.max(12, Math.min(40, field.value.length + 1));
}
