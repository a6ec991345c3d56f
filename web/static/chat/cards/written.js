// An answer in the learner's own words.

import { h } from "../dom.js";

export function writtenInput({ card, words, labelledBy, limit, changed }) {
  const grow = () => {
    field.style.blockSize = "auto";
    if (field.value) field.style.blockSize = `${field.scrollHeight + 2}px`;
  };
  const field = h("textarea", {
    class: "input",
    rows: Math.max(2, Math.min(8, card.lines ?? 3)),
    dir: "auto",
    maxlength: limit,
    placeholder: words.t("card.write"),
    "aria-labelledby": labelledBy,
    oninput: () => {
      grow();
      changed();
    },
    onkeydown: (event) => {
      // As in the message box; on a touch keyboard Enter is the only way to a new line.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
      event.preventDefault();
      field.form?.requestSubmit();
    },
  });
  return {
    element: field,
    value: () => ({ text: field.value.trim(), selected: [] }),
    complete: () => Boolean(field.value.trim()),
    fill({ text }) {
      field.value = text;
      requestAnimationFrame(grow);
    },
    focus: () => field.focus({ preventScroll: true }),
  };
}
