// Where the film begins: at a second that the address names, where it was left, or at its start.
import * as progress from "../progress.js";

const OFFERED_MS = 9000;

export async function bindResume(player) {
  const { video } = player;
  const { target, begin } = player.dataset;
  const chip = player.querySelector("[data-resumed]");
  let kept = 0;
  const keep = () => {
    if (player.stream && video.readyState > 0) progress.keepProgress(target, video.currentTime || player.position, video.duration);
  };
  video.addEventListener("timeupdate", () => {
    if (Math.abs(video.currentTime - kept) < 5) return;
    kept = video.currentTime;
    keep();
  });
  video.addEventListener("pause", keep);
  video.addEventListener("ended", keep);
  player.addEventListener("stopped", keep);
  addEventListener("pagehide", () => {
    keep();
    progress.flushProgress(true);
  });
  chip.querySelector("button").addEventListener("click", () => {
    chip.hidden = true;
    player.seek(0);
    video.play().catch(() => undefined);
  });

  const known = begin ? null : await place(target);
  const position = begin ? Number(begin) : (known ?? 0);
  if (known) {
    chip.querySelector("[data-resumed-at]").textContent = `Continuing at ${progress.clock(known)}`;
    chip.hidden = false;
    setTimeout(() => (chip.hidden = true), OFFERED_MS);
  }
  await player.start(position);
}

async function place(target) {
  const known = await progress.progressOf(target);
  return known?.position_seconds > 5 ? known.position_seconds : null;
}
