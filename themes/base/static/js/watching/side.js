// The side with episodes and comments: beside the film on wide screens, where it can be put away.
import { keep, recall } from "./kept.js";

export function bindSide(player) {
  const page = document.querySelector("[data-watch-page]");
  const button = document.querySelector("[data-side-toggle]");
  const show = (shown) => {
    page.toggleAttribute("data-alone", !shown);
    button.ariaExpanded = String(shown);
  };
  show(recall("watch-side") !== "hidden");
  player.showSide = () => {
    keep("watch-side", "shown");
    show(true);
  };
  button.addEventListener("click", () => {
    const shown = page.hasAttribute("data-alone");
    keep("watch-side", shown ? "shown" : "hidden");
    show(shown);
  });
  document.querySelector(".watch-episodes [aria-current]")?.scrollIntoView({ block: "nearest" });
}
