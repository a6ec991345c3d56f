// A film with captions, chapters, speed and transcript. The video has the browser's own controls: they are the ones
// people know, and they work with a keyboard and a screen reader.

import { h } from "../chat/dom.js";
import { clock, cues } from "./vtt.js";
import { Watched } from "./watched.js";

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

export class Player {
  #words;
  #source;
  #told;
  #watched = new Watched();
  #resume = null;
  #language;

  /**
   * @param words  the page's wording
   * @param film   {title, language, direction}
   * @param told   called with [[from, to], ...] and the length in seconds when a stretch was seen
   */
  constructor(words, film, told = () => {}) {
    this.#words = words;
    this.#told = told;
    this.#language = film.language;
    const t = (key, values) => words.t(key, values);
    this.video = h("video", { controls: true, playsinline: true, preload: "auto", "aria-label": film.title });
    this.waiting = h("p", { class: "film-waiting", hidden: true }, t("film.rest"));
    this.frame = h("div", { class: "film-frame" }, this.video, this.waiting);
    this.speed = h(
      "select",
      { class: "input", "aria-label": t("film.speed"), onchange: () => (this.video.playbackRate = Number(this.speed.value)) },
      SPEEDS.map((each) => h("option", { value: each, selected: each === 1 }, `${each}×`)),
    );
    this.chapters = h("ol", { class: "film-chapters", dir: film.direction, lang: film.language });
    this.chapterBox = h("details", { hidden: true }, h("summary", {}, t("film.chapters")), this.chapters);
    this.transcript = h("p", { class: "film-transcript", dir: film.direction, lang: film.language });
    this.transcriptBox = h("details", { hidden: true }, h("summary", {}, t("film.transcript")), this.transcript);
    this.links = h("span", { class: "film-links" });
    this.element = h(
      "div",
      { class: "film-player" },
      this.frame,
      h("div", { class: "film-bar no-print" }, h("label", { class: "film-speed" }, h("span", {}, t("film.speed")), this.speed), this.links),
      this.chapterBox,
      this.transcriptBox,
    );
    this.#listen();
  }

  #listen() {
    const { video } = this;
    video.addEventListener("timeupdate", () => {
      if (!video.paused && !video.seeking) this.#watched.at(video.currentTime, video.playbackRate);
      this.#mark();
    });
    video.addEventListener("seeking", () => this.#watched.stop());
    for (const name of ["pause", "ended"]) {
      video.addEventListener(name, () => {
        this.#watched.stop();
        // Of a beginning nobody knows how much of the film it is.
        if (this.#source === "whole") this.#report();
      });
    }
    video.addEventListener("ended", () => this.#wait());
    addEventListener("pagehide", () => this.#report());
  }

  #report() {
    const spans = this.#watched.take();
    if (spans.length && Number.isFinite(this.video.duration)) this.#told(spans, Math.ceil(this.video.duration));
  }

  /** Play the slides that are there, `address`, until there are more: then again with a longer beginning. */
  beginning(address, poster) {
    const { video } = this;
    if (this.#source === "whole" || address === this.#address) return;
    const first = !this.#source;
    this.#source = "beginning";
    this.#address = address;
    if (first || (video.paused && !video.currentTime)) {
      if (poster) video.poster = poster;
      this.#show(address);
    } else if (this.#waits) this.#longer();
    else this.#resume = () => this.#longer();
  }
  #address = null;

  /** A beginning has its captions beside it. */
  #show(address, captions = address.replace(/film\.mp4$/, "captions.vtt"), language = this.#language) {
    this.video.src = address;
    this.video.replaceChildren(
      h("track", { kind: "captions", src: captions, srclang: language, label: this.#words.t("film.captions"), default: true }),
    );
  }

  /** The same place in what has been added to. */
  #longer() {
    const { video } = this;
    const [time, playing] = [video.currentTime, !video.paused || this.#waits];
    this.#waits = false;
    this.waiting.hidden = true;
    this.#show(this.#address);
    this.#goOn(time, playing);
  }

  #goOn(time, playing) {
    const { video } = this;
    video.addEventListener("loadedmetadata", () => {
      video.currentTime = Math.min(time, video.duration);
      video.playbackRate = Number(this.speed.value);
      if (playing) video.play().catch(() => {});
    }, { once: true });
  }

  /** The whole film. What is playing goes on where it is. */
  whole({ film, poster, captions, chapters, language }) {
    if (this.#source === "whole") return;
    const { video } = this;
    const begun = this.#source === "beginning" && (video.currentTime > 0 || !video.paused);
    const swap = () => {
      const [time, playing] = [video.currentTime, !video.paused || this.#waits];
      this.#source = "whole";
      this.#waits = false;
      this.waiting.hidden = true;
      this.#watched.stop();
      this.#show(film, captions, language);
      if (begun) this.#goOn(time, playing);
    };
    if (!begun) {
      if (poster) video.poster = poster;
      swap();
    } else if (video.paused || this.#waits) swap();
    else {
      // In the middle of a sentence nothing is changed: the beginning plays out, and the whole takes over.
      this.#resume = swap;
    }
    this.#fill(captions, chapters);
  }
  #waits = false;

  #wait() {
    if (this.#source !== "beginning") return;
    this.#waits = true;
    this.waiting.hidden = Boolean(this.#resume);
    this.#resume?.();
    this.#resume = null;
  }

  download(links) {
    this.links.replaceChildren(...links.map(({ href, text, name }) => h("a", { href, download: name }, text)));
  }

  async #fill(captions, chapters) {
    const read = async (address) => {
      const response = await fetch(address).catch(() => null);
      return response?.ok ? cues(await response.text()) : [];
    };
    const [said, parts] = await Promise.all([read(captions), read(chapters)]);
    this.#said = said;
    this.transcript.replaceChildren(
      ...said.flatMap((cue) => [h("button", { type: "button", onclick: () => this.seek(cue.start) }, cue.text), " "]),
    );
    this.transcriptBox.hidden = !said.length;
    this.chapters.replaceChildren(
      ...parts.map((part) =>
        h("li", {}, h("button", { type: "button", onclick: () => this.seek(part.start) }, h("bdi", {}, part.text), " ", h("span", { class: "small soft" }, clock(part.start)))),
      ),
    );
    this.chapterBox.hidden = parts.length < 2;
  }
  #said = [];

  seek(time) {
    this.video.currentTime = time + 0.01;
    this.video.play().catch(() => {});
  }

  /** The sentence that is being spoken is marked in the transcript. */
  #mark() {
    if (!this.transcriptBox.open) return;
    const now = this.video.currentTime;
    const at = this.#said.findIndex((cue) => cue.start <= now && now < cue.end);
    for (const [i, button] of [...this.transcript.children].entries()) {
      if (i === at) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }
}

