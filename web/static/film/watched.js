// What of a film was seen: stretches in whole seconds, in the order watched. Pure: no DOM, no clock.

const JUMP = 1.5; // seconds of film between two reports that still count as playing on, at the speed of 1

export class Watched {
  #spans = [];
  #open = null;

  /** The film is at `time` and playing, `rate` times as fast as recorded. */
  at(time, rate = 1) {
    if (this.#open && time >= this.#open[1] && time - this.#open[1] <= JUMP * Math.max(1, rate)) {
      this.#open[1] = time;
      return;
    }
    this.#close();
    this.#open = [time, time];
  }

  /** It stopped playing, or jumped. */
  stop() {
    this.#close();
  }

  /** The stretches since last asked. */
  take() {
    this.#close();
    const found = this.#spans;
    this.#spans = [];
    return found;
  }

  #close() {
    if (!this.#open) return;
    const [from, to] = [Math.floor(this.#open[0]), Math.ceil(this.#open[1])];
    if (to - from >= 1) this.#spans.push([from, to]);
    this.#open = null;
  }
}
