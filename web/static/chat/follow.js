// Keeps the end of the conversation in view, but only for those who are at its end.

const AT_END = 48;
const FAR_AWAY = 160;
const ABOVE = 8;

export class Follow {
  #pane;
  #may;
  #changed;
  #lead;
  /** Whether the reader is at the end, and stays there as text comes in. */
  on = true;

  /**
   * @param may says whether the pane may be moved now
   * @param changed is told (far from the end, away from the top) as the reader scrolls
   * @param lead gives the element, or null, whose beginning stays in view: a question taller than the pane is read
   *   from its beginning
   */
  constructor(pane, log, may, changed, lead = () => null) {
    this.#lead = lead;
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
    this.#pane.scrollTop = this.#end();
  }

  #end() {
    const pane = this.#pane;
    const end = pane.scrollHeight - pane.clientHeight;
    const lead = this.#lead();
    if (!lead) return end;
    const top = lead.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop;
    return Math.min(end, Math.max(0, top - ABOVE));
  }

  look() {
    const { scrollTop } = this.#pane;
    const away = this.#end() - scrollTop;
    this.on = away < AT_END;
    this.#changed(away >= FAR_AWAY, scrollTop > 8);
  }
}
