// What stands beside a text: a film that its times lead into, and the page whose marked words come into view.

/** @param root where a reading page was put, once */
export function beside(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.place[data-second]");
    const film = root.querySelector("video.film-beside");
    if (!link || !film) return;
    event.preventDefault();
    film.currentTime = Number(link.dataset.second) + 0.01;
    film.play().catch(() => {});
    film.scrollIntoView({ block: "nearest" });
  });
}

/** The marked words of the page's picture in the middle of its box. Its size is known before it is there. */
export function showMark(root) {
  const figure = root.querySelector("figure[data-top]");
  if (!figure) return;
  const picture = figure.firstElementChild;
  figure.scrollTop = Number(figure.dataset.top) * picture.offsetHeight - figure.clientHeight / 3;
}
