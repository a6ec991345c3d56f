// Steps to put in order: dragged with a finger or a mouse, or moved one place at a time with two buttons.

import { h, icon, iconButton, spoken, trusted } from "../dom.js";

/** @param tell (text): say it to those who can't see the list */
export function orderingInput({ card, words, labelledBy, changed, tell }) {
  const t = (key, values) => words.t(key, values);
  const plain = new Map();
  const list = h("ol", { class: "steps", "aria-labelledby": labelledBy });
  for (const step of card.steps) {
    const text = trusted(h("span", { class: "step-text", dir: "auto" }), step.html);
    plain.set(step.id, spoken(step));
    const row = h(
      "li",
      { "data-step": step.id, onpointerdown: (event) => drag(event, row) },
      h("span", { class: "grip", "aria-hidden": "true" }, icon("grip")),
      text,
      iconButton("arrow-up", t("card.move_up", { text: spoken(step) }), () => move(row, -1)),
      iconButton("arrow-down", t("card.move_down", { text: spoken(step) }), () => move(row, 1)),
    );
    list.append(row);
  }
  edges();

  const rows = () => [...list.children];
  function edges() {
    const all = [...list.children];
    all.forEach((row, i) => {
      const [up, down] = row.querySelectorAll("button");
      // Not `disabled`: that would throw away the focus of whoever just moved the step there.
      up.setAttribute("aria-disabled", String(i === 0));
      down.setAttribute("aria-disabled", String(i === all.length - 1));
    });
  }
  function moved(row) {
    edges();
    tell(t("card.moved", { text: plain.get(row.dataset.step), number: rows().indexOf(row) + 1, total: rows().length }));
    changed();
  }
  function move(row, by) {
    const button = document.activeElement;
    const all = rows();
    const other = all[all.indexOf(row) + by];
    if (!other) return;
    if (by < 0) other.before(row);
    else other.after(row);
    if (row.contains(button)) button.focus({ preventScroll: true });
    moved(row);
  }

  function drag(event, row) {
    if (event.button || event.target.closest("button")) return;
    // A finger on the words scrolls the page; only the grip drags.
    if (event.pointerType === "touch" && !event.target.closest(".grip")) return;
    event.preventDefault();
    const before = rows().indexOf(row);
    let from = event.clientY;
    row.setPointerCapture(event.pointerId);
    row.classList.add("dragged");
    const follow = (now) => {
      const above = row.previousElementSibling;
      const below = row.nextElementSibling;
      const top = row.offsetTop;
      const shift = now.clientY - from;
      // The others move round the one in hand: taken out of the page itself, it would let go of the pointer.
      if (above && shift < -above.offsetHeight / 2) row.after(above);
      else if (below && shift > below.offsetHeight / 2) row.before(below);
      from += row.offsetTop - top;
      row.style.translate = `0 ${now.clientY - from}px`;
    };
    const end = () => {
      row.removeEventListener("pointermove", follow);
      row.removeEventListener("pointerup", end);
      row.removeEventListener("pointercancel", end);
      row.classList.remove("dragged");
      row.style.translate = "";
      if (rows().indexOf(row) !== before) moved(row);
    };
    row.addEventListener("pointermove", follow);
    row.addEventListener("pointerup", end);
    row.addEventListener("pointercancel", end);
  }

  return {
    element: h("div", {}, h("p", { class: "small soft" }, t("card.order")), list),
    value() {
      const selected = rows().map((row) => row.dataset.step);
      const text = selected.map((id, i) => `${i + 1}. ${card.steps.find((step) => step.id === id).text}`).join("\n");
      return { text, selected };
    },
    complete: () => true,
    fill({ selected }) {
      const found = new Map(rows().map((row) => [row.dataset.step, row]));
      list.append(...selected.map((id) => found.get(id)).filter(Boolean));
      edges();
    },
    focus: () => list.querySelector("button[aria-disabled=false]")?.focus({ preventScroll: true }),
  };
}
