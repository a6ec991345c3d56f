// Numbers and expressions: one line to write on, its unit, and how the tutor would read it.

import { h, trusted } from "../dom.js";

const PAUSE = 250;
const SYMBOLS = {
  numeric: ["−", "/", "^", "√", "π", "%"],
  symbolic: ["^", "/", "√", "(", ")", "≤", "≥", "π", "∞"],
};

/** @param preview (text) => Promise<{html, reading}|null> */
export function mathsInput({ card, words, id, labelledBy, limit, changed, preview }) {
  const t = (key, values) => words.t(key, values);
  const numeric = card.type === "numeric";
  const units = numeric ? (card.units ?? []) : [];
  const field = h("input", {
    class: "input maths",
    type: "text",
    dir: "ltr",
    size: numeric ? 12 : 24,
    maxlength: Math.min(limit, 500),
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "aria-labelledby": labelledBy,
    "aria-describedby": `${id}-reading`,
    oninput: () => edited(),
  });
  const unit = units.length
    ? h(
        "select",
        { class: "input unit", "aria-label": t("card.unit"), onchange: () => edited() },
        ["", ...units].map((each) => h("option", { value: each }, each || t("card.unit"))),
      )
    : card.unit
      ? h("span", { class: "unit", id: `${id}-unit`, dir: "ltr" }, card.unit)
      : null;
  if (unit && !units.length) field.setAttribute("aria-describedby", `${id}-unit ${id}-reading`);
  const symbol = (sign) =>
    h("button", { type: "button", class: "quiet", tabindex: "-1", onclick: () => insert(sign) }, sign);
  const symbols = h(
    "div",
    { class: "symbols", role: "group", "aria-label": t("card.symbols"), dir: "ltr" },
    SYMBOLS[card.type].map(symbol),
  );
  const reading = h("output", { class: "reading", id: `${id}-reading`, "aria-live": "off", hidden: true });
  const element = h(
    "div",
    { class: "maths-field" },
    numeric || !card.variables?.length
      ? null
      : h("p", { class: "small soft" }, t("card.variables", { names: card.variables.join(", ") })),
    h("div", { class: "maths-line" }, field, unit),
    symbols,
    reading,
  );

  let timer = null;
  let asked = "";
  function edited() {
    changed();
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  }
  async function look() {
    const text = field.value.trim();
    if (text === asked) return;
    asked = text;
    const found = text ? await preview(text) : null;
    if (text !== asked) return;
    reading.hidden = !found?.html;
    reading.replaceChildren();
    if (found?.html) reading.append(`${t("card.read_as")} `, trusted(h("span", { dir: "ltr" }), found.html));
  }
  function insert(sign) {
    field.setRangeText(sign, field.selectionStart, field.selectionEnd, "end");
    field.focus({ preventScroll: true });
    edited();
  }
  function value() {
    const chosen = units.length ? unit.value : (card.unit ?? "");
    const number = field.value.trim();
    return { text: number && chosen && !number.endsWith(chosen) ? `${number} ${chosen}` : number, selected: [] };
  }
  return {
    element,
    value,
    complete: () => Boolean(field.value.trim()),
    fill({ text }) {
      const named = [...units, card.unit].filter(Boolean).find((each) => text.endsWith(` ${each}`));
      field.value = named ? text.slice(0, -named.length - 1) : text;
      if (named && units.length) unit.value = named;
      if (text) edited();
    },
    focus: () => field.focus({ preventScroll: true }),
  };
}
