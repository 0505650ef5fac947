// Quality, speed and sound.
import { Menu } from "./menu.js";

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

export function bindSettings(player) {
  const { video } = player;
  const more = [];
  player.settings = new Menu(player, "settings", () => [
    { name: "Quality", items: (player.streams ?? []).map((stream) => quality(player, stream)) },
    { name: "Speed", items: SPEEDS.map((rate) => ({ text: rate === 1 ? "Normal" : `${rate}×`, checked: video.playbackRate === rate, choose: () => player.setSpeed(rate) })) },
    sound(player),
    { name: "This film", items: more },
  ]);
  player.addMenuItem = (item) => more.push(item);
  player.addEventListener("stream", ({ detail }) => {
    for (const place of document.querySelectorAll("[data-current-quality]")) place.textContent = detail.quality || "Quality";
  });
}

function quality(player, stream) {
  const note = stream.label && stream.label !== stream.quality ? stream.label : "";
  return { text: stream.quality || "Film", note, checked: stream.quality === player.stream?.quality, choose: () => player.switchTo(stream) };
}

// Safari lists the sounds of a file; other browsers play the first one and let nobody choose.
function sound({ video, toast }) {
  const tracks = video.audioTracks;
  if (!tracks) return { name: "Sound", items: [], hint: "This browser plays the first sound track and offers no choice. Safari does." };
  const all = Array.from(tracks);
  const items = all.map((track, place) => ({
    text: track.label || language(track.language) || `Track ${place + 1}`,
    checked: track.enabled,
    choose: () => {
      for (const each of all) each.enabled = each === track;
    },
  }));
  return { name: "Sound", items: all.length > 1 ? items : [] };
}

function language(tag) {
  try {
    return tag && tag !== "und" ? new Intl.DisplayNames([document.documentElement.lang, "en"], { type: "language" }).of(tag) : "";
  } catch {
    return "";
  }
}
