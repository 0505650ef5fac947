// What follows: a card near the end that counts down and can be sent away.
const SECONDS = 10;

export function bindNext(player) {
  const card = player.querySelector("[data-next-card]");
  const { next, previous } = player.dataset;
  player.next = () => (next ? (location.href = next) : player.toast("This is the last one"));
  player.previous = () => previous && (location.href = previous);
  if (!card) return;
  const { video } = player;
  const left = card.querySelector("[data-next-left]");
  let refused = false;

  const show = () => {
    const remaining = video.duration - video.currentTime;
    const near = video.duration > 4 * SECONDS && remaining <= SECONDS;
    if (!near && !video.ended) refused = false;
    card.hidden = refused || !(near || video.ended);
    if (!card.hidden) {
      left.textContent = `in ${Math.max(0, Math.ceil(remaining / video.playbackRate))} s`;
      card.style.setProperty("--gone", String(1 - Math.max(0, remaining) / SECONDS));
    }
  };
  video.addEventListener("timeupdate", show);
  video.addEventListener("seeked", show);
  video.addEventListener("ended", () => {
    show();
    if (!refused) player.next();
  });
  card.querySelector("[data-next-cancel]").addEventListener("click", () => {
    refused = true;
    card.hidden = true;
    player.focus({ preventScroll: true });
  });
}
