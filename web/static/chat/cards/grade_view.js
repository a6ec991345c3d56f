// What became of an answer: the verdict in words, with a sign and a colour; how it was read; and what it changed.

import { h, icon } from "../dom.js";

const SIGNS = {
  correct: "check",
  partial: "half",
  incorrect: "again",
  misconception: "again",
  unsure: "query",
  unparsed: "query",
  reading: "query",
  noted: "check",
};

/** The verdict on a turn as it stands now, a person's before the tutor's; null where there is none to show. */
export function verdictOf(turn) {
  const verdict = turn.reviewed ?? turn.grade?.verdict;
  // What could be read, but not for certain, is asked about.
  if (verdict === "unparsed" && turn.grade.reading) return "reading";
  return verdict in SIGNS ? verdict : null;
}

export function chip(words, verdict) {
  return h("span", { class: "verdict", "data-verdict": verdict }, icon(SIGNS[verdict]), words.t(`verdict.${verdict}`));
}

/**
 * @param moving whether the bars should move: only for a grade that comes in now
 * @param contest () => void, or null where there is nothing to contest
 * @returns nodes; none where the turn has no grade
 */
export function gradeNodes(words, turn, { moving, contest }) {
  const { grade } = turn;
  if (!grade) return [];
  const verdict = verdictOf(turn);
  const t = (key, values) => words.t(key, values);
  const counted = grade.total > 1 && ["correct", "partial", "incorrect", "misconception"].includes(verdict);
  const said = [
    counted && t(turn.given?.selected?.length ? "card.parts" : "card.ideas", { covered: grade.covered, total: grade.total }),
    grade.reading && t("card.reading", { reading: grade.reading }),
    grade.note,
    turn.reviewed ? t("card.reviewed") : turn.contested && t("card.contested"),
  ].filter(Boolean);
  return [
    verdict && h(
      "p",
      { class: "judged" },
      chip(words, verdict),
      said.map((each) => h("span", { class: "why" }, each)),
      contest && h("button", { type: "button", class: "quiet small no-print", onclick: contest }, t("action.contest")),
    ),
    grade.shifts.length > 0 &&
      h("ul", { class: moving ? "shifts moving" : "shifts", "aria-label": t("card.progress") }, grade.shifts.map((shift) => row(words, shift))),
  ].filter(Boolean);
}

function row(words, shift) {
  const before = Math.round(100 * shift.before);
  const after = Math.round(100 * shift.after);
  const meter = h("span", { class: "meter", "aria-hidden": "true" }, h("i"));
  meter.style.setProperty("--before", `${before}%`);
  meter.style.setProperty("--after", `${after}%`);
  return h(
    "li",
    {},
    h("span", { class: "shift-title", "aria-hidden": "true" }, h("bdi", {}, shift.title)),
    meter,
    h("span", { class: "spoken-only" }, words.t("card.was", { title: shift.title, before, after })),
    h("span", { class: "shift-why", dir: "auto" }, shift.text),
  );
}
