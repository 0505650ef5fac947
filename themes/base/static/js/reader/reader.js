// One chapter on the screen: which pages are shown, how large, and where reading goes on.
import { bindGestures } from "./gestures.js";
import { Images } from "./images.js";
import { bindKeys } from "./keys.js";
import { fitsPairs, sharedHeight, spreadsOf, spreadWith, stripWidth } from "./layout.js";
import { Place } from "./place.js";
import { learn, learnt, Settings } from "./settings.js";
import { bindSheets } from "./sheet.js";

const CLOSEST = 5;
const TOAST_MS = 1800;
const VANISH_MS = 2600;
const NAMES = {
  mode: { auto: "As it fits", single: "Single pages", double: "Double pages", strip: "Continuous strip" },
  direction: { ltr: "Left to right", rtl: "Right to left" },
  cover: { alone: "The cover stands alone", paired: "Pairs from the first page" },
  fit: { screen: "Whole page", width: "Full width", height: "Full height", original: "Original size" },
};

export class ComicReader extends HTMLElement {
  #place = 0;
  #isAtEnd = false;
  #zoom = 1;
  #spreads = [];
  #arranging = 0;
  #toastTimer = 0;
  #vanishTimer = 0;

  connectedCallback() {
    this.stage = this.querySelector("[data-stage]");
    this.end = this.querySelector("[data-end]");
    this.leaves = [...this.querySelectorAll("[data-leaf]")];
    this.count = this.leaves.length;
    if (!this.count) return;
    const { mode, direction } = this.dataset;
    this.settings = new Settings(this.dataset.series, { ...(mode && { mode }), ...(direction && { direction }) });
    this.sheets = bindSheets(this, this.settings);
    this.images = new Images(this, this.dataset.pages, () => this.#arrangeSoon());
    this.reading = new Place(this.dataset.target, this.count, Number(this.dataset.page));
    this.#bind();
    this.dataset.ready = "";
    this.#place = this.reading.begin(location.hash.slice(1));
    this.arrange();
    this.toggleChrome(true);
    this.querySelector("[data-lesson]").hidden = learnt() || this.isStrip;
  }

  get isStrip() {
    return this.view === "strip";
  }

  get isRightToLeft() {
    return this.settings.get("direction") === "rtl";
  }

  get dialogOpen() {
    return Boolean(this.querySelector("dialog[open]"));
  }

  // Shows the page, whatever is around it.
  show(place) {
    this.#isAtEnd = false;
    this.#place = Math.min(this.count - 1, Math.max(0, place));
    this.#draw();
    if (this.isStrip) this.leaves[this.#place].scrollIntoView({ block: "start" });
    else this.stage.scrollTo(this.isRightToLeft ? this.stage.scrollWidth : 0, 0);
    this.#moved();
  }

  // One step on or back: a spread, or a page of the strip; beyond the end and the beginning lie the chapters around it.
  turn(way) {
    this.toggleChrome(false);
    const steps = this.isStrip ? this.leaves.map((_, place) => [place]) : this.#spreads;
    const step = (this.#isAtEnd ? steps.length : spreadWith(steps, this.#place)) + way;
    if (step > steps.length) this.goTo("next");
    else if (step === steps.length) this.#showEnd();
    else if (step < 0) this.goTo("previous");
    else this.show(steps[step][0]);
  }

  // What the space bar does: the rest of the page first, then the next one.
  advance(way) {
    const { scrollTop, scrollHeight, clientHeight } = this.stage;
    const left = way > 0 ? scrollHeight - clientHeight - scrollTop : scrollTop;
    if (left > 4) this.stage.scrollBy({ top: way * clientHeight * 0.86, behavior: calm() ? "auto" : "smooth" });
    else this.turn(way);
  }

  goTo(which) {
    const href = this.dataset[which];
    if (href) location.assign(which === "previous" ? `${href}#end` : href);
    else this.toast(which === "next" ? "This is the last chapter so far." : "This is the first chapter.");
  }

  change(name) {
    const value = this.settings.next(name);
    this.arrange();
    this.toast(NAMES[name][value]);
  }

  open(name) {
    this.sheets.open(name);
  }

  zoomBy(factor, point) {
    this.zoomTo(this.#zoom * factor, point);
  }

  // Keeps what lies under `point` (the middle of the screen else) where it is.
  zoomTo(zoom, point) {
    const box = this.stage.getBoundingClientRect();
    const [x, y] = point ? [point.x - box.left, point.y - box.top] : [box.width / 2, box.height / 2];
    const before = { left: this.stage.scrollLeft, top: this.stage.scrollTop, zoom: this.#zoom };
    this.#zoom = Math.min(CLOSEST, Math.max(this.isStrip ? 0.4 : 1, Math.abs(zoom - 1) < 0.02 ? 1 : zoom));
    const by = this.#zoom / before.zoom;
    if (by === 1) return;
    this.#draw();
    this.stage.scrollTo((before.left + x) * by - x, (before.top + y) * by - y);
    this.toast(`${Math.round(this.#zoom * 100)} %`);
  }

  toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => undefined);
  }

  toggleChrome(shown = this.dataset.chrome !== "shown") {
    clearTimeout(this.#vanishTimer);
    this.dataset.chrome = shown ? "shown" : "away";
  }

  learn() {
    const lesson = this.querySelector("[data-lesson]");
    if (lesson.hidden) return;
    lesson.hidden = true;
    learn();
  }

  toast(text) {
    const toast = this.querySelector("[data-toast]");
    toast.textContent = text;
    toast.classList.add("on");
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => toast.classList.remove("on"), TOAST_MS);
  }

  // Lays everything out anew, as settings and screen say; the page that is read stays.
  arrange() {
    const mode = this.settings.get("mode");
    this.view = mode === "strip" ? "strip" : mode === "double" || (mode === "auto" && fitsPairs(this.#box())) ? "double" : "single";
    this.dataset.view = this.view;
    this.dataset.direction = this.settings.get("direction");
    this.dataset.ground = this.settings.get("ground");
    this.slider.dir = this.isRightToLeft ? "rtl" : "ltr";
    this.sheets.mark();
    const share = this.#shareOfLeaf();
    this.#draw();
    if (this.isStrip && !this.#isAtEnd) {
      const leaf = this.leaves[this.#place];
      this.stage.scrollTop = leaf.offsetTop + share * leaf.offsetHeight;
    }
    this.#moved();
  }

  get slider() {
    return this.querySelector("[data-slider]");
  }

  #bind() {
    bindKeys(this);
    bindGestures(this.stage, {
      tap: (zone) => this.#tapped(zone),
      swipe: (way) => this.turn(this.isRightToLeft ? -way : way),
      zoom: (factor, point) => this.zoomBy(factor, point),
      toggleZoom: (point) => this.zoomTo(this.#zoom > 1 ? 1 : 2.2, point),
      paged: () => !this.isStrip,
      zoomed: () => this.#zoom > 1,
    });
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value) - 1));
    this.stage.addEventListener("scroll", () => this.isStrip && this.#arrangeSoon(false), { passive: true });
    this.addEventListener("focusin", (event) => event.target.closest("[data-bar]") && event.target.matches(":focus-visible") && this.toggleChrome(true));
    this.querySelector("[data-lesson]").addEventListener("click", () => this.learn());
    for (const name of ["previous", "next"]) {
      for (const link of this.querySelectorAll(`[data-go=${name}]`)) link.addEventListener("click", (event) => this.#follow(event, name));
    }
    new ResizeObserver(() => this.arrange()).observe(this.stage);
    addEventListener("hashchange", () => this.show(this.reading.begin(location.hash.slice(1))));
    addEventListener("offline", () => this.toast("No connection. Pages that are here stay readable."));
    this.#vanishTimer = setTimeout(() => this.dialogOpen || this.toggleChrome(false), VANISH_MS);
  }

  #follow(event, name) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.goTo(name);
  }

  #tapped(zone) {
    this.learn();
    if (zone === "middle") this.toggleChrome();
    else this.turn((zone === "right") === this.isRightToLeft ? -1 : 1);
  }

  #showEnd() {
    this.#isAtEnd = true;
    this.#place = this.count - 1;
    this.#draw();
    if (this.isStrip) this.end.scrollIntoView({ block: "start" });
    else this.stage.scrollTo(0, 0);
    this.#moved();
    this.toggleChrome(true);
    this.end.querySelector("a")?.focus({ preventScroll: true });
  }

  // Sizes and visibility of every leaf.
  #draw() {
    const box = this.#box();
    this.dataset.zoomed = this.#zoom > 1 ? "yes" : "no";
    if (this.isStrip) this.#drawStrip(box);
    else this.#drawSpread(box);
  }

  #drawStrip(box) {
    const width = stripWidth(box, this.settings.get("fit"));
    this.end.hidden = false;
    this.leaves.forEach((leaf, place) => {
      const own = leaf.querySelector("img").naturalWidth || Math.min(box.width, 840);
      leaf.hidden = false;
      size(leaf, (width ?? own) * this.#zoom, this.images.ratios[place]);
    });
  }

  #drawSpread(box) {
    const coverAlone = this.settings.get("cover") === "alone";
    this.#spreads = spreadsOf(this.images.ratios, { double: this.view === "double", coverAlone });
    const shown = this.#isAtEnd ? [] : this.#spreads[spreadWith(this.#spreads, this.#place)];
    const ratios = shown.map((place) => this.images.ratios[place]);
    const height = sharedHeight(ratios, box, this.settings.get("fit"), this.images.naturalHeight(shown)) * this.#zoom;
    this.end.hidden = !this.#isAtEnd;
    this.leaves.forEach((leaf, place) => {
      leaf.hidden = !shown.includes(place);
      leaf.dataset.side = shown.length === 2 ? (place === shown[0] ? "first" : "second") : "alone";
      if (!leaf.hidden) size(leaf, height * this.images.ratios[place], this.images.ratios[place]);
    });
  }

