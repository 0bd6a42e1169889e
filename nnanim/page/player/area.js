// Area: polygons filled with exact coverage, the signed area under each edge added up along rows.

import { over, weightOf } from "./blend.js";

/** @typedef {import("./blend.js").Surface} Surface */

/**
 * Where in a surface, and how much of each of its pixels is covered; two columns more are scratch.
 * @typedef {{left: number, top: number, width: number, height: number, cover: Float64Array}} Window
 */

const FAR = 1e7; // pixels: what is further away is moved here

/** @type {Window} */
const shared = { left: 0, top: 0, width: 0, height: 0, cover: new Float64Array(0) };

/**
 * Add to a row the area to the right of an edge piece `dy` high, from x0 <= x1 inside it.
 * @param {Float64Array} cover
 * @param {number} row  where the row begins
 * @param {number} dy
 * @param {number} x0
 * @param {number} x1
 */
function addPiece(cover, row, dy, x0, x1) {
  const first = Math.floor(x0);
  const last = Math.ceil(x1);
  if (last <= first + 1) {
    const middle = 0.5 * (x0 + x1) - first;
    cover[row + first] += dy * (1 - middle);
    cover[row + first + 1] += dy * middle;
    return;
  }
  const slope = 1 / (x1 - x0);
  let before = 0.5 * slope * (first + 1 - x0) ** 2;
  cover[row + first] += dy * before;
  for (let x = first + 1; x < last - 1; x++) {
    const covered = slope * (x + 0.5 - x0);
    cover[row + x] += dy * (covered - before);
    before = covered;
  }
  const covered = 1 - 0.5 * slope * (x1 - (last - 1)) ** 2;
  cover[row + last - 1] += dy * (covered - before);
  cover[row + last] += dy * (1 - covered);
}

/**
 * Add an edge piece; what lies to the left of the row covers all of it, to the right none.
 * @param {Float64Array} cover
 * @param {number} row
 * @param {number} width
 * @param {number} dy
 * @param {number} low
 * @param {number} high
 */
function addInRow(cover, row, width, dy, low, high) {
  let before = low <= 0 ? 1 : 0;
  let within = 0 < low && low < width ? 1 : 0;
  if (low < high) {
    before = Math.max(Math.min(high, 0) - low, 0) / (high - low);
    within = Math.max(Math.min(high, width) - Math.max(low, 0), 0) / (high - low);
  }
  cover[row] += dy * before;
  if (within > 0) addPiece(cover, row, dy * within, Math.max(low, 0), Math.min(high, width));
}

/**
 * Add one edge to a window, given relative to it, downwards with sign 1.
 * @param {Window} into
 * @param {number} sign
 * @param {number} xa
 * @param {number} ya
 * @param {number} xb
 * @param {number} yb
 */
function addEdge(into, sign, xa, ya, xb, yb) {
  if (ya === yb || yb <= 0 || ya >= into.height) return;
  const slope = (xb - xa) / (yb - ya);
  const bottom = Math.min(into.height, Math.ceil(yb));
  for (let y = Math.max(0, Math.floor(ya)); y < bottom; y++) {
    const y0 = Math.max(ya, y);
    const y1 = Math.min(yb, y + 1);
    const x0 = xa + (y0 - ya) * slope;
    const x1 = xa + (y1 - ya) * slope;
    const row = y * (into.width + 2);
    const dy = sign * (y1 - y0);
    if (x0 < x1) addInRow(into.cover, row, into.width, dy, x0, x1);
    else addInRow(into.cover, row, into.width, dy, x1, x0);
  }
}

/**
 * Return the window that a closed outline covers within a surface, null where that is nothing.
 *
 * It is overwritten by the next.
 * @param {Float64Array} outline  x and y of each corner, finite
 * @param {number} count  numbers of the outline
 * @param {number} width  of the surface
 * @param {number} height
 * @returns {Window | null}
 */
export function covered(outline, count, width, height) {
  let [x0, y0, x1, y1] = [FAR, FAR, -FAR, -FAR];
  for (let i = 0; i < count; i += 2) {
    const x = (outline[i] = Math.min(Math.max(outline[i], -FAR), FAR));
    const y = (outline[i + 1] = Math.min(Math.max(outline[i + 1], -FAR), FAR));
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  const left = Math.max(0, Math.floor(x0));
  const top = Math.max(0, Math.floor(y0));
  shared.width = Math.min(width, Math.ceil(x1)) - left;
  shared.height = Math.min(height, Math.ceil(y1)) - top;
  if (shared.width <= 0 || shared.height <= 0) return null;
  [shared.left, shared.top] = [left, top];
  const size = (shared.width + 2) * shared.height;
  if (shared.cover.length < size) shared.cover = new Float64Array(2 * size);
  shared.cover.fill(0, 0, size);
  addOutline(outline, count);
  return shared;
}

/**
 * Set the shared window's cover to the share of each pixel inside an outline.
 * @param {Float64Array} outline
 * @param {number} count
 */
function addOutline(outline, count) {
  const { left, top, width, height, cover } = shared;
  let xa = outline[count - 2] - left;
  let ya = outline[count - 1] - top;
  for (let i = 0; i < count; i += 2) {
    const xb = outline[i] - left;
    const yb = outline[i + 1] - top;
    if (ya < yb) addEdge(shared, 1, xa, ya, xb, yb);
    else addEdge(shared, -1, xb, yb, xa, ya);
    [xa, ya] = [xb, yb];
  }
  for (let y = 0; y < height; y++) {
    const row = y * (width + 2);
    let total = 0;
    for (let x = row; x < row + width; x++) {
      total += cover[x];
      cover[x] = Math.min(Math.abs(total), 1);
    }
  }
}

/**
 * Fill a closed outline of edges that do not cross.
 * @param {Surface} surface
 * @param {Float64Array} outline  in pixels, finite
 * @param {number} count  numbers of the outline
 * @param {number} color
 * @param {number} alpha
 */
export function fill(surface, outline, count, color, alpha) {
  const found = covered(outline, count, surface.width, surface.height);
  if (!found) return;
  const { pixels, width } = surface;
  for (let y = 0; y < found.height; y++) {
    let at = (found.top + y) * width + found.left;
    const row = y * (found.width + 2);
    for (let x = row; x < row + found.width; x++, at++) {
      const weight = weightOf(alpha * found.cover[x]);
      if (weight > 0) pixels[at] = over(pixels[at], color, weight);
    }
  }
}
