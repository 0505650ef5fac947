// On the timeline: marks where people commented, and pictures of where a seek would go.
const MOST_MARKS = 200;

export function bindTimeline(player) {
  const { video } = player;
  const place = player.querySelector("[data-marks]");
  let marks = [];
  const draw = () => {
    if (!video.duration) return;
    place.replaceChildren(...marks.filter((mark) => mark.second < video.duration).slice(0, MOST_MARKS).map((mark) => drawn(player, mark)));
  };
  const load = () =>
    fetch(player.dataset.markers)
      .then((answer) => (answer.ok ? answer.json() : []))
      .then((answer) => {
        marks = Array.isArray(answer) ? answer : (answer.markers ?? []);
        draw();
      })
      .catch(() => undefined);
  load();
  video.addEventListener("durationchange", draw);
  document.addEventListener("comments:changed", load);
  tellTime(video);
  document.addEventListener("player:seek", (event) => {
    event.preventDefault();
    player.seek(event.detail.second);
    player.scrollIntoView({ block: "nearest" });
  });
  bindPreviews(player);
}

function drawn(player, mark) {
  const button = document.createElement("button");
  const words = mark.text ?? mark.first ?? "";
  button.type = "button";
  button.tabIndex = -1;
  button.style.insetInlineStart = `${(mark.second / player.video.duration) * 100}%`;
  button.dataset.words = words.length > 80 ? `${words.slice(0, 79)}…` : words || (mark.count === 1 ? "A comment" : `${mark.count} comments`);
  button.ariaLabel = button.dataset.words;
  button.addEventListener("click", () => {
    player.seek(mark.second);
    player.showSide?.();
    document.dispatchEvent(new CustomEvent("player:comment", { detail: { second: mark.second, id: mark.id } }));
    document.querySelector("comment-thread")?.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
  });
  return button;
}

// The comment field offers the present second.
function tellTime(video) {
  let told = -1;
  video.addEventListener("timeupdate", () => {
    const second = Math.floor(video.currentTime);
    if (second === told) return;
    told = second;
    document.dispatchEvent(new CustomEvent("player:time", { detail: { second } }));
  });
}

function bindPreviews(player) {
  const range = player.querySelector("media-time-range");
  const picture = player.querySelector("[data-preview]");
  let previews = [];
  player.addEventListener("offer", ({ detail }) => {
    previews = detail.previews ?? [];
    picture.hidden = !previews.length;
  });
  range.addEventListener("pointermove", (event) => {
    if (!previews.length || !player.video.duration) return;
    const box = range.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const second = share * player.video.duration;
    const evenly = previews[Math.min(previews.length - 1, Math.floor(share * previews.length))];
    const timed = previews.every((each) => typeof each.at === "number") ? previews.filter((each) => each.at <= second).at(-1) : null;
    const { url } = timed ?? evenly;
    if (picture.getAttribute("src") !== url) picture.src = url;
  });
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
