// How pages lie on the screen: pure functions over numbers.
export const RATIO = 5 / 7;

// Groups of page places that are shown together. Wide pages stand alone, and so does the cover unless pairs begin at once.
export function spreadsOf(ratios, { double, coverAlone }) {
  const spreads = [];
  let place = 0;
  if (double && coverAlone && ratios.length) spreads.push([place++]);
  while (place < ratios.length) {
    const pairs = double && place + 1 < ratios.length && ratios[place] <= 1 && ratios[place + 1] <= 1;
    spreads.push(pairs ? [place, place + 1] : [place]);
    place += pairs ? 2 : 1;
  }
  return spreads;
}

// Where in the spreads a page is.
export const spreadWith = (spreads, page) => Math.max(0, spreads.findIndex((spread) => spread.includes(page)));

// The height that pages side by side share; `ratios` are widths by heights, `natural` is the tallest page's own height.
export function sharedHeight(ratios, box, fit, natural) {
  const width = ratios.reduce((sum, ratio) => sum + ratio, 0);
  if (fit === "width") return box.width / width;
  if (fit === "height") return box.height;
  if (fit === "original" && natural) return natural;
  return Math.min(box.height, box.width / width);
}

// The width of a strip: comfortable on a desk, the whole screen on a phone. null is each page's own.
export function stripWidth(box, fit) {
  if (fit === "width") return box.width;
  if (fit === "height") return Math.min(box.width, box.height * RATIO);
  return fit === "original" ? null : Math.min(box.width, 840);
}

// What "auto" stands for: pairs where two upright pages fill the screen better than one.
export const fitsPairs = (box) => box.width >= 900 && box.width / box.height >= 1.25;
