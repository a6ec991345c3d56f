// A film in the conversation: how far it is, and then the film itself.

import { Player } from "../film/player.js";
import { h } from "./dom.js";

const EVERY = 1000; // ms between two looks while it is being made
const PATIENT = 4000; // after an error
const ENDED = ["done", "failed", "cancelled"];

export class FilmCard {
  #words;
  #api;
  #timer = null;
  #player = null;

  /** @param film {film, title, language, form, draft}, as the frame has it */
  constructor(words, api, film, { level = "h3" } = {}) {
    this.#words = words;
    this.#api = api;
    this.film = film;
    const t = (key, values) => words.t(key, values);
    this.title = h(level, { dir: "auto" }, film.title);
    this.bar = h("progress", { max: 100, value: 0, "aria-label": t("film.progress") });
    this.stage = h("span", { class: "film-stage" }, t("film.stage.queued"));
    this.making = h("div", { class: "film-making" }, this.bar, this.stage);
    this.place = h("div", {});
    this.findings = h("ul", { class: "film-findings small" });
    this.buttons = h("div", { class: "actions no-print" });
    this.note = film.draft ? h("p", { class: "small soft" }, t("film.draft")) : null;
    this.status = h("p", { class: "spoken-only", role: "status" });
    this.element = h("section", { class: "film-card", "aria-label": t("film.label", { title: film.title }) },
      this.title, this.note, this.place, this.making, this.findings, this.buttons, this.status);
    this.#look();
  }

  async #look() {
    clearTimeout(this.#timer);
    let state;
    try {
      state = await this.#api.get(`/api/films/${encodeURIComponent(this.film.film)}`);
    } catch (error) {
      if (error.retryable || error.status >= 500) this.#timer = setTimeout(() => this.#look(), PATIENT);
      else this.#over(this.#words.t("film.gone"));
      return;
    }
    this.#show(state);
    if (!ENDED.includes(state.status)) this.#timer = setTimeout(() => this.element.isConnected || !this.#shown ? this.#look() : this.#pause(), EVERY);
    this.#shown = true;
  }
  #shown = false;

  /** Another conversation is on the page: look again when this one comes back. */
  #pause() {
    this.#timer = setTimeout(() => (this.element.isConnected ? this.#look() : this.#pause()), PATIENT);
  }

  #show(state) {
    const t = (key, values) => this.#words.t(key, values);
    this.element.dataset.status = state.status;
    if (state.first && state.status !== "done") this.#made(state).beginning(state.first, state.poster);
    if (state.status === "done") {
      const player = this.#made(state);
      player.whole({ ...state.files, language: state.language });
      player.download([
        { href: `${state.files.film}?download=1`, name: "", text: t("film.download") },
        { href: `${state.files.handout}?download=1`, name: "", text: t("film.handout") },
      ]);
      if (!this.making.hidden) this.status.textContent = t("film.ready");
      this.making.hidden = true;
      this.buttons.replaceChildren();
      return;
    }
    if (state.status === "failed" || state.status === "cancelled") {
      this.#over(state.status === "cancelled" ? t("film.cancelled") : t("film.failed"));
      const why = state.findings?.length ? state.findings.map((each) => each.message) : [state.problem].filter(Boolean);
      this.findings.replaceChildren(...why.map((text) => h("li", { lang: "en", dir: "ltr" }, text)));
      this.buttons.replaceChildren(h("button", { type: "button", class: "button", onclick: () => this.#ask("retry") }, t("film.retry")));
      return;
    }
    this.making.hidden = false;
    this.bar.value = state.percent;
    const stage = state.status === "pending" ? "queued" : state.stage || "queued";
    this.stage.textContent = `${t(`film.stage.${stage}`)} ${state.percent} %`;
    if (!this.buttons.childElementCount) {
      this.buttons.replaceChildren(h("button", { type: "button", class: "quiet", onclick: () => this.#ask("cancel") }, t("film.cancel")));
    }
  }

  #made(state) {
    if (!this.#player) {
      const film = { title: this.film.title, language: state.language, direction: state.direction ?? "auto" };
      this.#player = new Player(this.#words, film, (spans, length) => this.#seen(spans, length));
      this.place.replaceChildren(this.#player.element);
    }
    return this.#player;
  }

  #over(text) {
    this.making.hidden = false;
    this.bar.hidden = true;
    this.stage.textContent = text;
    this.buttons.replaceChildren();
  }

  async #ask(what) {
    await this.#api.call("POST", `/api/films/${encodeURIComponent(this.film.film)}/${what}`).catch(() => {});
    this.bar.hidden = false;
    this.findings.replaceChildren();
    this.buttons.replaceChildren();
    this.#look();
  }

  #seen(spans, length) {
    this.#api.call("POST", `/api/films/${encodeURIComponent(this.film.film)}/watched`, { spans, length }).catch(() => {});
  }
}
