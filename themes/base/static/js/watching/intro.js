// Skip intro where the crowd says it lies, and a small tool to say so oneself.
import { clock } from "../progress.js";

export function bindIntro(player) {
  const { video } = player;
  const skip = player.querySelector("[data-skip]");
  const tool = player.querySelector("[data-mark]");
  const url = player.dataset.intro;
  const own = { start: null, end: null };
  let intro = null;

  const learn = (answer) => {
    intro = answer.intro ?? answer.mine;
    Object.assign(own, answer.mine ?? {});
    tool.querySelector("[data-mark-withdraw]").hidden = !answer.mine;
    offer();
  };
  const offer = () => {
    const now = video.currentTime;
    skip.hidden = !intro || now < intro.start || now >= intro.end - 1;
  };
  player.skipIntro = () => {
    if (skip.hidden) return;
    player.seek(intro.end);
    player.toast("Intro skipped");
  };
  skip.addEventListener("click", player.skipIntro);
  video.addEventListener("timeupdate", offer);
  video.addEventListener("seeked", offer);
  fetch(url).then((answer) => answer.ok && answer.json().then(learn)).catch(() => undefined);

  const draw = () => {
    for (const end of ["start", "end"]) tool.querySelector(`[data-mark-${end}]`).textContent = own[end] === null ? "–:––" : clock(own[end]);
    tool.querySelector("[data-mark-save]").disabled = own.start === null || own.end === null || own.end <= own.start;
  };
  const send = async (method, body) => {
    const options = body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {};
    const answer = await fetch(url, { method, ...options }).catch(() => null);
    const said = await answer?.json().catch(() => null);
    if (!answer?.ok) return player.toast(said?.detail || "That could not be saved", 4000);
    tool.hidden = true;
    if (method === "DELETE") own.start = own.end = null;
    learn(said);
    player.toast(method === "DELETE" ? "Taken back" : said.intro ? "Thank you: counted" : "Thank you. A few more votes, and everybody can skip", 3000);
  };
  for (const end of ["start", "end"]) {
    tool.querySelector(`[data-mark-set=${end}]`).addEventListener("click", () => {
      own[end] = Math.round(video.currentTime * 10) / 10;
      draw();
    });
  }
  tool.querySelector("[data-mark-save]").addEventListener("click", () => send("POST", { ...own, ...(video.duration ? { duration: video.duration } : {}) }));
  tool.querySelector("[data-mark-withdraw]").addEventListener("click", () => send("DELETE"));
  tool.querySelector("[data-mark-close]").addEventListener("click", () => (tool.hidden = true));
  tool.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tool.hidden = true;
    event.stopPropagation();
  });
  player.addMenuItem({
    text: "Mark the intro…",
    choose: () => {
      tool.hidden = false;
      draw();
      tool.querySelector("button").focus();
    },
  });
}
