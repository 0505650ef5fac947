// How far this device has watched: { "<title id>": [seconds, duration, when] }. Kept on the device alone.
const KEY = "watched";
const KEPT = 200;

export function readProgress(title) {
  return all()[title];
}

export function keepProgress(title, seconds, duration) {
  const known = all();
  if (!duration || seconds < 20) return;
  if (seconds > duration * 0.95) delete known[title];
  else known[title] = [Math.floor(seconds), Math.floor(duration), Date.now()];
  const latest = Object.entries(known).sort((one, other) => other[1][2] - one[1][2]);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(latest.slice(0, KEPT))));
  } catch {
    // A full or forbidden store only costs the resume point.
  }
}

export function showProgress(root) {
  const known = all();
  if (!Object.keys(known).length) return;
  for (const card of root.querySelectorAll("[data-title] .art")) {
    const place = known[card.parentElement.dataset.title];
    if (place && !card.querySelector(".watched")) card.append(bar(place[0] / place[1]));
  }
  const button = root.querySelector("[data-resume]");
  const place = button && known[button.dataset.resume];
  if (place) button.querySelector("[data-resume-label]").textContent = `Resume at ${clock(place[0])}`;
}

export function clock(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}

function bar(share) {
  const line = document.createElement("span");
  const filled = document.createElement("i");
  line.className = "watched";
  filled.style.transform = `scaleX(${share})`;
  line.append(filled);
  return line;
}

function all() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {};
  }
}

// The page (from 1) that a chapter was left at on this device, if any.
export const pagesOf = (target) => all()[target]?.[0];

// A chapter's page that somebody stayed on; the last one stands for the chapter being read.
export function keepPages(target, page, pages) {
  const known = all();
  known[target] = [page, pages, Date.now()];
  const latest = Object.entries(known).sort((one, other) => other[1][2] - one[1][2]);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(latest.slice(0, KEPT))));
  } catch {
    // A full or forbidden store only costs the resume point.
  }
}
