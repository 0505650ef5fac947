// Where somebody is in a chapter: the page that they stayed on, and not each that flew by.
import { keepPages, pagesOf } from "../progress.js";

const SETTLED_MS = 700;

export class Place {
  #target;
  #count;
  #timer = 0;
  #page = null;
  #kept = null;
  #known;

  // `known` is the page (from 1) that the site knows of, if any; else this device may know.
  constructor(target, count, known) {
    this.#target = target;
    this.#count = count;
    this.#known = known || pagesOf(target);
    addEventListener("pagehide", () => this.#keep());
    document.addEventListener("visibilitychange", () => document.hidden && this.#keep());
  }

  // The page (from 0) to begin with: what the address asks for, else where it was left; a chapter read to its end begins anew.
  begin(asked) {
    if (asked === "end") return this.#count - 1;
    const number = /^page-(\d{1,5})$/.exec(asked)?.[1] ?? this.#known;
    if (!number || (number >= this.#count && !asked)) return 0;
    return Math.min(this.#count, Math.max(1, Number(number))) - 1;
  }

  moved(page) {
    this.#page = page;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), SETTLED_MS);
  }

  #keep() {
    clearTimeout(this.#timer);
    if (this.#page === null || this.#page === this.#kept) return;
    this.#kept = this.#page;
    keepPages(this.#target, this.#page + 1, this.#count);
  }
}
