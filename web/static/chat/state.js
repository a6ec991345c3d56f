// A conversation as the page knows it: a fold over the server's frames. Pure: no DOM, no clock, no network.
//
// Durable frames carry `seq` and count once. Deltas are addressed by (turn, offset), offsets in code points, and follow
// the server's rule: reply = reply[:offset] + text. A delta that begins behind the end of what we have means that
// something was missed: the state then asks for the replay (`gap`).

export const EMPTY = Object.freeze({
  conversation: null,
  title: "",
  lastSeq: 0,
  ready: false,
  gap: false,
  deleted: false,
  turns: Object.freeze({}),
  order: Object.freeze([]),
  chosen: Object.freeze({}),
});

const ROOT = "";

function codePoints(text) {
  let count = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff || i + 1 >= text.length) count += 1;
    else {
      const next = text.charCodeAt(i + 1);
      count += 1;
      if (next >= 0xdc00 && next <= 0xdfff) i += 1;
    }
  }
  return count;
}

/** The first `count` code points of `text`. */
export function upTo(text, count) {
  let units = 0;
  for (let seen = 0; seen < count && units < text.length; seen += 1) {
    units += text.codePointAt(units) > 0xffff ? 2 : 1;
  }
  return text.slice(0, units);
}

/** What stands in `text` from code point `count` on. */
export function from(text, count) {
  return text.slice(upTo(text, count).length);
}

function newTurn(frame) {
  return {
    id: frame.turn,
    parent: frame.parent ?? null,
    seq: frame.seq,
    at: frame.at,
    clientId: frame.client_id,
    text: frame.text,
    editOf: frame.edit_of ?? null,
    retryOf: frame.retry_of ?? null,
    status: "open",
    reply: "",
    length: 0,
    preview: null,
    html: null,
    source: null,
    citations: [],
    retrieved: null,
    error: null,
    message: null,
    retryable: false,
    rating: 0,
    given: frame.reply ?? null,
    intent: null,
    closes: false,
    grade: null,
    contested: false,
    reviewed: null,
    item: null,
    film: null,
    actions: [],
  };
}

function withTurn(state, id, change) {
  const turn = state.turns[id];
  return turn ? { ...state, turns: { ...state.turns, [id]: { ...turn, ...change } } } : state;
}

function extended(turn, offset, text) {
  const kept = offset === turn.length ? turn.reply : upTo(turn.reply, offset);
  const reply = kept + text;
  // The preview shows a beginning of the reply; it stays only while that beginning stands.
  const preview = turn.preview && reply.startsWith(upTo(turn.reply, turn.preview.upto)) ? turn.preview : null;
  return { reply, length: offset + codePoints(text), preview };
}

/** Make `id` and everything above it the branch that is shown. */
function choosing(state, id) {
  const chosen = { ...state.chosen };
  for (let turn = state.turns[id]; turn; turn = turn.parent ? state.turns[turn.parent] : null) {
    chosen[turn.parent ?? ROOT] = turn.id;
  }
  return { ...state, chosen };
}

function live(state, frame) {
  const turn = state.turns[frame.turn];
  if (!turn) return state.ready ? { ...state, gap: true } : state;
  if (turn.status !== "open") return state;
  if (frame.type === "preview") {
    if (frame.upto > turn.length) return state;
    return withTurn(state, turn.id, { preview: { upto: frame.upto, html: frame.html } });
  }
  if (frame.offset > turn.length) return { ...state, gap: true };
  return withTurn(state, turn.id, extended(turn, frame.offset, frame.text));
}

