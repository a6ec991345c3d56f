// Pairs to find: a list to choose from beside each. Where the partners hold formulas, which a list of choices can't
// show, they are lettered and shown below it.

import { h, spoken, trusted } from "../dom.js";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

export function matchingInput({ card, words, changed }) {
  const t = (key, values) => words.t(key, values);
  const shown = (each) => trusted(h("span", { dir: "auto" }), each.html);
  const rights = card.right.map((each) => ({ ...each, node: shown(each) }));
  const lettered = rights.some((each) => each.node.querySelector("math, code.formula")) && rights.length <= LETTERS.length;
  const choices = card.left.map((left) => {
    const node = shown(left);
    const select = h(
      "select",
      { class: "input", dir: "auto", "aria-label": t("card.partner", { text: spoken(left) }), onchange: changed },
      h("option", { value: "" }, t("card.pick")),
      rights.map((right, i) => h("option", { value: right.id }, lettered ? LETTERS[i] : right.node.textContent)),
    );
    return { left, node, select };
  });
  const element = h(
    "fieldset",
    { class: "matching" },
    h("legend", {}, t("card.match")),
    choices.map(({ node, select }) => h("div", { class: "pair" }, node, select)),
    lettered &&
      h(
        "ul",
        { class: "lettered" },
        rights.map((right, i) => h("li", {}, h("b", {}, LETTERS[i]), " ", right.node)),
      ),
  );
  const pairs = () => choices.filter(({ select }) => select.value);
  const named = (id) => card.right.find((right) => right.id === id)?.text ?? "";
  return {
    element,
    value: () => ({
      text: pairs().map(({ left, select }) => `${left.text}: ${named(select.value)}`).join("\n"),
      selected: pairs().map(({ left, select }) => `${left.id}=${select.value}`),
    }),
    complete: () => pairs().length === choices.length,
    fill({ selected }) {
      for (const { left, select } of choices) {
        const pair = selected.find((each) => each.startsWith(`${left.id}=`));
        select.value = pair ? pair.slice(left.id.length + 1) : "";
      }
    },
    focus: () => (choices.find(({ select }) => !select.value) ?? choices[0])?.select.focus({ preventScroll: true }),
  };
}
