// One exchange on the page: what the learner said, what the tutor said, and what can be done with either.

import { givenNodes } from "./cards/given.js";
import { gradeNodes } from "./cards/grade_view.js";
import { recordNodes } from "./cards/questions.js";
import { h, icon, iconButton, inline, trusted } from "./dom.js";
import { FilmCard } from "./film_card.js";
import { from } from "./state.js";

export class TurnView {
  #words;
  #do;
  #turn = null;
  #place = null;
  #shownHtml = null;
  #shownTail = "";
  #editing = false;
  #commenting = false;

  /** @param actions {edit, retry, choose, copy, rate, cite, again}: what the chat does when asked; {api} calls the server. */
  constructor(words, actions) {
    this.#words = words;
    this.#do = actions;
    const t = (key, values) => words.t(key, values);
    this.message = h("div", { class: "message", dir: "auto" });
    this.saidTools = h("div", { class: "tools no-print" });
    this.html = h("div", { class: "html" });
    this.tail = h("p", { class: "tail", dir: "auto" });
    this.reply = h("div", { class: "prose reply", onclick: (event) => this.#clicked(event) }, this.html, this.tail);
    this.progress = h("p", { class: "progress" });
    this.outcome = h("div", { class: "outcome" });
    this.sources = h("ul", { class: "sources", "aria-label": t("sources"), onclick: (event) => this.#clicked(event) });
    this.tools = h("div", { class: "tools no-print" });
    this.comment = h("div", { class: "comment no-print" });
    this.film = h("div", { class: "film-place" });
    this.grade = h("div", { class: "grade" });
    this.record = h("div", { class: "record" });
    this.card = h("div", { class: "card-place" });
    this.next = h("div", { class: "next no-print", role: "group", "aria-label": t("action.label") });
    this.element = h(
      "article",
      { class: "turn" },
      h("section", { class: "said" }, h("h2", { class: "spoken-only" }, t("you")), this.message, this.saidTools),
      h(
        "section",
        { class: "answered" },
        h("h2", { class: "spoken-only" }, t("tutor")),
        this.grade,
        this.progress,
        this.reply,
        this.outcome,
        this.film,
        this.sources,
        this.tools,
        this.comment,
        this.record,
        this.next,
        this.card,
      ),
    );
  }

  /**
   * @param place {siblings: string[], last: boolean, idle: boolean}
   * @param question {asked, record, card, actions, contest}, as `Questions.place` gives it
   */
  update(turn, place, question) {
    this.#showQuestion(turn, question);
    const key = JSON.stringify(place);
    if (turn === this.#turn && key === this.#place) return;
    const before = this.#turn;
    this.#turn = turn;
    this.#place = key;
    this.element.dataset.turn = turn.id;
    this.element.dataset.status = turn.status;
    if (!before) this.#showMessage();
    this.#showReply(turn);
    this.#showFilm(turn);
    this.#showProgress(turn);
    const settled = before && before.status === turn.status && before.rating === turn.rating;
    if (!settled || key !== this.#shownPlace) {
      this.#shownPlace = key;
      if (!this.#editing) this.#showSaidTools(turn, place);
      this.#showOutcome(turn, place);
      this.#showSources(turn);
      this.#showTools(turn, place);
    }
  }
  #shownPlace = null;

  /** The film of this turn: made once, so that what plays goes on playing. */
  #showFilm(turn) {
    this.film.hidden = !turn.film;
    if (turn.film?.film === this.#filmCard?.film.film) return;
    this.#filmCard = turn.film ? new FilmCard(this.#words, this.#do.api, turn.film) : null;
    this.film.replaceChildren(...(this.#filmCard ? [this.#filmCard.element] : []));
  }
  #filmCard = null;

  #showMessage() {
    const { asked } = this.#question;
    this.message.replaceChildren(...((asked && givenNodes(asked.card, this.#turn.given)) ?? [this.#turn.text]));
  }

  /** The grade, and the question at the end: drawn again only when they change, so that a card keeps its focus. */
  #showQuestion(turn, question) {
    const before = this.#question;
    this.#question = question;
    const graded = [turn.grade, turn.contested, turn.reviewed, Boolean(question.contest)];
    if (graded.some((each, i) => each !== this.#graded[i])) {
      // The bars move for a grade that comes in, not for one that is shown again.
      const moving = Boolean(turn.grade?.live) && !this.#graded[0];
      this.#graded = graded;
      const contest = question.contest && (() => this.#question.contest?.());
      this.grade.replaceChildren(...gradeNodes(this.#words, turn, { moving, contest }));
    }
    this.grade.hidden = !this.grade.childElementCount;
    const { record } = question;
    if (record?.item !== before.record?.item || record?.answer !== before.record?.answer || record?.skipped !== before.record?.skipped || record?.beside !== before.record?.beside) {
      this.record.replaceChildren(...(record ? recordNodes(this.#words, record) : []));
    }
    this.record.hidden = !record;
    const card = question.card?.element ?? null;
    if (card && card.parentNode !== this.card) this.card.replaceChildren(card);
    else if (!card) this.card.replaceChildren();
    if (question.actions.length || before.actions.length) {
      const words = (all) => all.map((each) => each.textContent).join();
      if (words(question.actions) !== words([...this.next.children])) this.next.replaceChildren(...question.actions);
    }
    this.next.hidden = !question.actions.length;
  }
  #question = { asked: null, record: null, card: null, actions: [], contest: null };
  #graded = [null, false, null, false];

  #showReply(turn) {
    const html = turn.html ?? turn.preview?.html ?? "";
    if (html !== this.#shownHtml) {
      this.#shownHtml = html;
      trusted(this.html, html);
      for (const marker of this.html.querySelectorAll("a.citation")) {
        const cited = turn.citations.find((each) => String(each.number) === marker.dataset.number);
        if (cited) marker.setAttribute("aria-label", this.#words.t("citation", { number: cited.number, title: cited.title }));
      }
    }
    const tail = turn.html === null ? from(turn.reply, turn.preview?.upto ?? 0).trimStart() : "";
    if (tail !== this.#shownTail) {
      this.#shownTail = tail;
      this.tail.replaceChildren(...inline(tail));
    }
    this.tail.hidden = !tail;
    this.reply.hidden = !tail && !html;
  }

  #showProgress(turn) {
    const writing = turn.status === "open";
    this.element.setAttribute("aria-busy", String(writing));
    const text = !writing
      ? turn.retrieved && !turn.retrieved.covered
        ? this.#words.t("nothing_found")
        : ""
      : turn.retrieved
        ? turn.reply
          ? ""
          : this.#words.t("looked_at", { count: turn.retrieved.count })
        : this.#words.t("searching");
    this.progress.replaceChildren(
      ...(writing ? [h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"))] : []),
      text || (writing ? h("span", { class: "spoken-only" }, this.#words.t("writing")) : ""),
    );
    this.progress.hidden = !writing && !text;
  }

  #showSaidTools(turn, place) {
    const { t } = { t: (key, values) => this.#words.t(key, values) };
    const number = place.siblings.indexOf(turn.id) + 1;
    const total = place.siblings.length;
    const switcher =
      total > 1 &&
      h(
        "span",
        { class: "branches", role: "group", "aria-label": t("branch", { number, total }) },
        iconButton("left", t("branch_previous"), () => this.#do.choose(place.siblings[number - 2]), {
          turns: true,
          disabled: number === 1,
        }),
        h("span", { "aria-hidden": "true" }, h("bdi", {}, `${number} / ${total}`)),
        iconButton("right", t("branch_next"), () => this.#do.choose(place.siblings[number]), {
          turns: true,
          disabled: number === total,
        }),
      );
    this.saidTools.replaceChildren(
      ...[switcher, place.idle && !turn.given?.action && iconButton("edit", t("edit"), () => this.edit())].filter(Boolean),
    );
  }

  #showOutcome(turn, place) {
    this.outcome.replaceChildren();
    this.outcome.hidden = !["stopped", "failed", "interrupted"].includes(turn.status);
    if (this.outcome.hidden) return;
    this.outcome.append(
      h("p", {}, turn.message ?? this.#words.t(turn.status)),
      place.idle && turn.status !== "stopped" && turn.retryable
        ? h("button", { type: "button", class: "button", onclick: () => this.#do.retry(turn) }, icon("retry"), this.#words.t("retry"))
        : "",
    );
  }

  #showSources(turn) {
    this.sources.hidden = !turn.citations.length;
    this.sources.replaceChildren(
      ...turn.citations.map((cited) =>
        h(
          "li",
          {},
          h(
            "a",
            { class: "source", href: cited.href, "data-number": cited.number, title: cited.heading_path.join(" › ") },
            h("span", { class: "number", "aria-hidden": "true" }, String(cited.number)),
            h("span", { class: "spoken-only" }, this.#words.t("citation", { number: cited.number, title: "" })),
            h("bdi", {}, cited.heading_path.at(-1) ?? cited.title),
            ...(cited.place ? [" ", h("bdi", { class: "place" }, cited.place)] : []),
          ),
        ),
      ),
    );
  }

  #showTools(turn, place) {
    this.tools.hidden = turn.status === "open" || !place.idle;
    if (this.tools.hidden) return;
    const t = (key) => this.#words.t(key);
    const rate = (name, label, value) =>
      iconButton(name, label, () => this.#rate(turn.rating === value ? 0 : value), {
        "aria-pressed": String(turn.rating === value),
      });
    const readable = Boolean(turn.reply);
    this.tools.replaceChildren(
      ...[
        readable && iconButton("copy", t("copy"), () => this.#do.copy(turn)),
        readable && rate("up", t("helpful"), 1),
        readable && rate("down", t("not_helpful"), -1),
        (turn.status === "complete" || turn.status === "stopped") &&
          iconButton("retry", t("retry"), () => this.#do.retry(turn)),
        turn.source === "extractive" && h("span", { class: "small soft" }, t("quoted")),
      ].filter(Boolean),
    );
  }

  #rate(rating) {
    const turn = this.#turn;
    if (!this.#do.rate(turn, rating, "")) return;
    this.#commenting = rating === -1;
    if (!this.#commenting) {
      this.comment.replaceChildren();
      return;
    }
    const t = (key) => this.#words.t(key);
    const field = h("textarea", { class: "input", rows: 2, dir: "auto", maxlength: 2000, "aria-label": t("feedback_comment"), placeholder: t("feedback_comment") });
    const close = (note) => {
      this.#commenting = false;
      this.comment.replaceChildren(...(note ? [h("p", { class: "small soft" }, note)] : []));
      this.tools.querySelector('[aria-pressed="true"]')?.focus();
    };
    const form = h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          if (field.value.trim()) this.#do.rate(this.#turn, -1, field.value.trim());
          close(t("feedback_thanks"));
        },
      },
      field,
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", class: "button", onclick: () => close("") }, t("feedback_skip")),
        h("button", { class: "button primary" }, t("feedback_send")),
      ),
    );
    this.comment.replaceChildren(form);
    field.focus();
  }

  /** Turn the message into a box to edit it in. */
  edit() {
    const turn = this.#turn;
    if (this.#editing || turn.given?.action) return;
    this.#editing = true;
    const t = (key) => this.#words.t(key);
    const close = () => {
      this.#editing = false;
      this.#showMessage();
      this.#showSaidTools(this.#turn, JSON.parse(this.#place));
      this.saidTools.querySelector("button:last-of-type")?.focus();
    };
    const card = this.#do.again(turn, this.#question.asked, close);
    if (card) {
      this.message.replaceChildren(card.element);
      this.saidTools.replaceChildren();
      card.focus();
      return;
    }
    const field = h("textarea", { class: "input", dir: "auto", "aria-label": t("edit_message"), rows: 3 });
    field.value = turn.text;
    const form = h(
      "form",
      {
        class: "editing",
        onsubmit: (event) => {
          event.preventDefault();
          const text = field.value.trim();
          close();
          if (text && text !== turn.text) this.#do.edit(turn, text);
        },
        onkeydown: (event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            close();
          } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            form.requestSubmit();
          }
        },
      },
      field,
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", class: "button", onclick: close }, t("cancel")),
        h("button", { class: "button primary" }, t("save_edit")),
      ),
    );
    this.message.replaceChildren(form);
    this.saidTools.replaceChildren();
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  #clicked(event) {
    const link = event.target.closest("a[data-number]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const cited = this.#turn.citations.find((each) => String(each.number) === link.dataset.number);
    if (cited && this.#do.cite(cited, link)) event.preventDefault();
  }
}
