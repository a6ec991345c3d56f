// An answer to a card as it was given, for the transcript: with its formulas and its emphasis, where it has any.

import { h, trusted } from "../dom.js";

/**
 * @param card the question's card
 * @param given {selected} as it was sent
 * @returns nodes, or null where the text of the message says it all
 */
export function givenNodes(card, given) {
  const { selected } = given;
  if (!selected.length) return null;
  switch (card.type) {
    case "multiple_choice":
    case "poll": {
      const chosen = named(card.options, selected);
      if (!chosen) return null;
      return chosen.length === 1 ? [line(chosen[0])] : [h("ul", {}, chosen.map((each) => h("li", {}, line(each))))];
    }
    case "ordering": {
      const steps = named(card.steps, selected);
      return steps && [h("ol", {}, steps.map((each) => h("li", {}, line(each))))];
    }
    case "matching": {
      const pairs = selected.map((pair) => {
        const left = card.left.find((each) => pair.startsWith(`${each.id}=`));
        const right = left && card.right.find((each) => pair === `${left.id}=${each.id}`);
        return right && h("li", {}, line(left), ": ", line(right));
      });
      return pairs.every(Boolean) ? [h("ul", {}, pairs)] : null;
    }
    case "cloze":
      if (selected.length !== card.parts.length - 1) return null;
      return card.parts.flatMap((part, i) => [
        trusted(h("span", {}), part),
        i < selected.length ? h("strong", { dir: "auto" }, selected[i] || "___") : "",
      ]);
    default:
      return null;
  }
}

function line(each) {
  return trusted(h("span", { dir: "auto" }), each.html);
}

function named(choices, ids) {
  const found = ids.map((id) => choices.find((each) => each.id === id));
  return found.every(Boolean) ? found : null;
}
