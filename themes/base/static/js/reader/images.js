// The pages' images: loaded ahead within bounds, tried again when they fail, asked for anew when their links have expired.
import { RATIO } from "./layout.js";

const TRIES = 2;
const PATIENCE = 1200;
const AHEAD = 4;
const BEHIND = 1;

export class Images {
  #renewed = 0;
  #failed = new Map();

  // `measured(place)` is called when a page's own size is known for the first time.
  constructor(root, pagesUrl, measured) {
    this.leaves = [...root.querySelectorAll("[data-leaf]")];
    this.pagesUrl = pagesUrl;
    this.measured = measured;
    this.ratios = this.leaves.map((leaf) => ratioOf(leaf.querySelector("img")));
    this.leaves.forEach((leaf, place) => this.#watch(leaf, place));
    addEventListener("online", () => this.#failed.forEach((_, place) => this.retry(place)));
  }

  // Asks for what is shown and for a few pages around it; the rest waits.
  around(first, last) {
    const end = Math.min(this.leaves.length - 1, last + AHEAD);
    for (let place = Math.max(0, first - BEHIND); place <= end; place++) this.#image(place).loading = "eager";
  }

  // The tallest of these pages as it was drawn, in the screen's own units; 0 before it is known.
  naturalHeight(places) {
    return Math.max(...places.map((place) => this.#image(place).naturalHeight || 0));
  }

  retry(place) {
    this.#failed.delete(place);
    this.#ask(place, this.#address(place));
  }

  #image(place) {
    return this.leaves[place].querySelector("img");
  }

  #watch(leaf, place) {
    const image = leaf.querySelector("img");
    leaf.querySelector("[data-retry]").addEventListener("click", (event) => {
      event.stopPropagation();
      this.retry(place);
    });
    image.addEventListener("load", () => this.#loaded(place));
    image.addEventListener("error", () => this.#missed(place));
    if (image.complete && image.currentSrc) (image.naturalWidth ? this.#loaded(place) : this.#missed(place));
  }

  #loaded(place) {
    const image = this.#image(place);
    const { naturalWidth: width, naturalHeight: height } = image;
    this.#failed.delete(place);
    this.leaves[place].dataset.state = "shown";
    image.width = width;
    image.height = height;
    const before = this.ratios[place];
    this.ratios[place] = width / height;
    if (Math.abs(before - width / height) > 0.004) this.measured(place);
  }

  async #missed(place) {
    const leaf = this.leaves[place];
    const tries = (this.#failed.get(place) ?? 0) + 1;
    this.#failed.set(place, tries);
    const { reason, lasting, expired } = await why(this.#address(place));
    if (expired && (await this.#renew())) return;
    if (!lasting && tries <= TRIES && navigator.onLine) {
      setTimeout(() => this.#ask(place, this.#address(place)), PATIENCE * tries);
      return;
    }
    leaf.dataset.state = "failed";
    leaf.querySelector("[data-reason]").textContent = reason;
    this.measured(place);
  }

  #address(place) {
    return this.#image(place).getAttribute("src").replace(/[?#].*$/, "");
  }

  #ask(place, url) {
    const leaf = this.leaves[place];
    leaf.dataset.state = "waiting";
    const image = this.#image(place);
    image.loading = "eager";
    image.src = `${url}?again=${Date.now()}`;
  }

  // Links live for hours: whoever comes back to an open chapter gets new ones. At most one question a minute.
  async #renew() {
    if (Date.now() - this.#renewed < 60_000) return false;
    this.#renewed = Date.now();
    const answer = await fetch(this.pagesUrl, { headers: { accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return false;
    const { pages } = await answer.json();
    for (const [place, leaf] of this.leaves.entries()) {
      const image = leaf.querySelector("img");
      if (!pages[place] || leaf.dataset.state === "shown") continue;
      const asked = image.loading === "eager" || this.#failed.has(place);
      image.src = pages[place].url;
      if (asked) leaf.dataset.state = "waiting";
    }
    return true;
  }
}

const ratioOf = (image) => (image.width && image.height ? Number(image.getAttribute("width")) / Number(image.getAttribute("height")) : RATIO);

// An image says only that it failed; asked again as a document, the site says why.
async function why(url) {
  if (!navigator.onLine) return { reason: "There is no connection. It is asked for again as soon as there is one.", lasting: false };
  try {
    const answer = await fetch(url, { headers: { accept: "application/json" } });
    if (answer.ok) return { reason: "The picture is damaged.", lasting: answer.headers.get("content-type")?.startsWith("image/") ?? true };
    const problem = await answer.json().catch(() => ({}));
    const expired = answer.status === 403;
    return { reason: problem.detail || problem.title || "The site did not send it.", lasting: answer.status < 500 && answer.status !== 429, expired };
  } catch {
    return { reason: "The site cannot be reached.", lasting: false };
  }
}
