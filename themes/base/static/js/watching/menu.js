// One menu of the player (WAI-ARIA menu button pattern): groups of choices over the film, a sheet on phones.
let open = null;

export class Menu {
  // `groups()` gives [{name, items: [{text, note, checked, choose}], hint}] each time that the menu opens.
  constructor(player, name, groups) {
    this.player = player;
    this.groups = groups;
    this.panel = player.querySelector(`[data-menu=${name}]`);
    this.buttons = [...document.querySelectorAll(`[data-opens=${name}]`)];
    for (const button of this.buttons) button.addEventListener("click", () => this.toggle(this.panel.hidden, button));
    this.panel.addEventListener("keydown", (event) => this.#move(event));
    addEventListener("pointerdown", (event) => {
      if (!this.panel.hidden && !event.composedPath().some((node) => node === this.panel || this.buttons.includes(node))) this.toggle(false);
    });
  }

  toggle(shown, button = this.opener) {
    if (shown && open && open !== this) open.toggle(false);
    open = shown ? this : null;
    if (shown) this.#draw();
    const within = this.panel.contains(document.activeElement);
    this.panel.hidden = !shown;
    this.opener = button ?? this.buttons[0];
    for (const each of this.buttons) each.ariaExpanded = String(shown && each === this.opener);
    // The controls must not fade under an open menu.
    this.player.controller.setAttribute("autohide", shown ? "-1" : "2.5");
    if (shown) (this.panel.querySelector("[aria-checked=true]") ?? this.panel.querySelector("button"))?.focus({ preventScroll: true });
    else if (within) this.opener.focus({ preventScroll: true });
  }

  #draw() {
    this.panel.replaceChildren(...this.groups().filter((group) => group.items.length || group.hint).map((group) => this.#group(group)));
  }

  #group({ name, items, hint }) {
    const box = document.createElement("div");
    box.role = "group";
    box.ariaLabel = name;
    const head = document.createElement("h2");
    head.textContent = name;
    head.role = "none"; // the group has the name; a menu may own no heading
    box.append(head, ...items.map((item) => this.#item(item)));
    if (hint) {
      const words = Object.assign(document.createElement("p"), { textContent: hint, role: "menuitem" });
      words.setAttribute("aria-disabled", "true");
      box.append(words);
    }
    return box;
  }

  #item({ text, note, checked, choose }) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", checked === undefined ? "menuitem" : "menuitemradio");
    if (checked !== undefined) button.setAttribute("aria-checked", String(checked));
    const words = document.createElement("span");
    words.textContent = text;
    words.dir = "auto";
    if (note) words.append(Object.assign(document.createElement("small"), { textContent: note }));
    button.append(words);
    button.addEventListener("click", () => {
      this.toggle(false);
      choose();
    });
    return button;
  }

  #move(event) {
    const items = [...this.panel.querySelectorAll("button")];
    const place = items.indexOf(document.activeElement);
    const targets = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: items.length - 1 };
    if (event.key === "Escape") this.toggle(false);
    else if (event.key in targets) items[(targets[event.key] + items.length) % items.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
