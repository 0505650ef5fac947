// What the system shows of the film, and its keys: lock screens, headsets, keyboards.
export function bindMediaSession(player) {
  const session = navigator.mediaSession;
  if (!session) return;
  const { video } = player;
  const { heading, show, artwork } = player.dataset;
  session.metadata = new MediaMetadata({ title: heading, artist: show || document.title.split(" · ").at(-1), artwork: artwork ? [{ src: artwork }] : [] });
  const actions = {
    play: () => video.play(),
    pause: () => video.pause(),
    seekbackward: ({ seekOffset }) => player.seek(video.currentTime - (seekOffset ?? 10)),
    seekforward: ({ seekOffset }) => player.seek(video.currentTime + (seekOffset ?? 10)),
    seekto: ({ seekTime }) => player.seek(seekTime),
    nexttrack: player.dataset.next ? player.next : null,
    previoustrack: player.dataset.previous ? player.previous : null,
  };
  for (const [name, action] of Object.entries(actions)) {
    try {
      session.setActionHandler(name, action);
    } catch {
      // Not every browser knows every action.
    }
  }
  const tell = () => {
    if (Number.isFinite(video.duration) && video.duration > 0) session.setPositionState?.({ duration: video.duration, playbackRate: video.playbackRate, position: Math.min(video.currentTime, video.duration) });
  };
  for (const name of ["loadedmetadata", "ratechange", "seeked", "playing"]) video.addEventListener(name, tell);
}
