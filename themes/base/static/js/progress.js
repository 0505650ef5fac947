// How far the viewer is. The site keeps it; this device remembers the last places, and what could not be sent yet.
// A target is a title's id, `<id>#s1e2` or `<id>#c12.5`.
const PLACES = "watched"; // { target: [seconds, duration, when] or ["page", page, pages, when] }
const UNSENT = "unsent"; // { target: { session, at, when, …what the heartbeat says } }
const KEPT = 200;
const SEND_MS = 10000;
const LEAST_SECONDS = 5;

let session = newSession();
let last = 0;
let overtaken = false;
const sentAt = new Map();
const timers = new Map();

// Keeps the place of a film or an episode, in seconds.
export function keepProgress(target, seconds, duration) {
  if (!(duration > 0) || !Number.isFinite(duration) || seconds < LEAST_SECONDS) return;
  note(target, { position_seconds: round(Math.min(seconds, duration)), duration_seconds: round(duration) });
}

// Keeps the page of a chapter, counted from 1.
export function keepPages(target, page, pages) {
  if (page >= 1 && page <= pages) note(target, { page, pages });
}

// The page that this device remembers of a chapter.
export function pagesOf(target) {
  const place = read(PLACES)[target];
  return place?.[0] === "page" ? place[1] : null;
}

// What the site knows, or this device where the site cannot be asked; null where there is nothing to go on with.
export async function progressOf(target) {
  await flushProgress();
  try {
    const answer = await fetch(address(target), { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const { progress } = await answer.json();
    return progress && !progress.finished ? progress : null;
  } catch {
    const place = read(PLACES)[target];
    if (!place) return null;
    return place[0] === "page" ? { page: place[1], pages: place[2] } : { position_seconds: place[0], duration_seconds: place[1] };
  }
}

// Sends what is kept; at the end of a page too, where the browser carries it on.
export async function flushProgress(keepalive = false) {
  await Promise.all(Object.keys(read(UNSENT)).map((target) => send(target, keepalive)));
}

export function showProgress(root) {
  const known = read(PLACES);
  for (const card of root.querySelectorAll("[data-title] .art")) {
    const share = shareOf(known[card.closest("[data-title]").dataset.title]);
    if (share && !card.querySelector(".watched")) card.append(bar(share));
  }
  const button = root.querySelector("[data-resume]");
  const place = button && known[button.dataset.resume];
  if (place && place[0] !== "page") button.querySelector("[data-resume-label]").textContent = `Resume at ${clock(place[0])}`;
}

export function clock(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}

function note(target, said) {
  last = Math.max(last + 1, Date.now());
  const unsent = read(UNSENT);
  unsent[target] = { ...said, session, at: last, when: Date.now() };
  write(UNSENT, unsent);
  remember(target, said);
  if (document.hidden) send(target, true);
  else if (!timers.has(target)) {
    const wait = Math.max(0, SEND_MS - (Date.now() - (sentAt.get(target) ?? 0)));
    timers.set(target, setTimeout(() => send(target), wait));
  }
}

async function send(target, keepalive = false) {
  clearTimeout(timers.get(target));
  timers.delete(target);
  const kept = read(UNSENT)[target];
  if (!kept) return;
  sentAt.set(target, Date.now());
  const { when, ...said } = kept;
  const age = Math.min(Math.max(0, (Date.now() - when) / 1000), 30 * 86400 - 1);
  const body = JSON.stringify({ ...said, age_seconds: age });
  const headers = { accept: "application/json", "content-type": "application/json" };
  try {
    const answer = await fetch(address(target), { method: "PUT", headers, body, keepalive });
    if (answer.status === 429 || answer.status >= 500) return;
    forgetSent(target, said.at);
    if (!answer.ok) return;
    const { counted, session: held } = await answer.json();
    if (said.session === session) overtaken = !counted && held !== session;
  } catch {
    // Offline: it stays for the next time.
  }
}

function forgetSent(target, at) {
  const unsent = read(UNSENT);
  if (unsent[target]?.at !== at) return;
  delete unsent[target];
  write(UNSENT, unsent);
}

function remember(target, said) {
  const known = read(PLACES);
  const ended = said.page ? said.page >= said.pages : said.position_seconds > said.duration_seconds * 0.95;
  if (ended) delete known[target];
  else known[target] = said.page ? ["page", said.page, said.pages, Date.now()] : [Math.floor(said.position_seconds), Math.floor(said.duration_seconds), Date.now()];
  const latest = Object.entries(known).sort((one, other) => other[1].at(-1) - one[1].at(-1));
  write(PLACES, Object.fromEntries(latest.slice(0, KEPT)));
}

// The device that began last holds the place. Whoever does something on another one goes on from there.
function begin() {
  if (!overtaken) return;
  session = newSession();
  overtaken = false;
}

function newSession() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const address = (target) => `/api/v1/progress/${encodeURIComponent(target)}`;
const round = (seconds) => Math.round(seconds * 10) / 10;

function shareOf(place) {
  if (!place) return 0;
  return place[0] === "page" ? place[1] / place[2] : place[0] / place[1];
}

function bar(share) {
  const line = document.createElement("span");
  const filled = document.createElement("i");
  line.className = "watched";
  filled.style.transform = `scaleX(${share})`;
  line.append(filled);
  return line;
}

function read(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {};
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden store only costs what could not be sent.
  }
}

addEventListener("pagehide", () => flushProgress(true));
addEventListener("online", () => flushProgress());
document.addEventListener("visibilitychange", () => document.hidden && flushProgress(true));
for (const name of ["play", "pointerdown", "keydown"]) addEventListener(name, begin, { capture: true, passive: true });
flushProgress();
