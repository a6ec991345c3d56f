// The wording of the page, as the server handed it over: strings with {placeholders}, or plural forms by {count}.

export class Words {
  #strings;
  #plural;
  #foreign;
  language;

  constructor(strings, language) {
    this.#strings = strings;
    this.language = language;
    const fromRight = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
    this.#foreign = fromRight.test(strings.title ?? "") ? /\p{Script=Latin}/u : fromRight;
    this.#plural = new Intl.PluralRules(language);
  }

  t(key, values = {}) {
    let text = this.#strings[key];
    if (text === undefined) throw new Error(`no wording for ${key}`);
    if (typeof text === "object") text = text[this.#plural.select(values.count)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? this.#isolated(values[name]) : whole));
  }

  /** A foreign title inside a sentence must not pull the punctuation round it to the wrong side. */
  #isolated(value) {
    return typeof value === "string" && this.#foreign.test(value) ? `\u2068${value}\u2069` : String(value);
  }

  /** A day as people name it: today, yesterday, this week, earlier. */
  dayGroup(date, now) {
    const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
    const days = Math.ceil((midnight - date) / 86_400_000);
    if (days <= 0) return "list.today";
    if (days === 1) return "list.yesterday";
    return days <= 7 ? "list.week" : "list.older";
  }
}
