// Step buttons for rows that scroll sideways. Touch and keyboards scroll them natively; the buttons are for mice.
const ARROW =
  '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="m9.5 5.5 6.5 6.5-6.5 6.5"/></svg>';

export function bindStrips(root) {
  for (const strip of root.querySelectorAll("[data-strip]")) bindStrip(strip);
}

function bindStrip(strip) {
  const track = strip.firstElementChild;
  const rightToLeft = getComputedStyle(track).direction === "rtl" ? -1 : 1;
  const before = step("before", "Back");
  const after = step("after", "Further");
  const go = (way) => track.scrollBy({ left: way * rightToLeft * track.clientWidth * 0.85, behavior: calm() ? "auto" : "smooth" });
  before.addEventListener("click", () => go(-1));
  after.addEventListener("click", () => go(1));
  const update = () => {
    const place = Math.abs(track.scrollLeft);
    before.disabled = place < 8;
    after.disabled = place > track.scrollWidth - track.clientWidth - 8;
  };
  track.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(track);
  strip.append(before, after);
}

function step(name, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `strip-step ${name}`;
  button.ariaLabel = label;
  button.tabIndex = -1;
  button.innerHTML = ARROW;
  return button;
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
