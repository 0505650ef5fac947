// One right to stream: asked for by POST, kept alive by heartbeats, given back when the page goes.
export class Refused extends Error {
  constructor(title, detail, lasting, type = "") {
    super(detail);
    this.title = title;
    this.lasting = lasting;
    this.type = type;
  }
}

export class PlaySession {
  #url;
  #lease = null;
  #timer = 0;
  #lastBeat = 0;

  // `lost(refused)` is called once when the lease is gone.
  constructor(url, lost) {
    this.#url = url;
    this.lost = lost;
  }

  // What there is to play: streams (best first), subtitles, … Throws Refused with words for the viewer.
  async open() {
    await this.close();
    const answer = await send(this.#url, { method: "POST" });
    if (!answer.ok) throw await refusal(answer);
    const offer = await answer.json();
    const { streams, lease } = offer;
    if (!streams?.length) throw new Refused("Nothing to play", "This film has no version that can be played right now.", true);
    this.#lease = lease ?? null;
    if (lease) this.#keepAlive(lease.ttl_seconds);
    return offer;
  }

  async close() {
    clearInterval(this.#timer);
    const lease = this.#lease;
    this.#lease = null;
    if (lease) await fetch(lease.heartbeat_url, { method: "DELETE", keepalive: true }).catch(() => undefined);
  }

  #keepAlive(ttlSeconds) {
    this.#lastBeat = Date.now();
    this.#timer = setInterval(() => this.#beat(ttlSeconds * 1000), (ttlSeconds * 1000) / 3);
  }

  async #beat(ttl) {
    const lease = this.#lease;
    const answer = await fetch(lease.heartbeat_url, { method: "POST" }).catch(() => null);
    if (lease !== this.#lease) return;
    if (answer?.ok) {
      this.#lastBeat = Date.now();
      return;
    }
    const gone = answer && answer.status >= 400 && answer.status < 500 && answer.status !== 429;
    // A network that is away says nothing about the lease: the film goes on from its buffer until the time is up.
    if (!gone && Date.now() - this.#lastBeat < ttl) return;
    clearInterval(this.#timer);
    this.#lease = null;
    this.lost(gone ? new Refused("Playing elsewhere", "This film was stopped here because it plays on another device, or the session ended.", false) : offline());
  }
}

async function send(url, options) {
  try {
    return await fetch(url, { headers: { accept: "application/json" }, ...options });
  } catch {
    throw offline();
  }
}

async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  const lasting = answer.status < 500 && answer.status !== 429;
  return new Refused(problem.title ?? "The film did not start", problem.detail ?? "Please try again in a moment.", lasting, problem.type);
}

const offline = () => new Refused("No connection", "The site cannot be reached. Check the network; the film goes on where it stopped.", false);
