// <film-player data-play="…">: gets the streams, puts one into the video, and brings it back when it breaks off.
// What else a player does lies in modules that are bound to it; they hear `offer`, `stream` and `stopped` events.
import { PlaySession } from "./play-session.js";
import { keep, recall } from "./kept.js";
import { clock } from "../progress.js";

const ATTEMPTS = 6;
const STALL_MS = 20000;

export class FilmPlayer extends HTMLElement {
  #attempts = 0;
  #brokeAt = 0;
  #position = 0;
  #recovering = 0;
  #stall = 0;
  #toastTimer = 0;

  static parts = [];

  connectedCallback() {
    this.video = this.querySelector("video");
    this.controller = this.querySelector("media-controller");
    this.session = new PlaySession(this.dataset.play, (refused) => this.stop(refused));
    this.querySelector("[data-notice-retry]").addEventListener("click", () => this.start(this.#position));
    this.#bindVideo();
    addEventListener("pagehide", () => this.session.close());
    addEventListener("pageshow", (event) => event.persisted && this.start(this.#position));
    addEventListener("offline", () => this.toast("No connection: playing on from what is loaded", 4000));
    for (const bind of FilmPlayer.parts) bind(this);
  }

  // Where the film is or would go on.
  get position() {
    return this.#position;
  }

  // Ask for the right to play and begin at `position` seconds.
  async start(position) {
    this.#notice(null);
    this.#position = position;
    try {
      this.offer = await this.session.open();
    } catch (refused) {
      this.stop(refused);
      return;
    }
    this.#attempts = 0;
    this.streams = this.offer.streams;
    this.#tell("offer", this.offer);
    this.#load(this.#preferred(), position);
  }

  // End playing with a message; the position is kept for "try again".
  stop(refused) {
    clearTimeout(this.#recovering);
    this.#tell("stopped", refused);
    this.stream = null;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
    this.#notice(refused);
  }

  switchTo(stream) {
    if (stream === this.stream) return;
    keep("quality", stream.quality);
    this.#load(stream, this.video.currentTime, this.video.paused);
    this.toast(stream.label || stream.quality);
  }

  // The same quality by another link, which a device without our cookie may use too.
  replay(url) {
    this.#load({ ...this.stream, url }, this.video.currentTime, this.video.paused);
  }

  seek(seconds) {
    const { video } = this;
    if (video.duration) video.currentTime = Math.min(Math.max(0, seconds), video.duration - 0.1);
  }

  setSpeed(rate) {
    this.video.defaultPlaybackRate = this.video.playbackRate = rate;
    this.toast(`${rate}×`);
  }

  toast(text, milliseconds = 1200) {
    const place = this.querySelector("[data-toast]");
    place.textContent = text;
    place.classList.add("on");
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => place.classList.remove("on"), milliseconds);
  }

  #preferred() {
    const wanted = this.dataset.quality || recall("quality");
    return this.streams.find((stream) => stream.quality === wanted) ?? this.streams[0];
  }

  #load(stream, position, paused = false) {
    const rate = this.video.playbackRate;
    this.stream = stream;
    this.#position = position;
    this.video.addEventListener("loadedmetadata", () => this.#begin(position, rate), { once: true });
    this.video.src = stream.url;
    this.#tell("stream", stream);
    if (!paused) this.video.play().catch(() => undefined);
  }

  #begin(position, rate) {
    this.video.playbackRate = rate;
    if (position > 1) this.video.currentTime = Math.min(position, this.video.duration - 1);
  }

  #bindVideo() {
    const { video } = this;
    video.addEventListener("timeupdate", () => {
      if (!this.stream || video.readyState < 2) return;
      if (video.currentTime > this.#brokeAt + 5) this.#attempts = 0;
      if (!video.seeking && !this.#recovering) this.#position = video.currentTime;
    });
    // Should the seek break off, the film goes on where it was going to.
    video.addEventListener("seeking", () => {
      if (this.stream && !this.#recovering) this.#position = video.currentTime;
    });
    video.addEventListener("error", () => this.#recover());
    video.addEventListener("waiting", () => (this.#stall = setTimeout(() => this.#recover(), STALL_MS)));
    for (const name of ["playing", "pause", "seeking", "progress"]) video.addEventListener(name, () => clearTimeout(this.#stall));
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

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
