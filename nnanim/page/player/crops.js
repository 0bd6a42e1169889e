// Crops: which part of the sheet belongs to each panel, so that it can stand alone on a phone.

/** @typedef {import("./contents.js").Panel} Panel */
/** @typedef {import("./letters.js").Letters} Letters */
/** @typedef {import("./tile.js").Box} Box */

/**
 * A text of the furniture, from the left end of its base line, in pixels of the sheet.
 * @typedef {{element: Element, text: string, x: number, y: number, size: number}} Written
 */

/** @typedef {{left: number, top: number, right: number, bottom: number}} Edges */

const ABOVE = 3; // small letters, from a panel up to what belongs to it
const BELOW = 1.5;
const BESIDE = 4;
const LARGE = 1.35; // small letters: what is larger is the sheet's own
const PAD = 0.4; // small letters, about it all

/**
 * Return the texts of a sheet's furniture, which stand there in outlines.
 * @param {SVGSVGElement} furniture
 * @param {number} em  units of outlines that are as high as letters
 * @returns {Written[]}
 */
export function textsOf(furniture, em) {
  return Array.from(furniture.querySelectorAll("g[aria-label]"), (element) => {
    const transform = element.querySelector("g")?.getAttribute("transform") ?? "";
    const numbers = (transform.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
    const [x = NaN, y = NaN, scale = NaN] = numbers;
    const text = element.getAttribute("aria-label") ?? "";
    return { element, text, x, y, size: scale * em };
  });
}

/**
 * Return the part of the sheet that belongs to each panel: its box, what is written about it, and
 * its colour bar.
 * @param {SVGSVGElement} furniture
 * @param {Panel[]} panels
 * @param {number} small  how large the smallest letters are
 * @param {Letters} letters
 * @param {CanvasRenderingContext2D} context
 * @param {unknown} strip  where the last is the strip: nothing above that is its own
 * @returns {Box[]}
 */
export function cropsOf(furniture, panels, small, letters, context, strip) {
  const boxes = panels.map(({ box }) => sidesOf(box));
  const crops = boxes.map((edges) => ({ ...edges }));
  const written = textsOf(furniture, letters.em)
    .filter(({ size }) => size <= LARGE * small)
    .map(({ text, x, y, size }) => ({
      left: x,
      top: y - 0.8 * size,
      right: x + letters.width(context, text, size),
      bottom: y + 0.25 * size,
    }));
  const bars = Array.from(furniture.querySelectorAll('rect[fill^="url"]'), (rect) => {
    const side = (/** @type {string} */ name) => Number(rect.getAttribute(name));
    return sidesOf([side("x"), side("y"), side("width"), side("height")]);
  });
  for (const edges of [...written, ...bars]) {
    const away = boxes.map((box, k) => {
      const isAbove = strip && k === boxes.length - 1 && edges.bottom <= box.top;
      return isAbove ? Infinity : distance(edges, box, small);
    });
    const nearest = away.indexOf(Math.min(...away));
    if (away[nearest] < 1) joinTo(crops[nearest], edges);
  }
  const pad = PAD * small;
  return crops.map(({ left, top, right, bottom }) => {
    return [left - pad, top - pad, right - left + 2 * pad, bottom - top + 2 * pad];
  });
}

/**
 * Return how far something is from a panel, 1 as far as what belongs to it can be.
 * @param {Edges} edges
 * @param {Edges} box
 * @param {number} small
 * @returns {number}
 */
function distance(edges, box, small) {
  const across = Math.max(box.left - edges.right, edges.left - box.right, 0) / (BESIDE * small);
  const above = Math.max(box.top - edges.bottom, 0) / (ABOVE * small);
  const below = Math.max(edges.top - box.bottom, 0) / (BELOW * small);
  return Math.max(across, above, below);
}

/**
 * Let edges go about others, too.
 * @param {Edges} edges
 * @param {Edges} others
 */
function joinTo(edges, others) {
  edges.left = Math.min(edges.left, others.left);
  edges.top = Math.min(edges.top, others.top);
  edges.right = Math.max(edges.right, others.right);
  edges.bottom = Math.max(edges.bottom, others.bottom);
}

/**
 * Return the edges of a box.
 * @param {Box} box
 * @returns {Edges}
 */
function sidesOf([left, top, width, height]) {
  return { left, top, right: left + width, bottom: top + height };
}

/**
 * Return a part of the sheet's furniture, without the texts that it would cut.
 * @param {SVGSVGElement} furniture
 * @param {Box} crop
 * @param {Letters} letters
 * @param {CanvasRenderingContext2D} context
 * @returns {SVGSVGElement}
 */
export function cropped(furniture, crop, letters, context) {
  const part = /** @type {SVGSVGElement} */ (furniture.cloneNode(true));
  part.removeAttribute("hidden");
  part.setAttribute("viewBox", crop.join(" "));
  part.setAttribute("preserveAspectRatio", "none");
  const { left, top, right, bottom } = sidesOf(crop);
  for (const { element, text, x, y, size } of textsOf(part, letters.em)) {
    const end = x + letters.width(context, text, size);
    if (x < left || end > right || y - 0.7 * size < top || y > bottom) element.remove();
  }
  return part;
}
