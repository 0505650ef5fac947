// To a television: the Remote Playback API, or AirPlay where Safari has it. Such a device holds no cookie of ours, so it
// gets a link that needs none.
export function bindCasting(player) {
  const { video } = player;
  const button = player.querySelector("[data-cast]");
  const airplay = "webkitShowPlaybackTargetPicker" in video;
  if (airplay) {
    video.addEventListener("webkitplaybacktargetavailabilitychanged", (event) => (button.hidden = event.availability !== "available"));
  } else if (video.remote) {
    video.remote.watchAvailability((available) => (button.hidden = !available)).catch(() => undefined);
    video.remote.addEventListener("connect", () => player.toast("Playing on the other screen"));
    video.remote.addEventListener("disconnect", () => player.toast("Playing here again"));
  }
  button.addEventListener("click", async () => {
    try {
      await lend(player);
      await (airplay ? video.webkitShowPlaybackTargetPicker() : video.remote.prompt());
    } catch (refused) {
      if (refused.name !== "NotAllowedError" && refused.name !== "AbortError") player.toast("No screen could be reached", 3000);
    }
  });
}

async function lend(player) {
  if (!player.stream || player.stream.external) return;
  const answer = await fetch(player.dataset.external, { method: "POST" });
  if (!answer.ok) throw new Error("no link");
  const { streams } = await answer.json();
  const same = streams.find((stream) => stream.quality === player.stream.quality) ?? streams[0];
  player.stream.external = true;
  player.replay(new URL(same.url, location.href).href);
}
