// How somebody likes to read: for every series, with what differs for this one over it. Kept on the device.
const KEY = "reader";
const KEPT = 300;
const CHOICES = {
  mode: ["auto", "single", "double", "strip"],
  direction: ["ltr", "rtl"],
  cover: ["alone", "paired"],
  fit: ["screen", "width", "height", "original"],
  ground: ["theme", "white", "sepia", "black"],
};

export class Settings {
  #series;
  #usual;

  // `usual` is what the page proposes for this series.
  constructor(series, usual) {
    this.#series = series;
    this.#usual = { mode: "auto", direction: "ltr", cover: "alone", fit: "screen", ground: "theme", ...usual };
  }

  get(name) {
    const { all = {}, series = {} } = stored();
    const found = [series[this.#series]?.[name], all[name], this.#usual[name]];
    return found.find((value) => CHOICES[name].includes(value));
  }

  set(name, value) {
    change((kept) => {
      const { [this.#series]: own = {}, ...others } = kept.series ?? {};
      const entries = [...Object.entries(others), [this.#series, { ...own, [name]: value }]];
      kept.series = Object.fromEntries(entries.slice(-KEPT));
    });
  }

  next(name) {
    const choices = CHOICES[name];
    const value = choices[(choices.indexOf(this.get(name)) + 1) % choices.length];
    this.set(name, value);
    return value;
  }

  // From now on every series is read like this one.
  useEverywhere() {
    const now = Object.fromEntries(Object.keys(CHOICES).map((name) => [name, this.get(name)]));
    change((kept) => {
      kept.all = now;
      kept.series = {};
    });
  }
}

export const learnt = () => Boolean(stored().learnt);
export const learn = () => change((kept) => (kept.learnt = true));

function stored() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {};
  }
}

function change(by) {
  const kept = stored();
  by(kept);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A full or forbidden store only forgets the choice.
  }
}
