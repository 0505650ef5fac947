// Players of other hosts: nothing is asked of them before the click that names them.
export function bindEmbeds(stage) {
  if (!stage) return;
  stage.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-embed]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-presentation");
    frame.allow = "fullscreen; autoplay; encrypted-media; picture-in-picture";
    frame.referrerPolicy = "no-referrer";
    frame.title = link.dataset.embed;
    frame.src = link.href;
    stage.querySelector("[data-embed-frame]").replaceChildren(frame);
    stage.setAttribute("data-playing", "");
    for (const each of stage.querySelectorAll("a[data-embed]")) each.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    frame.focus();
  });
}
