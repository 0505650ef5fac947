// Keyboard shortcuts of the whole page; the fields, buttons and menus under the focus come first.
import { SPEEDS } from "./settings.js";

export function bindKeys(player) {
  const help = player.querySelector("[data-help]");
  const { video } = player;
  const actions = {
    " ": () => toggle(video),
    k: () => toggle(video),
    ArrowLeft: () => step(player, -5),
    ArrowRight: () => step(player, 5),
    j: () => step(player, -10),
    l: () => step(player, 10),
    ArrowUp: () => volume(player, 0.1),
    ArrowDown: () => volume(player, -0.1),
    m: () => player.toast((video.muted = !video.muted) ? "Muted" : "Sound on"),
    f: () => player.querySelector("media-fullscreen-button").click(),
    c: () => player.toggleSubtitles(),
    i: () => player.querySelector("media-pip-button").click(),
    s: () => player.skipIntro(),
    n: () => player.next(),
    "<": () => speed(player, -1),
    ">": () => speed(player, 1),
    "?": () => (help.open ? help.close() : help.showModal()),
  };
  player.addMenuItem({ text: "Keyboard…", choose: () => help.showModal() });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !player.stream) return;
    if (help.open && event.key !== "?") return;
    const target = event.target;
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    if ((event.key === " " || event.key === "Enter") && target.closest("button, a, summary, [role=button], [role=switch], [role^=menuitem]")) return;
    if (event.key.startsWith("Arrow") && target.closest("[role=menu], .watch-side, media-volume-range, media-time-range")) return;
    const action = /^[0-9]$/.test(event.key) ? () => jump(player, Number(event.key) / 10) : actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    player.controller.removeAttribute("userinactive");
    action();
  });
}

const toggle = (video) => (video.paused ? video.play().catch(() => undefined) : video.pause());

const jump = (player, share) => player.seek(player.video.duration * share);

function step(player, seconds) {
  player.seek(player.video.currentTime + seconds);
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
