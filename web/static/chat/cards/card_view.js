// A question to answer: its prompt, the input for its type, how sure the learner is, and the ways out.

import { h, trusted } from "../dom.js";
import { choiceInput } from "./choice.js";
import { clozeInput } from "./cloze.js";
import { confidenceControl } from "./confidence.js";
import { matchingInput } from "./matching.js";
import { mathsInput } from "./maths.js";
import { orderingInput } from "./ordering.js";
import { Stopwatch } from "./stopwatch.js";
import { writtenInput } from "./written.js";

const INPUTS = {
  short_answer: writtenInput,
  multiple_choice: choiceInput,
  poll: choiceInput,
  numeric: mathsInput,
  symbolic: mathsInput,
  cloze: clozeInput,
  ordering: orderingInput,
  matching: matchingInput,
};
const PURPOSES = {
  practice: "card.practice",
  placement: "card.placement",
  review: "card.review",
  check: "card.check",
};

/** The line above a question: what it is for, and why it comes now. */
export function heading(words, item) {
  const purpose = PURPOSES[item.purpose] ?? PURPOSES.practice;
  return h(
    "p",
    { class: "kind" },
    h("span", {}, words.t(item.hint ? "card.step" : purpose)),
    item.reason && h("span", { class: "reason", dir: "auto" }, item.reason),
  );
}

export class CardView {
  #words;
  #item;
  #input;
  #sure;
  #watch;
  #key;
  #sent = false;

  /**
   * @param item {item, hint, html, card, reason, purpose}
   * @param options {key: unique on the page, limit, tell(text), preview(text), send(text, reply), act(action),
   *   draft: Storage|null, cancel(): for a card that is answered again}
   */
  constructor(words, item, options) {
    this.#words = words;
    this.#item = item;
    this.#key = `diotima.card.${options.key}`;
    this.draft = options.draft ?? null;
    const t = (key) => words.t(key);
    const id = `card-${options.key}`;
    const labelledBy = `${id}-prompt`;
    const kept = this.#kept();
    this.#watch = new Stopwatch(kept?.seconds);
    const changed = () => this.#changed();
    const { card } = item;
    this.#input = (INPUTS[card.type] ?? writtenInput)({ ...options, card, words, id, labelledBy, changed });
    this.#sure = card.type === "poll" ? null : confidenceControl({ words, id, changed });
    this.submit = h("button", { class: "button primary" }, t("card.answer"));
    const out = (action) =>
      h("button", { type: "button", class: "quiet", onclick: () => options.act(action) }, t(`action.${action}`));
    const help = item.purpose === "placement" || card.type === "poll" ? ["skip"] : ["hint", "skip", "tell_me"];
    const ways = options.cancel
      ? [h("button", { type: "button", class: "button", onclick: options.cancel }, t("cancel"))]
      : help.map(out);
    this.form = h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          if (!this.#sent && this.#input.complete()) options.send(...this.#reply());
        },
        onkeydown: (event) => {
          if (event.key !== "Escape" || !options.cancel) return;
          event.stopPropagation();
          options.cancel();
        },
      },
      h("div", { class: "answer" }, this.#input.element),
      this.#sure?.element,
      h("div", { class: "ways" }, this.submit, ways),
    );
    this.element = h(
      "section",
      { class: "question no-print", role: "group", "aria-labelledby": labelledBy, tabindex: "-1", "data-type": card.type },
      heading(words, item),
      trusted(h("div", { class: "prompt prose", id: labelledBy }), item.html),
      this.form,
    );
    if (kept) this.fill(kept);
    this.#changed();
  }

  /** @param answer {text, selected, confidence} */
  fill(answer) {
    this.#input.fill({ text: answer.text ?? "", selected: answer.selected ?? [] });
    this.#sure?.fill(answer.confidence ?? null);
    this.#changed();
  }

  get item() {
    return this.#item;
  }

  /** What is filled in: {text, selected, confidence}. */
  get value() {
    return { ...this.#input.value(), confidence: this.#sure?.value() ?? null };
  }

  /** Whether the answer is on its way: then it can't be changed. */
  sent(sent) {
    if (sent === this.#sent) return;
    this.#sent = sent;
    this.form.inert = sent;
    this.element.classList.toggle("sent", sent);
    this.submit.textContent = this.#words.t(sent ? "card.sent" : "card.answer");
    this.#changed();
  }

  /** Where to go on: the input, or on a touch screen, where that brings up a keyboard, the question. */
  focus() {
    if (matchMedia("(pointer: coarse)").matches) this.element.focus({ preventScroll: true });
    else this.#input.focus();
  }

  forget() {
    this.draft?.removeItem(this.#key);
  }

  #reply() {
    const { text, selected } = this.#input.value();
    const { item, hint } = this.#item;
    const confidence = this.#sure?.value() ?? null;
    return [text, { item, hint, selected, confidence, seconds: this.#watch.seconds, action: "" }];
  }

  #changed() {
    this.submit.disabled = this.#sent || !this.#input.complete();
    if (!this.#sent) this.#keep();
  }

  #keep() {
    const { text, selected } = this.#input.value();
    const kept = { text, selected, confidence: this.#sure?.value() ?? null, seconds: this.#watch.seconds };
    this.draft?.setItem(this.#key, JSON.stringify(kept));
  }

  #kept() {
    try {
      return JSON.parse(this.draft?.getItem(this.#key) ?? "null");
    } catch {
      return null;
    }
  }
}
