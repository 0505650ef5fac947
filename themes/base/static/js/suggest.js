// Titles under a search field as it is typed in: the combobox with a list of the ARIA Authoring Practices.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
const PAUSE_MS = 120;
const KINDS = { movie: "Film", series: "Series", manga: "Comic" };
let fields = 0;

export function bindSuggestions(root) {
  for (const field of root.querySelectorAll("[data-suggest]")) new Suggestions(field);
}

class Suggestions {
  constructor(field) {
    this.field = field;
    this.id = `suggestions-${++fields}`;
    this.options = [];
    this.active = -1;
    this.list = document.createElement("ul");
    this.list.id = this.id;
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Titles");
    this.list.hidden = true;
    this.said = document.createElement("span");
    this.said.className = "hidden";
    this.said.setAttribute("role", "status");
    field.form.append(this.list, this.said);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", this.id], ["aria-haspopup", "listbox"]]) field.setAttribute(name, value);
    field.addEventListener("input", () => this.ask());
    field.addEventListener("keydown", (event) => this.press(event));
    field.addEventListener("focus", () => this.show());
    field.addEventListener("blur", () => this.hide());
    // The field keeps the focus: a press on the list must not take it.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.open(this.options.indexOf(event.target.closest("[role=option]"))));
  }

  ask() {
    clearTimeout(this.pause);
    this.asked?.abort();
    const text = this.field.value.trim();
    if (text.length < 2) return this.fill([]);
    this.pause = setTimeout(async () => {
      this.asked = new AbortController();
      try {
        const answer = await fetch(`/api/v1/suggestions?q=${encodeURIComponent(text)}`, { signal: this.asked.signal });
        this.fill(answer.ok ? (await answer.json()).suggestions : []);
      } catch (error) {
        if (error.name !== "AbortError") this.fill([]);
      }
    }, PAUSE_MS);
  }

  fill(titles) {
    this.options = titles.map((title, place) => this.option(title, place));
    this.list.replaceChildren(...this.options);
    this.mark(-1);
    this.said.textContent = titles.length === 1 ? "1 title" : titles.length ? `${titles.length} titles` : "";
    this.show();
  }

  option(title, place) {
    const item = document.createElement("li");
    item.id = `${this.id}-${place}`;
    item.setAttribute("role", "option");
    item.dataset.href = title.url;
    const name = document.createElement("span");
    name.className = "suggestion-name";
    name.dir = "auto";
    name.textContent = title.title;
    const facts = document.createElement("span");
    facts.className = "suggestion-facts";
    facts.textContent = [KINDS[title.media_type], title.year, title.author].filter(Boolean).join(" · ");
    item.append(name, facts);
    return item;
  }

  press(event) {
    if (event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves && this.options.length) {
      event.preventDefault();
      this.show();
      // One place more than there are titles: the field itself lies between the last and the first.
      const places = this.options.length + 1;
      this.mark(((this.active + 1 + moves[event.key] + places) % places) - 1);
    } else if (event.key === "Enter" && this.active >= 0 && !this.list.hidden) {
      event.preventDefault();
      this.open(this.active);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.hide();
    }
  }

  mark(place) {
    this.options[this.active]?.removeAttribute("aria-selected");
    this.active = place;
    const option = this.options[place];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  open(place) {
    const option = this.options[place];
    if (option) location.href = option.dataset.href;
  }

  show() {
    this.list.hidden = this.options.length === 0 || document.activeElement !== this.field;
    this.field.setAttribute("aria-expanded", String(!this.list.hidden));
  }

  hide() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }
}