function durable(state, frame) {
  if (frame.seq <= state.lastSeq) return state;
  const next = { ...state, lastSeq: frame.seq };
  const turn = state.turns[frame.turn];
  switch (frame.type) {
    case "message":
      return choosing(
        { ...next, turns: { ...next.turns, [frame.turn]: newTurn(frame) }, order: [...next.order, frame.turn] },
        frame.turn,
      );
    case "retrieved":
      return withTurn(next, frame.turn, { retrieved: { count: frame.count, covered: frame.covered } });
    case "understood":
      return withTurn(next, frame.turn, { intent: frame.intent });
    case "graded": {
      const { item, hint, verdict, note, reading, covered, total, shifts } = frame;
      const grade = { item, hint, verdict, note, reading, covered, total, shifts };
      return withTurn(next, frame.turn, { grade: { ...grade, live: state.ready } });
    }
    case "item": {
      const { item, hint, prompt_html: html, card, reason, purpose } = frame;
      return withTurn(next, frame.turn, { item: { item, hint, html, card, reason, purpose } });
    }
    case "film": {
      const { film, title, language, form, draft } = frame;
      return withTurn(next, frame.turn, { film: { film, title, language, form, draft } });
    }
    case "closed":
      return withTurn(next, frame.turn, { closes: true });
    case "contested":
      return withTurn(next, frame.graded, { contested: true });
    case "reviewed":
      return withTurn(next, frame.turn, { reviewed: frame.verdict });
    case "sentence":
      if (!turn || turn.status !== "open") return next;
      // Never past a hole: what is missing comes with the replay, and this sentence with it.
      if (frame.offset > turn.length) return { ...state, gap: true };
      // Recorded a moment after it was heard: what was said since stands.
      if (from(turn.reply, frame.offset).startsWith(frame.text)) return next;
      return withTurn(next, frame.turn, extended(turn, frame.offset, frame.text));
    case "finished":
      return withTurn(next, frame.turn, {
        status: frame.outcome,
        reply: frame.text,
        length: codePoints(frame.text),
        preview: null,
        html: frame.html,
        source: frame.source,
        citations: frame.citations ?? [],
        error: frame.error ?? null,
        message: frame.message ?? null,
        retryable: Boolean(frame.retryable),
        actions: frame.actions ?? [],
      });
    case "interrupted":
      return withTurn(next, frame.turn, {
        status: "interrupted",
        reply: "",
        length: 0,
        preview: null,
        html: "",
        citations: [],
        item: null,
        film: null,
        error: frame.reason,
        message: frame.message,
        retryable: true,
      });
    case "feedback":
      return withTurn(next, frame.turn, { rating: frame.rating });
    case "renamed":
      return { ...next, title: frame.title };
    case "deleted":
      return { ...EMPTY, conversation: state.conversation, lastSeq: frame.seq, deleted: true };
    default:
      return next;
  }
}

/** The state after one frame of the server. Frames it doesn't know change nothing but `lastSeq`. */
export function reduce(state, frame) {
  // Past a hole nothing counts until the replay, which brings it all in order.
  if (state.gap && frame.type !== "welcome") return state;
  switch (frame.type) {
    case "welcome": {
      // A server with fewer events than we have was restored from a backup: begin anew.
      const base = frame.conversation === state.conversation && frame.last_seq >= state.lastSeq ? state : EMPTY;
      return { ...base, conversation: frame.conversation, title: frame.title || base.title, ready: false, gap: false };
    }
    case "ready":
      return { ...state, ready: true, gap: false };
    case "delta":
    case "preview":
      return live(state, frame);
    default:
      return typeof frame.seq === "number" && "at" in frame ? durable(state, frame) : state;
  }
}

/** The alternatives at this turn's place, in order of sending, itself included. */
export function siblings(state, id) {
  const parent = state.turns[id].parent;
  return state.order.filter((other) => state.turns[other].parent === parent);
}

/** The turns shown, from the first to the last. */
export function path(state) {
  const found = [];
  const children = new Map();
  for (const id of state.order) {
    const key = state.turns[id].parent ?? ROOT;
    children.set(key, [...(children.get(key) ?? []), id]);
  }
  for (let key = ROOT; children.has(key); ) {
    const options = children.get(key);
    const id = options.includes(state.chosen[key]) ? state.chosen[key] : options.at(-1);
    found.push(state.turns[id]);
    key = id;
  }
  return found;
}

const SETTLED = ["correct", "noted"];
const ONWARD = ["practise", "placement", "next"];

/**
 * What became of the questions on a path. A question is open until it is answered rightly, skipped, followed by
 * another, or closed; a sub-question hands back to its question. A tutor that offers to go on has none open.
 * @param turns as `path` gives them
 * @returns {{asked: Map, open: object|null}} asked: by the id of the turn that posed it {item, answer: the last turn
 *   that was graded for it or null, skipped}; open: the turn whose question waits for an answer
 */
export function questions(turns) {
  const asked = new Map();
  let open = [];
  for (const turn of turns) {
    const waiting = open.at(-1);
    if (waiting && turn.grade && turn.grade.item === waiting.item.item) {
      asked.get(waiting.id).answer = turn;
      if (SETTLED.includes(turn.reviewed ?? turn.grade.verdict)) {
        open = turn.grade.hint && open.length > 1 ? open.slice(0, -1) : [];
      }
    } else if (waiting && (turn.intent ?? turn.given?.action) === "skip") {
      asked.get(waiting.id).skipped = true;
      open = [];
    }
    if (turn.closes) open = [];
    if (turn.status === "open") break;
    if (turn.item) {
      asked.set(turn.id, { item: turn.item, answer: null, skipped: false });
      const within = turn.item.hint && open.length && open[0].item.item === turn.item.item;
      open = within ? [open[0], turn] : [turn];
    } else if (turn.actions.some((action) => ONWARD.includes(action))) open = [];
  }
  return { asked, open: open.at(-1) ?? null };
}

/** Show another branch. */
export function choose(state, id) {
  return state.turns[id] ? choosing(state, id) : state;
}

export function openTurn(state) {
  return state.order.map((id) => state.turns[id]).find((turn) => turn.status === "open") ?? null;
}

export function byClientId(state, clientId) {
  const id = state.order.find((each) => state.turns[each].clientId === clientId);
  return id ? state.turns[id] : null;
}
