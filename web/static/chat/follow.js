// Keeps the end of the conversation in view, but only for those who are at its end.

const AT_END = 48;
const FAR_AWAY = 160;

export class Follow {
  #pane;
  #may;
  #changed;
  /** Whether the reader is at the end, and stays there as text comes in. */
  on = true;

  /**
   * @param may says whether the pane may be moved now
   * @param changed is told (far from the end, away from the top) as the reader scrolls
   */
  constructor(pane, log, may, changed) {
    this.#pane = pane;
    this.#may = may;
    this.#changed = changed;
    pane.addEventListener("scroll", () => this.look());
    addEventListener("resize", () => this.keep());
    // Heights change after layout too (fonts, formulas).
    new ResizeObserver(() => this.keep()).observe(log);
  }

  /** Go on following. */
  keep() {
    if (this.on && this.#may()) this.toEnd();
  }

  toEnd() {
    this.#pane.scrollTop = this.#pane.scrollHeight;
  }

  look() {
    const { scrollHeight, scrollTop, clientHeight } = this.#pane;
    const away = scrollHeight - scrollTop - clientHeight;
    this.on = away < AT_END;
    this.#changed(away >= FAR_AWAY, scrollTop > 8);
  }
}
