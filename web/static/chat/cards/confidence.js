// How sure the learner is of an answer: asked, never required, and not at all by those who don't want it.

import { h, icon } from "../dom.js";

const LEVELS = { guessing: 0.4, fairly: 0.7, certain: 0.95 };
const OFF = "diotima.confidence.off";

/** @returns {element, value(): number|null, fill(value)} */
export function confidenceControl({ words, id, changed }) {
  const t = (key) => words.t(key);
  const boxes = Object.entries(LEVELS).map(([name, value]) =>
    h("input", { type: "radio", name: `${id}-sure`, value, "data-level": name, onchange: changed }),
  );
  const asked = h(
    "fieldset",
    { class: "sure" },
    h("legend", {}, t("card.sure")),
    h("label", {}, boxes[0], h("span", {}, t("card.guessing"))),
    h("label", {}, boxes[1], h("span", {}, t("card.fairly"))),
    h("label", {}, boxes[2], h("span", {}, t("card.certain"))),
    h(
      "button",
      { type: "button", class: "quiet", "aria-label": t("card.sure_off"), title: t("card.sure_off"), onclick: () => turn(true) },
      icon("close"),
    ),
  );
  const ask = h("button", { type: "button", class: "quiet small", onclick: () => turn(false) }, t("card.sure_on"));
  const show = () => {
    const off = localStorage.getItem(OFF) === "1";
    asked.hidden = off;
    ask.hidden = !off;
  };
  function turn(off) {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
    for (const box of boxes) box.checked = false;
    show();
    (off ? ask : boxes[0]).focus();
    changed();
  }
  show();
  return {
    element: h("div", { class: "sure-line" }, asked, ask),
    value() {
      const chosen = boxes.find((box) => box.checked);
      return chosen ? Number(chosen.value) : null;
    },
    fill(value) {
      for (const box of boxes) box.checked = Number(box.value) === value;
    },
  };
}
