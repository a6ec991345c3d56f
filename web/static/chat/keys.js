// Keys that work wherever the focus is. Those of the message box are its own.

/** @param actions {escape(), search(), help(), write()} */
export function listenForKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      actions.escape();
      return;
    }
    const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = { "/": actions.search, "?": actions.help, m: actions.write }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
