// The number on the bell, asked for at most once a minute in a tab.
const KEY = "unread";
const FRESH_MS = 60000;

export async function bindBell(bell) {
  if (!bell) return;
  const known = read();
  if (known && Date.now() - known.at < FRESH_MS && !location.pathname.startsWith("/notices")) {
    show(bell, known.unread);
    return;
  }
  try {
    const answer = await fetch("/api/v1/notices/unread", { headers: { accept: "application/json" } });
    if (!answer.ok) return;
    const { unread } = await answer.json();
    show(bell, unread);
    sessionStorage.setItem(KEY, JSON.stringify({ unread, at: Date.now() }));
  } catch {
    // Without the number the bell still leads to the notices.
  }
}

function show(bell, unread) {
  const number = bell.querySelector("[data-unread]");
  number.hidden = !unread;
  number.textContent = unread > 98 ? "99+" : String(unread);
  bell.ariaLabel = unread ? `Notices, ${unread} unread` : "Notices";
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  } catch {
    return null;
  }
}
