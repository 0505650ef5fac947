// The dialogs of the reader: settings, chapters, keyboard help.
export function bindSheets(reader, settings) {
  const sheet = reader.querySelector("[data-settings-sheet]");
  const mark = () => {
    for (const field of sheet.querySelectorAll("input[type=radio]")) field.checked = settings.get(field.name) === field.value;
  };
  sheet.addEventListener("change", (event) => {
    settings.set(event.target.name, event.target.value);
    reader.arrange();
  });
  sheet.querySelector("[data-everywhere]").addEventListener("click", () => {
    settings.useEverywhere();
    reader.toast("Every series opens like this now.");
  });
  for (const button of reader.querySelectorAll("[data-open]")) button.addEventListener("click", () => open(button.dataset.open));
  for (const dialog of reader.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  async function open(name) {
    const dialog = reader.querySelector(`[data-${name}-sheet]`);
    if (name === "settings") mark();
    if (name === "chapters") await fill(dialog);
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
  }
  return { open, mark };
}

// The list of chapters is the title page's own; a book has a thousand of them, and most readers never ask.
async function fill(dialog) {
  const box = dialog.querySelector("[data-chapters]");
  if (box.childElementCount > 1) return;
  try {
    const answer = await fetch(box.dataset.from, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const list = page.querySelector("[data-chapter-list]");
    for (const link of list.querySelectorAll("a")) if (new URL(link.href).pathname === location.pathname) link.setAttribute("aria-current", "page");
    box.replaceChildren(document.adoptNode(list));
  } catch {
    location.href = box.dataset.from;
  }
}
