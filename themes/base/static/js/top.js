// Marks the header once the page has moved under it, for themes whose header lies on the picture.
export function bindTop(header) {
  if (!header) return;
  const mark = () => header.toggleAttribute("data-moved", window.scrollY > 12);
  addEventListener("scroll", mark, { passive: true });
  mark();
}
