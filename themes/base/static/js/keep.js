// The list's buttons without leaving the page: [data-keep] forms say the same to the API.
export function bindKeep(root) {
  for (const form of root.querySelectorAll("[data-keep]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const action = event.submitter?.value ?? "add";
      if (!(await ask(form.elements.title.value, action))) {
        form.submit();
        return;
      }
      show(form, action);
    });
  }
}

async function ask(title, action) {
  const address = `/api/v1/watchlist/${encodeURIComponent(title)}`;
  const headers = { accept: "application/json", "content-type": "application/json" };
  const body = JSON.stringify({ notify: action !== "quiet" });
  try {
    return (await fetch(address, action === "remove" ? { method: "DELETE", headers } : { method: "PUT", headers, body })).ok;
  } catch {
    return false;
  }
}

function show(form, action) {
  const kept = action !== "remove";
  const list = form.querySelector("[data-keep-list]");
  list.value = kept ? "remove" : "add";
  list.setAttribute("aria-pressed", String(kept));
  form.querySelector("[data-keep-label]").textContent = kept ? "On my list" : "My list";
  const news = form.querySelector("[data-keep-news]");
  if (!news) return;
  news.hidden = !kept;
  news.value = action === "quiet" ? "notify" : "quiet";
  news.setAttribute("aria-pressed", String(kept && action !== "quiet"));
}
