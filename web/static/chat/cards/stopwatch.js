// How long a question has been in front of the learner: the time the page was looked at, not the time it was open.

export class Stopwatch {
  #elapsed;
  #since = null;

  constructor(elapsed = 0) {
    this.#elapsed = elapsed;
    document.addEventListener("visibilitychange", () => this.#look());
    this.#look();
  }

  #look() {
    const now = performance.now();
    if (this.#since !== null) this.#elapsed += (now - this.#since) / 1000;
    this.#since = document.visibilityState === "visible" ? now : null;
  }

  /** Seconds so far. */
  get seconds() {
    this.#look();
    return Math.min(86_400, Math.round(this.#elapsed * 10) / 10);
  }
}
