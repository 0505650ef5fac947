// Quality and speed in one menu (WAI-ARIA menu button pattern).
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

export class PlayerMenu {
  constructor(player, chosen) {
    this.button = player.querySelector("[data-settings]");
    this.menu = player.querySelector("[data-menu]");
    this.current = player.querySelector("[data-current-quality]");
    this.controller = player.querySelector("media-controller");
    this.chosen = chosen;
    this.button.addEventListener("click", () => this.toggle(this.menu.hidden));
    this.menu.addEventListener("keydown", (event) => this.#move(event));
    addEventListener("pointerdown", (event) => {
      if (!this.menu.hidden && !event.composedPath().some((node) => node === this.menu || node === this.button)) this.toggle(false);
    });
  }

  offer(streams) {
    this.streams = streams;
    const quality = group("Quality", streams.map((stream, place) => item(stream.quality, note(stream), () => this.#choose("quality", stream), place)));
    const speed = group("Speed", SPEEDS.map((rate) => item(rate === 1 ? "Normal" : `${rate}×`, "", () => this.#choose("speed", rate), rate)));
    this.menu.replaceChildren(quality, speed);
    this.showSpeed(1);
  }

  showQuality(stream) {
    this.current.textContent = stream.quality;
    check(this.menu.children[0], this.streams.indexOf(stream));
  }

  showSpeed(rate) {
    check(this.menu.children[1], rate);
  }

  toggle(open) {
    this.menu.hidden = !open;
    this.button.ariaExpanded = String(open);
    // The controls must not fade under an open menu.
    if (open) this.controller.setAttribute("autohide", "-1");
    else this.controller.setAttribute("autohide", "2.5");
    if (open) this.menu.querySelector("[aria-checked=true]")?.focus();
    else if (this.menu.contains(document.activeElement)) this.button.focus();
  }

  #choose(what, value) {
    this.button.focus();
    this.toggle(false);
    this.chosen[what](value);
  }

  #move(event) {
    const items = [...this.menu.querySelectorAll("button")];
    const place = items.indexOf(document.activeElement);
    const targets = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: items.length - 1 };
    if (event.key === "Escape") {
      this.button.focus();
      this.toggle(false);
    } else if (event.key in targets) items[(targets[event.key] + items.length) % items.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function group(name, items) {
  const box = document.createElement("div");
  box.role = "group";
  box.ariaLabel = name;
  const head = document.createElement("h2");
  head.textContent = name;
  box.append(head, ...items);
  return box;
}

function item(text, small, chosen, value) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("role", "menuitemradio");
  button.setAttribute("aria-checked", "false");
  button.dataset.value = value;
  const words = document.createElement("span");
  words.textContent = text;
  if (small) {
    const extra = document.createElement("small");
    extra.textContent = small;
    words.append(extra);
  }
  button.append(words);
  button.addEventListener("click", chosen);
  return button;
}

function check(box, value) {
  for (const button of box?.querySelectorAll("button") ?? []) button.setAttribute("aria-checked", String(button.dataset.value === String(value)));
}

const note = (stream) => (stream.label && stream.label !== stream.quality ? stream.label : "");
