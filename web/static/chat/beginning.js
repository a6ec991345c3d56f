// What an empty conversation shows: the course, and questions to begin with.

import { h, icon } from "./dom.js";

export class Beginning {
  #words;
  #courses;
  #do;

  /** @param actions {ask(text), begin(action, text), choose(course)} */
  constructor(words, courses, actions) {
    this.#words = words;
    this.#courses = courses;
    this.#do = actions;
    this.element = h("div", { class: "empty" });
  }

  /** @param course {id, title, suggestions}, or null where there is none yet */
  show(course) {
    const t = (key, values) => this.#words.t(`empty.${key}`, values);
    if (!course) {
      this.element.replaceChildren(h("h2", {}, t("title")), h("p", {}, t("no_course")));
      return;
    }
    const emblem = icon("house");
    emblem.setAttribute("class", "mark-of-house");
    this.element.replaceChildren(
      ...[
        emblem,
        h("h2", {}, t("title")),
        h("p", { class: "soft" }, t("intro", { course: course.title })),
        this.#courses.length > 1 && this.#picker(course),
        h("div", { class: "begin" }, this.#start("practise", "begin", "primary"), this.#start("placement", "find_out", "")),
        course.suggestions.length > 0 && h("h3", {}, t("suggestions")),
        h(
          "ul",
          { class: "suggestions" },
          course.suggestions.map((text) =>
            h("li", {}, h("button", { type: "button", dir: "auto", onclick: () => this.#do.ask(text) }, text)),
          ),
        ),
      ].filter(Boolean),
    );
  }

  #start(action, name, look) {
    const text = this.#words.t(`action.${name}`);
    return h("button", { type: "button", class: `button ${look}`, onclick: () => this.#do.begin(action, text) }, text);
  }

  #picker(course) {
    const chosen = (event) => {
      this.#do.choose(this.#courses[event.target.selectedIndex]);
      this.element.querySelector("select").focus();
    };
    return h(
      "div",
      { class: "field picker" },
      h("label", { for: "course" }, this.#words.t("empty.choose_course")),
      h(
        "select",
        { id: "course", class: "input", onchange: chosen },
        this.#courses.map((each) => h("option", { value: each.id, selected: each === course }, each.title)),
      ),
    );
  }
}
