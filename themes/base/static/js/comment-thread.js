// <comment-thread>: posts, likes, sorts and continues in place, by asking the server for fragments of the same pages.
// Talks to a player by events on the document: hears "player:time" {second}, says "player:seek" {second}.
class CommentThread extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => this.onSubmit(event));
    this.addEventListener("click", (event) => this.onClick(event));
    this.onTime = (event) => this.showTime(event.detail?.second);
    document.addEventListener("player:time", this.onTime);
  }

  disconnectedCallback() {
    document.removeEventListener("player:time", this.onTime);
  }

  onSubmit(event) {
    const form = event.target;
    if (form.matches("[data-composer]")) {
      event.preventDefault();
      this.say(form);
    } else if (form.matches("[data-like]")) {
      event.preventDefault();
      this.like(form);
    }
  }

  onClick(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.matches("[data-sort]")) this.load(event, link, (html) => this.replaceAll(link, html));
    else if (link.matches("[data-more]")) this.load(event, link, (html) => this.continueAt(link.closest("li"), html));
    else if (link.matches("[data-more-replies]")) this.load(event, link, (html) => this.continueReplies(link, html));
    else if (link.matches("[data-seek]")) this.seek(event, Number(link.dataset.seek));
  }

  async say(form) {
    const button = form.querySelector("button");
    const note = form.querySelector("[data-note]");
    button.disabled = true;
    try {
      const html = await this.ask("/comments", { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const item = elementOf(html);
      this.place(item, form);
      form.reset();
      tell(note, "");
      this.count(1);
      item.querySelector(".comment")?.scrollIntoView({ block: "nearest" });
    } catch (problem) {
      tell(note, problem.message, true);
    } finally {
      button.disabled = false;
    }
  }

  place(item, form) {
    const details = form.closest("details");
    if (details) details.open = false;
    const thread = form.closest("[data-thread]");
    const list = details ? (thread ?? this).querySelector("[data-replies]") : this.querySelector("[data-threads]");
    if (!list) return location.reload();
    if (details) list.append(item);
    else list.prepend(item);
    this.querySelector("[data-none]")?.remove();
  }

  async like(form) {
    const button = form.querySelector("button");
    const liked = button.getAttribute("aria-pressed") === "true";
    const id = form.closest("[data-comment]").dataset.comment;
    try {
      const answer = await fetch(`/api/v1/comments/${encodeURIComponent(id)}/like`, { method: liked ? "DELETE" : "PUT" });
      if (!answer.ok) throw await problemOf(answer);
      const state = await answer.json();
      button.setAttribute("aria-pressed", String(state.liked));
      form.elements.deed.value = state.liked ? "unlike" : "like";
      form.querySelector("[data-likes]").textContent = state.likes;
    } catch (problem) {
      button.title = problem.message;
    }
  }

  async load(event, link, show) {
    event.preventDefault();
    try {
      show(await this.ask(link.getAttribute("href")));
    } catch {
      location.href = link.href;
    }
  }

  replaceAll(link, html) {
    this.querySelector("[data-threads]").innerHTML = html;
    for (const each of this.querySelectorAll("[data-sort]")) each.toggleAttribute("aria-current", each === link);
  }

  continueAt(item, html) {
    const fragment = fragmentOf(html);
    for (const each of [...fragment.children]) {
      const id = each.dataset.thread;
      if (id && this.querySelector(`[data-thread="${CSS.escape(id)}"]`)) each.remove();
    }
    const first = fragment.firstElementChild;
    item.replaceWith(fragment);
    first?.querySelector("a, button")?.focus({ preventScroll: true });
  }

  continueReplies(link, html) {
    const list = link.closest("[data-thread], comment-thread").querySelector("[data-replies]");
    link.closest(".replies-more").remove();
    list.append(fragmentOf(html));
  }

  seek(event, second) {
    const asked = new CustomEvent("player:seek", { detail: { second }, cancelable: true });
    // A player on this page takes it, by preventDefault; elsewhere the link leads to one.
    if (!document.dispatchEvent(asked)) event.preventDefault();
  }

  showTime(second) {
    const pin = this.querySelector("[data-pin]");
    if (!pin || !Number.isFinite(second) || pin.querySelector("input").checked) return;
    pin.hidden = false;
    pin.querySelector("input").value = Math.floor(second);
    pin.querySelector("[data-pin-time]").textContent = clockOf(second);
  }

  count(step) {
    const shown = this.querySelector("[data-count]");
    if (shown) shown.textContent = Number(shown.textContent) + step;
  }

  async ask(path, options = {}) {
    const url = path + (path.includes("?") ? "&" : "?") + "fragment=1";
    const answer = await fetch(url, { ...options, headers: { accept: "*/*" } });
    if (!answer.ok) throw await problemOf(answer);
    return answer.text();
  }
}

export async function problemOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  return new Error(problem.detail || problem.title || "That did not work. Please try again.");
}

export function tell(note, text, wrong = false) {
  note.textContent = text;
  note.classList.toggle("wrong", wrong);
}

function fragmentOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function elementOf(html) {
  return fragmentOf(html).firstElementChild;
}

function clockOf(second) {
  const whole = Math.floor(second);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

customElements.define("comment-thread", CommentThread);