  #box() {
    return { width: this.stage.clientWidth, height: this.stage.clientHeight };
  }

  #arrangeSoon(anew = true) {
    if (this.#arranging) return;
    this.#arranging = requestAnimationFrame(() => {
      this.#arranging = 0;
      if (anew) this.#draw();
      if (this.isStrip) this.#readStrip();
      else this.#moved();
    });
  }

  // Which page of the strip is under the middle of the screen, or the end below all of them.
  #readStrip() {
    const { scrollTop, clientHeight, scrollHeight } = this.stage;
    const middle = scrollTop + clientHeight / 2;
    const place = this.leaves.findIndex((leaf) => leaf.offsetTop + leaf.offsetHeight > middle);
    const isAtEnd = place < 0 || (this.end.offsetTop < scrollTop + clientHeight && scrollTop + clientHeight > scrollHeight - 4);
    const now = place < 0 ? this.count - 1 : place;
    if (now === this.#place && isAtEnd === this.#isAtEnd) return;
    if (this.#place !== now) this.toggleChrome(false);
    this.#place = now;
    this.#isAtEnd = isAtEnd;
    this.#moved();
  }

  #shareOfLeaf() {
    const leaf = this.leaves[this.#place];
    if (this.dataset.view !== "strip" || !leaf.offsetHeight) return 0;
    return Math.min(1, Math.max(0, (this.stage.scrollTop - leaf.offsetTop) / leaf.offsetHeight));
  }

  #moved() {
    const shown = this.isStrip ? [this.#place] : (this.#spreads[spreadWith(this.#spreads, this.#place)] ?? [this.#place]);
    const last = this.#isAtEnd ? this.count - 1 : shown.at(-1);
    this.images.around(shown[0], last);
    this.querySelector("[data-pages-shown]").textContent = `${shown.map((place) => place + 1).join("–")} / ${this.count}`;
    this.querySelector("[data-hairline]").style.transform = `scaleX(${(last + 1) / this.count})`;
    this.slider.value = shown[0] + 1;
    this.slider.style.setProperty("--filled", `${this.count > 1 ? (100 * shown[0]) / (this.count - 1) : 100}%`);
    this.slider.setAttribute("aria-valuetext", `Page ${shown[0] + 1} of ${this.count}`);
    this.reading.moved(last);
  }
}

function size(leaf, width, ratio) {
  leaf.style.width = `${width}px`;
  leaf.style.height = `${width / ratio}px`;
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
