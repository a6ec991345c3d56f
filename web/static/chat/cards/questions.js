// The questions of a conversation on the page: which one is open, what became of the others, and what can be done next.

import { h, trusted } from "../dom.js";
import { questions } from "../state.js";
import { CardView, heading } from "./card_view.js";
import { givenNodes } from "./given.js";
import { chip, verdictOf } from "./grade_view.js";

const CONTESTABLE = ["partial", "incorrect", "misconception"];
const ANY_TIME = ["confirm", "deny", "guessing", "fairly_sure", "certain"];
const OFFERED = ["next", "practise", "learning", "placement", "explain", ...ANY_TIME];
// What was put together once is the beginning of the next try; a wrong choice or sentence is not.
const WORTH_KEEPING = ["ordering", "matching", "cloze"];

export class Questions {
  #words;
  #do;
  #limit;
  #cards = new Map();
  #answering = false;

  /** @param actions {write({text, reply, parent}), preview(text), tell(text)} */
  constructor(words, limit, actions) {
    this.#words = words;
    this.#limit = limit;
    this.#do = actions;
  }

  /** Another conversation is shown. */
  reset() {
    this.#cards.clear();
    this.#answering = false;
  }

  /**
   * What each turn shows besides what was said.
   * @param turns the path
   * @param items of the outbox, not yet in the conversation
   * @returns by the turn's id {asked, record, card, actions, contest}
   */
  place(turns, items, idle) {
    const { asked, open } = questions(turns);
    const last = turns.at(-1);
    const settled = Boolean(last) && last.status !== "open";
    const card = open && settled ? this.#card(open, items, asked) : null;
    for (const [id, view] of this.#cards) {
      if (id === open?.id) continue;
      view.forget();
      this.#cards.delete(id);
    }
    const graded = turns.findLast((turn) => turn.grade);
    const found = new Map();
    const posed = new Map();
    const records = recordsOf(asked);
    for (const [place, turn] of turns.entries()) {
      const { given, grade } = turn;
      const record = records.get(turn.id) ?? null;
      if (record) record.beside = Boolean(record.answer) && record.answer === turns[place + 1];
      const mayContest = idle && turn === graded && !turn.contested && CONTESTABLE.includes(verdictOf(turn));
      found.set(turn.id, {
        asked: given?.item && !given.action ? (posed.get(named(given)) ?? null) : null,
        record: record && !(card && turn === open && turn === last) ? record : null,
        card: turn === last ? card : null,
        actions: turn === last && idle && settled ? this.#offered(turn, Boolean(card)) : [],
        contest: mayContest ? () => this.#act("contest", grade) : null,
      });
      if (asked.has(turn.id)) posed.set(named(turn.item), turn.item);
    }
    return found;
  }

  /** A card to answer again: a branch beside `turn`. Null for what wasn't answered on a card. */
  again(turn, item, close) {
    if (!item) return null;
    const view = new CardView(this.#words, item, {
      ...this.#services(`${turn.id}-again`),
      send: (text, reply) => {
        close();
        this.#do.write({ text, reply, parent: turn.parent });
      },
      cancel: close,
    });
    view.fill({ text: turn.text, selected: turn.given.selected, confidence: turn.given.confidence });
    return view;
  }

  /** What to say when a turn is over: the result, and that something is asked. */
  announcement(turn) {
    const t = (key) => this.#words.t(key);
    const verdict = verdictOf(turn);
    return [
      verdict && t(`verdict.${verdict}`),
      ...(turn.grade?.shifts ?? []).map((shift) => shift.text),
      turn.item && t("card.new"),
    ].filter(Boolean);
  }

  /** Whoever answers on a card goes on at the next one. */
  goOn(card) {
    if (!this.#answering) return;
    this.#answering = false;
    if (card && (document.activeElement === document.body || !document.activeElement?.closest("form.composer"))) card.focus();
  }

  begin(action, text) {
    this.#do.write({ text, reply: { action } });
  }

  #card(turn, items, asked) {
    let view = this.#cards.get(turn.id);
    if (!view) {
      view = new CardView(this.#words, turn.item, {
        ...this.#services(turn.id),
        draft: sessionStorage,
        send: (text, reply) => {
          this.#answering = true;
          this.#do.write({ text, reply });
        },
        act: (action) => {
          this.#answering = true;
          this.#act(action, turn.item);
        },
      });
      const before = [...this.#cards].find(([, each]) => named(each.item) === named(turn.item));
      const kept = before && (!asked.get(before[0])?.answer || WORTH_KEEPING.includes(turn.item.card.type));
      if (kept) view.fill(before[1].value);
      this.#cards.set(turn.id, view);
    }
    view.sent(items.some((item) => item.reply?.item === turn.item.item && !item.error));
    return view;
  }

  #services(key) {
    return { key, limit: this.#limit, preview: (text) => this.#do.preview(text), tell: (text) => this.#do.tell(text) };
  }

  #act(action, { item, hint }) {
    this.#do.write({ text: this.#words.t(`action.${action}`), reply: { item, hint, action } });
  }

  #offered(turn, asking) {
    const known = turn.actions.filter((action) => (asking ? ANY_TIME : OFFERED).includes(action));
    return known.map((action) =>
      // Nothing is left to ask: what there is to see is on another page.
      action === "learning" ? h("a", { class: "button", href: "/learning" }, this.#words.t("action.learning")) : h(
        "button",
        {
          type: "button",
          class: "button",
          onclick: () => {
            this.#answering = true;
            this.begin(action, this.#words.t(`action.${action}`));
          },
        },
        this.#words.t(`action.${action}`),
      ),
    );
  }
}

/** A question that is put again in the same words is one record: where it stood first, with what came of it last. */
function recordsOf(asked) {
  const records = new Map();
  let first = null;
  for (const [id, { item, answer, skipped }] of asked) {
    if (first && named(first.item) === named(item) && first.item.html === item.html) {
      first.answer = answer ?? first.answer;
      first.skipped = skipped;
    } else records.set(id, (first = { item, answer, skipped, beside: false }));
  }
  return records;
}

function named({ item, hint }) {
  return `${item} ${hint}`;
}

/**
 * A question that isn't open: what was asked, what was answered, and what came of it.
 * @param record as `Questions.place` gives it; `beside` says that the answer is the very next message
 */
export function recordNodes(words, { item, answer, skipped, beside }) {
  const verdict = answer && verdictOf(answer);
  const head = heading(words, item);
  if (verdict) head.append(chip(words, verdict));
  else if (skipped) head.append(h("span", { class: "verdict" }, words.t("card.skipped")));
  const chosen = answer?.given?.selected ?? [];
  const nodes = answer && !beside && ((answer.given && givenNodes(item.card, answer.given)) ?? [answer.text]);
  return [
    head,
    trusted(h("div", { class: "prompt prose" }), item.html),
    item.card.options?.[0]?.id && (answer || skipped)
      ? h("ul", { class: "offered" }, item.card.options.map((option) => offered(words, option, chosen.includes(option.id))))
      : nodes && h("div", { class: "given", dir: "auto" }, h("span", { class: "small soft" }, words.t("card.yours")), h("div", {}, nodes)),
  ].filter(Boolean);
}

/** One of the options there were. */
function offered(words, option, chosen) {
  return h(
    "li",
    { dir: "auto", "data-chosen": chosen },
    trusted(h("span", {}), option.html),
    chosen && h("span", { class: "spoken-only" }, ` (${words.t("card.yours")})`),
  );
}
