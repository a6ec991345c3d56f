// Elements without a framework. Text is always set as text; the only HTML is what the server sanitised.

/** An element with attributes, listeners (on…) and children; false and null leave something out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name, turns = false) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", turns ? "icon turns" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A button that is only an icon; `label` is its spoken name and its tooltip. */
export function iconButton(name, label, onclick, { turns = false, ...attributes } = {}) {
  return h("button", { type: "button", class: "quiet", "aria-label": label, title: label, onclick, ...attributes }, icon(name, turns));
}

/** HTML that the server rendered and sanitised (web/markdown.py). Nothing else may come here. */
export function trusted(element, html) {
  element.innerHTML = html;
  for (const box of element.querySelectorAll(".scroll")) scrollable(box);
  return element;
}

/**
 * A choice of a card as it is said: its formulas as they were written, for browsers leave formulas out of names.
 * @param choice {text, html}
 */
export function spoken(choice) {
  return choice.text.replace(/[$*`]/g, "").replace(/\\[,;! ]?/g, " ").replace(/\s+/g, " ").trim();
}

/** What scrolls sideways must be reachable by keyboard; what doesn't should not be a stop. */
export function scrollable(box) {
  box.tabIndex = 0;
  requestAnimationFrame(() => {
    if (box.scrollWidth <= box.clientWidth + 1) box.removeAttribute("tabindex");
  });
}

const SPANS = /\*\*([^*\n]+)\*\*|\*([^*\s][^*\n]*)\*|`([^`\n]+)`|^#{1,6} +(.*)$/gm;

/**
 * The end of a reply that is still being written, with what is already plain in its Markdown (strong, emphasis, code,
 * headings) set as elements. The server typesets the whole of it a moment later. Text stays text: nothing is parsed as HTML.
 */
export function inline(text) {
  const nodes = [];
  let done = 0;
  for (const found of text.matchAll(SPANS)) {
    if (found.index > done) nodes.push(text.slice(done, found.index));
    const [whole, strong, emphasis, code, heading] = found;
    if (strong ?? heading) nodes.push(h("strong", {}, strong ?? heading));
    else if (emphasis) nodes.push(h("em", {}, emphasis));
    else nodes.push(h("code", { dir: "ltr" }, code ?? ""));
    done = found.index + whole.length;
  }
  if (done < text.length) nodes.push(text.slice(done));
  return nodes;
}
