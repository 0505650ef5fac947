// Keyboard shortcuts of the whole page; the fields, buttons and menus under the focus come first.
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

export function bindKeys(player) {
  const help = player.querySelector("[data-help]");
  const video = player.video;
  const actions = {
    " ": () => toggle(video),
    k: () => toggle(video),
    ArrowLeft: () => seek(player, -5),
    ArrowRight: () => seek(player, 5),
    j: () => seek(player, -10),
    l: () => seek(player, 10),
    ArrowUp: () => volume(player, 0.1),
    ArrowDown: () => volume(player, -0.1),
    m: () => player.toast((video.muted = !video.muted) ? "Muted" : "Sound on"),
    f: () => player.querySelector("media-fullscreen-button").click(),
    c: () => player.querySelector("media-captions-button").click(),
    i: () => player.querySelector("media-pip-button").click(),
    "<": () => speed(player, -1),
    ">": () => speed(player, 1),
    "?": () => (help.open ? help.close() : help.showModal()),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !player.stream) return;
    if (help.open && event.key !== "?") return;
    const target = event.target;
    if ((event.key === " " || event.key === "Enter") && target.closest("button, a, [role=button], [role=switch], [role=menuitemradio]")) return;
    if (event.key.startsWith("Arrow") && target.closest("[role=menu], media-volume-range, media-time-range")) return;
    const action = /^[0-9]$/.test(event.key) ? () => jump(video, Number(event.key) / 10) : actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    player.controller.removeAttribute("userinactive");
    action();
  });
}

const toggle = (video) => (video.paused ? video.play().catch(() => undefined) : video.pause());

const jump = (video, share) => {
  if (video.duration) video.currentTime = video.duration * share;
};

function seek(player, seconds) {
  const { video } = player;
  if (!video.duration) return;
  video.currentTime = Math.min(Math.max(0, video.currentTime + seconds), video.duration - 0.1);
  player.toast(`${seconds > 0 ? "+" : "−"}${Math.abs(seconds)} s`);
}

function volume(player, change) {
  const { video } = player;
  video.muted = false;
  video.volume = Math.min(1, Math.max(0, Math.round((video.volume + change) * 10) / 10));
  player.toast(`Volume ${Math.round(video.volume * 100)}%`);
}

function speed(player, way) {
  const place = SPEEDS.indexOf(player.video.playbackRate);
  player.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (place < 0 ? 2 : place) + way))]);
}
