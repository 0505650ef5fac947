// Two taps on a side of the film: ten seconds back or on.
const BETWEEN_MS = 300;

export function bindTouch(player) {
  let last = 0;
  player.video.addEventListener("pointerup", (event) => {
    if (event.pointerType !== "touch") return;
    const box = player.video.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const twice = event.timeStamp - last < BETWEEN_MS;
    last = twice ? 0 : event.timeStamp;
    if (!twice || (share > 0.35 && share < 0.65)) return;
    const seconds = share < 0.5 ? -10 : 10;
    player.seek(player.video.currentTime + seconds);
    player.toast(`${seconds > 0 ? "+" : "−"}10 s`);
  });
}
