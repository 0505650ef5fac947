// The keyboard, as the help says it.
export function bindKeys(reader) {
  const actions = {
    ArrowRight: () => reader.turn(reader.isRightToLeft ? -1 : 1),
    ArrowLeft: () => reader.turn(reader.isRightToLeft ? 1 : -1),
    " ": (event) => reader.advance(event.shiftKey ? -1 : 1),
    PageDown: () => reader.advance(1),
    PageUp: () => reader.advance(-1),
    Home: () => reader.show(0),
    End: () => reader.show(reader.count - 1),
    f: () => reader.toggleFullScreen(),
    m: () => reader.change("mode"),
    d: () => reader.change("direction"),
    o: () => reader.change("cover"),
    w: () => reader.change("fit"),
    "+": () => reader.zoomBy(1.25),
    "=": () => reader.zoomBy(1.25),
    "-": () => reader.zoomBy(0.8),
    0: () => reader.zoomTo(1),
    n: () => reader.goTo("next"),
    p: () => reader.goTo("previous"),
    c: () => reader.open("chapters"),
    s: () => reader.open("settings"),
    "?": () => reader.open("help"),
    Escape: () => reader.toggleChrome(),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || reader.dialogOpen) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    if ((event.key === " " || event.key === "Enter") && event.target.closest("a, button, summary")) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    reader.learn();
    action(event);
  });
}
