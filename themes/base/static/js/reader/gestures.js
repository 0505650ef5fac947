// Fingers and the mouse on the pages: tap zones, swipes, pinch, double tap, ctrl and wheel.
const TAP_MS = 350;
const TAP_PX = 12;
const DOUBLE_MS = 240;
const SWIPE_PX = 48;

// `does` has: tap(zone), zoom(factor, point), toggleZoom(point), swipe(way), paged(), zoomed().
export function bindGestures(stage, does) {
  const fingers = new Map();
  let begun = null;
  let spread = 0;
  let waiting = 0;

  stage.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest("a, button, input, select, textarea, dialog, [data-end]")) return;
    fingers.set(event.pointerId, event);
    begun = fingers.size === 1 ? { x: event.clientX, y: event.clientY, at: event.timeStamp, left: stage.scrollLeft, top: stage.scrollTop } : null;
    spread = fingers.size === 2 ? distance(fingers) : 0;
  });

  stage.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 2 && spread) {
      const now = distance(fingers);
      does.zoom(now / spread, middle(fingers));
      spread = now;
    } else if (begun && event.pointerType === "mouse" && does.zoomed()) {
      stage.scrollTo(begun.left + begun.x - event.clientX, begun.top + begun.y - event.clientY);
    }
  });

  const lifted = (event) => {
    if (!fingers.delete(event.pointerId) || !begun || event.type === "pointercancel") return;
    const [across, down, since] = [event.clientX - begun.x, event.clientY - begun.y, event.timeStamp - begun.at];
    begun = null;
    if (Math.hypot(across, down) < TAP_PX && since < TAP_MS) tapped(event);
    else if (does.paged() && !does.zoomed() && Math.abs(across) > SWIPE_PX && Math.abs(across) > 1.5 * Math.abs(down)) does.swipe(across < 0 ? 1 : -1);
  };
  for (const kind of ["pointerup", "pointercancel"]) stage.addEventListener(kind, lifted);

  function tapped({ clientX, clientY }) {
    const box = stage.getBoundingClientRect();
    const share = (clientX - box.left) / box.width;
    const zone = !does.paged() || does.zoomed() ? "middle" : share < 0.3 ? "left" : share > 0.7 ? "right" : "middle";
    if (zone !== "middle") {
      does.tap(zone);
    } else if (waiting) {
      clearTimeout(waiting);
      waiting = 0;
      does.toggleZoom({ x: clientX, y: clientY });
    } else {
      // A second tap may make it a double one.
      waiting = setTimeout(() => {
        waiting = 0;
        does.tap("middle");
      }, DOUBLE_MS);
    }
  }

  stage.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      does.zoom(Math.exp(-event.deltaY / 300), { x: event.clientX, y: event.clientY });
    },
    { passive: false },
  );
}

function distance(fingers) {
  const [one, other] = [...fingers.values()];
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}

function middle(fingers) {
  const [one, other] = [...fingers.values()];
  return { x: (one.clientX + other.clientX) / 2, y: (one.clientY + other.clientY) / 2 };
}
