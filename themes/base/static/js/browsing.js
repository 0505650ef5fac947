// Filters that apply themselves, "more" that appends in place, and "/" for the search field.
export function bindFilters(root) {
  for (const form of root.querySelectorAll("[data-auto-submit]")) {
    form.querySelector("[data-no-script]")?.setAttribute("hidden", "");
    form.addEventListener("change", () => form.requestSubmit());
    form.addEventListener("submit", () => {
      for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    });
  }
  // A page out of the back/forward cache would keep the fields switched off.
  addEventListener("pageshow", () => {
    for (const field of root.querySelectorAll("[data-auto-submit] :disabled")) field.disabled = false;
  });
}

export function bindLoadMore(root, added) {
  const link = root.querySelector("[data-load-more]");
  const grid = root.querySelector("[data-grid]");
  if (!link || !grid) return;
  link.addEventListener("click", async (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (link.ariaBusy === "true") return;
    link.ariaBusy = "true";
    try {
      const answer = await fetch(link.href, { headers: { accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      append(grid, page, added);
      const next = page.querySelector("[data-load-more]");
      if (next) link.href = next.href;
      else link.parentElement.remove();
      link.ariaBusy = "false";
    } catch {
      location.href = link.href;
    }
  });
}

function append(grid, page, added) {
  const items = [...page.querySelectorAll("[data-grid] > li")].map((item) => document.adoptNode(item));
  grid.append(...items);
  added(grid);
  items[0]?.querySelector("a")?.focus({ preventScroll: true });
}

export function bindSearchKey(root) {
  root.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const field = [...root.querySelectorAll("input[type=search]")].find((each) => each.offsetParent);
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}
