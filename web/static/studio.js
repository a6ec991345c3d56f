// The films of a script, each with its progress and then with its player.

import { Api } from "./chat/api.js";
import { h } from "./chat/dom.js";
import { FilmCard } from "./chat/film_card.js";
import { Words } from "./chat/words.js";

const boot = JSON.parse(document.getElementById("boot").textContent);
const words = new Words(boot.strings, document.documentElement.lang);
const api = new Api(document.querySelector('meta[name="csrf-token"]').content, words.t("error.offline"));
const name = new Intl.DisplayNames([document.documentElement.lang], { type: "language" });

document.getElementById("made").replaceChildren(
  ...boot.films.map((film) => {
    const card = new FilmCard(words, api, film, { level: "h3" });
    card.element.prepend(h("p", { class: "small soft film-language" }, name.of(film.language)));
    return card.element;
  }),
);
