// WebVTT as the player needs it: cues with their times and plain text. Pure.

const TIMES = /^(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3}) +--> +(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})/;
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&lrm;": "\u200e", "&rlm;": "\u200f", "&nbsp;": "\u00a0" };

const seconds = (h, m, s, ms) => Number(h ?? 0) * 3600 + Number(m) * 60 + Number(s) + Number(ms) / 1000;

/** @returns [{start, end, text}], in order; what is no cue is passed over */
export function cues(vtt) {
  const found = [];
  for (const block of vtt.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    if (at < 0) continue;
    const t = lines[at].match(TIMES);
    const text = lines
      .slice(at + 1)
      .join(" ")
      .replace(/<[^>]*>/g, "")
      .replace(/&(?:amp|lt|gt|lrm|rlm|nbsp);/g, (entity) => ENTITIES[entity])
      .trim();
    if (text) found.push({ start: seconds(t[1], t[2], t[3], t[4]), end: seconds(t[5], t[6], t[7], t[8]), text });
  }
  return found;
}

/** 75 is "1:15". */
export function clock(time) {
  const whole = Math.floor(time);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
