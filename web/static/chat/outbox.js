// Messages that the server hasn't confirmed yet. They live in the browser's storage, so that a refresh, a closed tab
// or a flat battery loses none; each goes out under its own client_id, so that none is said twice.

/**
 * @typedef {{client_id: string, conversation: string, course: string|null, type: "send"|"edit"|"retry",
 *   text: string, turn: string|null, parent: string|null, after: string|null, error: string|null,
 *   reply?: object|null}} Item
 */

export class Outbox extends EventTarget {
  #storage;
  #key;

  constructor(storage, account) {
    super();
    this.#storage = storage;
    this.#key = `diotima.outbox.${account}`;
  }

  /** @returns {Item[]} in order of writing */
  all() {
    try {
      const found = JSON.parse(this.#storage.getItem(this.#key) ?? "[]");
      return Array.isArray(found) ? found : [];
    } catch {
      return [];
    }
  }

  of(conversation) {
    return this.all().filter((item) => item.conversation === conversation);
  }

  add(item) {
    this.#write([...this.all(), item]);
  }

  remove(clientId) {
    const all = this.all();
    const kept = all.filter((item) => item.client_id !== clientId);
    if (kept.length !== all.length) this.#write(kept);
  }

  change(clientId, change) {
    this.#write(this.all().map((item) => (item.client_id === clientId ? { ...item, ...change } : item)));
  }

  /** A conversation begun without the server has got its id. */
  settle(temporary, conversation) {
    this.#write(this.all().map((item) => (item.conversation === temporary ? { ...item, conversation } : item)));
  }

  #write(items) {
    try {
      if (items.length) this.#storage.setItem(this.#key, JSON.stringify(items));
      else this.#storage.removeItem(this.#key);
    } catch {
      // Storage is full or forbidden: the page still works, but what waits doesn't outlive it.
      this.all = () => items;
    }
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * The next frame to send for this conversation, or null when it has to wait. Pure.
 * One at a time: the server takes a message only when the last turn is over.
 * @param {Item[]} items
 * @param {(clientId: string) => {id: string}|null} sentAs finds a message the server already has
 */
export function nextFrame(items, sentAs, busy) {
  if (busy) return null;
  const item = items.find((each) => !sentAs(each.client_id));
  if (!item || item.error) return null;
  const { type, client_id, text, turn, reply } = item;
  if (type === "retry") return { type, client_id, turn };
  if (type === "edit") return { type, client_id, turn, text };
  const before = item.after ? sentAs(item.after) : null;
  const parent = before ? before.id : item.parent;
  // Without a parent the server goes on where the learner last spoke, or begins.
  return { type, client_id, text, ...(parent && { parent }), ...(reply && { reply }) };
}
