// <film-player data-play="…">: gets the streams, puts one into the video, and brings it back when it breaks off.
import { PlaySession } from "./play-session.js";
import { PlayerMenu } from "./player-menu.js";
import { bindKeys } from "./player-keys.js";
import { clock, keepProgress, readProgress } from "./progress.js";

const ATTEMPTS = 6;
const STALL_MS = 20000;

export class FilmPlayer extends HTMLElement {
  #attempts = 0;
  #brokeAt = 0;
  #position = 0;
  #recovering = 0;
  #stall = 0;

  connectedCallback() {
    this.video = this.querySelector("video");
    this.controller = this.querySelector("media-controller");
    this.session = new PlaySession(this.dataset.play, (refused) => this.stop(refused));
    this.menu = new PlayerMenu(this, { quality: (stream) => this.switchTo(stream), speed: (rate) => this.setSpeed(rate) });
    this.querySelector("media-captions-button").setAttribute("role", "switch");
    this.querySelector("[data-notice-retry]").addEventListener("click", () => this.start(this.#position));
    bindKeys(this);
    this.#bindVideo();
    addEventListener("pagehide", () => {
      this.#keep();
      this.session.close();
    });
    const known = readProgress(this.dataset.title);
    this.start(known ? known[0] : 0);
    if (known) this.toast(`From ${clock(known[0])}`);
  }

  // Ask for the right to play and begin at `position` seconds.
  async start(position) {
    this.#notice(null);
    this.#position = position;
    try {
      this.streams = await this.session.open();
    } catch (refused) {
      this.stop(refused);
      return;
    }
    this.#attempts = 0;
    this.menu.offer(this.streams);
    this.#load(this.#preferred(), position);
  }

  // End playing with a message; the position is kept for "try again".
  stop(refused) {
    clearTimeout(this.#recovering);
    this.#keep();
    this.stream = null;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
    this.#notice(refused);
  }

  switchTo(stream) {
    if (stream === this.stream) return;
    store("quality", stream.quality);
    this.#load(stream, this.video.currentTime, this.video.paused);
    this.toast(stream.label || stream.quality);
  }

  setSpeed(rate) {
    this.video.defaultPlaybackRate = this.video.playbackRate = rate;
    this.menu.showSpeed(rate);
    this.toast(`${rate}×`);
  }

  toast(text) {
    const place = this.querySelector("[data-toast]");
    place.textContent = text;
    place.classList.add("on");
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => place.classList.remove("on"), 1200);
  }

  #preferred() {
    const wanted = this.dataset.quality || read("quality");
    return this.streams.find((stream) => stream.quality === wanted) ?? this.streams[0];
  }

  #load(stream, position, paused = false) {
    const rate = this.video.playbackRate;
    this.stream = stream;
    this.#position = position;
    this.menu.showQuality(stream);
    this.video.addEventListener("loadedmetadata", () => this.#begin(position, rate), { once: true });
    this.video.src = stream.url;
    if (!paused) this.video.play().catch(() => undefined);
  }

  #begin(position, rate) {
    this.video.playbackRate = rate;
    if (position > 1) this.video.currentTime = Math.min(position, this.video.duration - 1);
  }

  #bindVideo() {
    const { video } = this;
    let kept = 0;
    video.addEventListener("timeupdate", () => {
      if (!this.stream || video.readyState < 2) return;
      if (video.currentTime > this.#brokeAt + 5) this.#attempts = 0;
      if (!video.seeking && !this.#recovering) this.#position = video.currentTime;
      this.#offerSkip(video.currentTime);
      if (Math.abs(video.currentTime - kept) > 5) this.#keep((kept = video.currentTime));
    });
    // Should the seek break off, the film goes on where it was going to.
    video.addEventListener("seeking", () => {
      if (this.stream && !this.#recovering) this.#position = video.currentTime;
    });
    video.addEventListener("error", () => this.#recover());
    video.addEventListener("ended", () => this.#keep());
    video.addEventListener("pause", () => this.#keep());
    video.addEventListener("waiting", () => (this.#stall = setTimeout(() => this.#recover(), STALL_MS)));
    for (const name of ["playing", "pause", "seeking", "progress"]) video.addEventListener(name, () => clearTimeout(this.#stall));
    const skip = this.querySelector("[data-skip]");
    skip.addEventListener("click", () => (video.currentTime = Number(this.dataset.introEnd)));
  }

  // The stream broke off: once more from the same link, then with a new one, each time a little later.
  #recover() {
    if (!this.stream || this.#recovering) return;
    const attempt = this.#attempts++;
    this.#brokeAt = this.#position;
    if (attempt >= ATTEMPTS) {
      this.stop({ title: "The film broke off", message: "The connection was lost several times. It goes on where it stopped." });
      return;
    }
    this.#recovering = setTimeout(async () => {
      this.#recovering = 0;
      const attempts = this.#attempts;
      if (attempt === 0) this.#load(this.stream, this.#position);
      else await this.start(this.#position);
      this.#attempts = attempts;
    }, Math.min(250 * 2 ** attempt, 8000));
  }

  #offerSkip(now) {
    const { introStart, introEnd } = this.dataset;
    this.querySelector("[data-skip]").hidden = !introEnd || now < Number(introStart) || now >= Number(introEnd) - 1;
  }

  #keep() {
    if (this.stream) keepProgress(this.dataset.title, this.video.currentTime || this.#position, this.video.duration);
  }

  #notice(refused) {
    const box = this.querySelector("[data-notice]");
    box.hidden = !refused;
    if (!refused) return;
    box.querySelector("[data-notice-title]").textContent = refused.title ?? "The film did not start";
    box.querySelector("[data-notice-text]").textContent = refused.message;
    const retry = box.querySelector("[data-notice-retry]");
    retry.textContent = this.#position > 1 ? `Continue at ${clock(this.#position)}` : "Try again";
    retry.hidden = Boolean(refused.lasting);
    (retry.hidden ? box.querySelector("a") : retry).focus();
  }
}

function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage the choice lasts for this page.
  }
}
