// Multiple choice and polls: one option, or any number.

import { h, spoken, trusted } from "../dom.js";

/** @returns what every input is: {element, value(), complete(), fill({text, selected}), focus()} */
export function choiceInput({ card, words, id, changed }) {
  const t = (key) => words.t(key);
  const boxes = card.options.map((option) =>
    h("input", {
      type: card.several ? "checkbox" : "radio",
      name: `${id}-option`,
      value: option.id,
      "aria-label": option.html.includes("<math") && spoken(option),
      onchange: changed,
    }),
  );
  const element = h(
    "fieldset",
    { class: "options" },
    h("legend", {}, card.several ? t("card.choose_several") : t("card.choose_one")),
    card.options.map((option, i) =>
      h("label", { class: "option", dir: "auto" }, boxes[i], trusted(h("span", {}), option.html)),
    ),
  );
  const chosen = () => card.options.filter((_, i) => boxes[i].checked);
  return {
    element,
    value: () => ({ text: chosen().map((each) => each.text).join("; "), selected: chosen().map((each) => each.id) }),
    complete: () => chosen().length > 0,
    fill({ selected }) {
      for (const box of boxes) box.checked = selected.includes(box.value);
    },
    focus: () => (boxes.find((box) => box.checked) ?? boxes[0])?.focus({ preventScroll: true }),
  };
}
