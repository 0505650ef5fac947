// Subtitles: one at a time, fetched when it is chosen. The first who wants one of a film waits while it is read out of it.
import { Menu } from "./menu.js";
import { keep, recall } from "./kept.js";

const SIZES = [["small", "Small"], ["medium", "Medium"], ["large", "Large"]];
const GROUNDS = [["box", "On a dark box"], ["outline", "With an outline"]];
const PATIENCE_MS = 180000;

export function bindSubtitles(player) {
  const { video } = player;
  let offers = [];
  let chosen = null;
  let asked = 0;
  const style = () => {
    player.dataset.cueSize = recall("cue-size") ?? "medium";
    player.dataset.cueGround = recall("cue-ground") ?? "box";
  };
  const choice = (key, values) => values.map(([value, text]) => ({ text, checked: player.dataset[key === "cue-size" ? "cueSize" : "cueGround"] === value, choose: () => (keep(key, value), style()) }));
  const menu = new Menu(player, "subtitles", () => [
    { name: "Subtitles", items: [{ text: "Off", checked: !chosen, choose: () => choose(null) }, ...offers.map((offer) => ({ text: offer.label, checked: offer === chosen, choose: () => choose(offer) }))] },
    { name: "Size", items: offers.length ? choice("cue-size", SIZES) : [] },
    { name: "Look", items: offers.length ? choice("cue-ground", GROUNDS) : [] },
  ]);

  async function choose(offer, told = true) {
    const mine = ++asked;
    chosen = offer;
    keep("subtitles", offer?.lang ?? "off");
    if (offer) keep("subtitles-last", offer.lang);
    show();
    for (const track of video.querySelectorAll("track")) track.track.mode = "disabled";
    if (!offer) return told && player.toast("Subtitles off");
    try {
      if (told) player.toast(`Subtitles: ${offer.label}`);
      await fetched(offer.url, () => mine === asked && player.toast("Reading the subtitles out of the film…", 6000));
      if (mine === asked) turnOn(offer);
    } catch (refused) {
      if (mine !== asked) return;
      chosen = null;
      show();
      player.toast(refused.message, 5000);
    }
  }

  function turnOn(offer) {
    offer.element ??= Object.assign(document.createElement("track"), { kind: "subtitles", srclang: offer.lang, label: offer.label });
    if (!offer.element.isConnected) video.append(offer.element);
    if (!offer.element.src) offer.element.src = offer.url;
    offer.element.track.mode = "showing";
  }

  function show() {
    for (const button of menu.buttons) {
      button.hidden = !offers.length;
      button.toggleAttribute("data-on", Boolean(chosen));
    }
    for (const place of document.querySelectorAll("[data-current-subtitle]")) place.textContent = chosen?.label ?? "Off";
  }

  player.toggleSubtitles = () => {
    if (!offers.length) return player.toast("This film brings no subtitles");
    choose(chosen ? null : (offers.find((offer) => offer.lang === recall("subtitles-last")) ?? offers[0]));
  };
  player.addEventListener("offer", ({ detail }) => {
    const lang = chosen?.lang ?? recall("subtitles");
    for (const track of video.querySelectorAll("track")) track.remove();
    offers = detail.subtitles ?? [];
    chosen = null;
    show();
    const wanted = offers.find((offer) => offer.lang === lang);
    if (wanted) choose(wanted, false);
  });
  style();
  show();
}

// Resolves once the file is there (and in the browser's cache).
async function fetched(url, waiting) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return void (await answer.arrayBuffer());
    const wait = Number(answer?.headers.get("retry-after")) * 1000;
    if (!answer || answer.status !== 503 || !wait || Date.now() + wait > until) {
      const problem = await answer?.json().catch(() => null);
      throw new Error(problem?.detail || "These subtitles cannot be had right now.");
    }
    waiting();
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
