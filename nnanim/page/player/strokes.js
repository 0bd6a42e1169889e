// Strokes: polylines with round joins and caps, each drawn as one area: what is covered twice, at a
// join or where a line crosses itself, is covered once.

import { over } from "./blend.js";

/** @typedef {import("./blend.js").Surface} Surface */
/** @typedef {import("./points.js").Mapping} Mapping */

/**
 * Lines one after the other: line i has the points from `starts[i]` to `starts[i + 1]`, and each
 * point a shade in [0, 255] where there are any.
 * @typedef {{x: Float32Array, y: Float32Array, starts: ArrayLike<number>,
 *   shades: Float32Array | null}} Polylines
 */

/**
 * The one colour of lines, or 256 that shades pick, each with its weight in [0, 256].
 * @typedef {{colors: Uint32Array, weights: Uint16Array}} Palette
 */

const BEND_LEAST = 0.01; // pixels: points closer than this are one
const BEND = 1 / 64; // pixels: how far a line may run beside its points
const STROKE_FAR = 1e7; // pixels: what is further away is moved here

/** What a line has covered so far: weights of pixels, which of them, and their shades. */
const ink = {
  cover: new Uint16Array(0),
  shades: new Uint8Array(0),
  touched: new Int32Array(0),
  count: 0,
};

/**
 * Draw polylines `half` pixels wide to each side.
 * @param {Surface} surface
 * @param {Polylines} lines
 * @param {Mapping} mapping
 * @param {number} half
 * @param {Palette} palette
 */
export function stroke(surface, lines, mapping, half, palette) {
  const size = surface.pixels.length;
  if (ink.cover.length < size) {
    ink.cover = new Uint16Array(size);
    ink.shades = new Uint8Array(size);
    ink.touched = new Int32Array(size);
  }
  for (let i = 0; i + 1 < lines.starts.length; i++) {
    for (const line of parts(lines, lines.starts[i], lines.starts[i + 1], mapping)) {
      cover(surface, lines.shades ? line : straightened(line), half);
    }
    layInk(surface, palette);
  }
}

/**
 * Give the parts of a line, (x, y, shade) in pixels of each point, parted where it is not finite.
 * @param {Polylines} lines
 * @param {number} first
 * @param {number} last
 * @param {Mapping} mapping
 * @returns {Generator<number[]>}
 */
function* parts({ x, y, shades }, first, last, [sx, tx, sy, ty]) {
  /** @type {number[]} */
  let line = [];
  const bounded = (/** @type {number} */ v) => Math.min(Math.max(v, -STROKE_FAR), STROKE_FAR);
  for (let i = first; i < last; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) {
      if (line.length > 3) yield line;
      line = [];
      continue;
    }
    const px = bounded(sx * x[i] + tx);
    const py = bounded(sy * y[i] + ty);
    const end = line.length;
    const away = Math.max(Math.abs(px - line[end - 3]), Math.abs(py - line[end - 2]));
    if (end === 0 || away > BEND_LEAST) line.push(px, py, shades ? shades[i] : 0);
  }
  if (line.length > 3) yield line;
}

/**
 * Return a line without the points that are within `BEND` of the chord over them.
 *
 * From each point kept, the chord may turn as far as all points that it passes allow.
 * @param {number[]} line
 * @returns {number[]}
 */
function straightened(line) {
  const found = [];
  let [base, i] = [0, 3];
  while (i < line.length) {
    found.push(line[base], line[base + 1], line[base + 2]);
    i = passed(line, base, i);
    base = i - 3;
  }
  const end = line.length;
  found.push(line[end - 3], line[end - 2], line[end - 1]);
  return found;
}

/**
 * Return the first point from `i` on that a chord from the point at `base` does not pass.
 * @param {number[]} line
 * @param {number} base
 * @param {number} i
 * @returns {number}
 */
function passed(line, base, i) {
  const [xa, ya] = [line[base], line[base + 1]];
  const length = Math.hypot(line[i] - xa, line[i + 1] - ya);
  const [ux, uy] = [(line[i] - xa) / length, (line[i + 1] - ya) / length];
  let [low, high, reached] = [-Infinity, Infinity, 0];
  for (; i < line.length; i += 3) {
    const [dx, dy] = [line[i] - xa, line[i + 1] - ya];
    const along = dx * ux + dy * uy;
    const across = dy * ux - dx * uy;
    if (along <= reached || across < low * along || across > high * along) break;
    low = Math.max(low, (across - BEND) / along);
    high = Math.min(high, (across + BEND) / along);
    reached = along;
  }
  return i;
}

/**
 * Cover what a line touches.
 * @param {Surface} surface
 * @param {number[]} line
 * @param {number} half
 */
function cover(surface, line, half) {
  for (let i = 0; i + 3 < line.length; i += 3) {
    coverSegment(surface, line, i, half);
  }
}

/**
 * Cover what a segment touches, with round ends, row by row.
 * @param {Surface} surface
 * @param {number[]} line
 * @param {number} i  where its first point begins
 * @param {number} half
 */
function coverSegment({ width, height }, line, i, half) {
  const [xa, ya, xb, yb] = [line[i], line[i + 1], line[i + 3], line[i + 4]];
  const reach = half + 0.5;
  const first = Math.max(0, Math.floor(Math.min(ya, yb) - reach));
  const last = Math.min(height - 1, Math.floor(Math.max(ya, yb) + reach));
  const per = ya === yb ? Infinity : (xb - xa) / (yb - ya);
  const [low, high] = xa < xb ? [xa, xb] : [xb, xa];
  const room = reach * Math.abs(per) + reach;
  for (let y = first; y <= last; y++) {
    // Where the line passes the row, but no further than its ends.
    let [from, to] = [low, high];
    if (Number.isFinite(per)) {
      const middle = xa + (y + 0.5 - ya) * per;
      from = Math.min(Math.max(middle - room + reach, low), high);
      to = Math.max(Math.min(middle + room - reach, high), low);
    }
    const left = Math.max(0, Math.floor(from - reach));
    const right = Math.min(width - 1, Math.floor(to + reach));
    if (left <= right) coverRow(y * width, left, right, y + 0.5, line, i, half);
  }
}

/**
 * Cover the pixels of a row from `left` to `right` as far as they are within `half` of a segment.
 * @param {number} row
 * @param {number} left
 * @param {number} right
 * @param {number} middle  of the row
 * @param {number[]} line
 * @param {number} i
 * @param {number} half
 */
function coverRow(row, left, right, middle, line, i, half) {
  const { cover, touched, shades } = ink;
  const xa = line[i];
  const dx = line[i + 3] - xa;
  const dy = line[i + 4] - line[i + 1];
  const length = dx * dx + dy * dy;
  const ry = middle - line[i + 1];
  const [shade, more] = [line[i + 2], line[i + 5] - line[i + 2]];
  for (let x = left; x <= right; x++) {
    const rx = x + 0.5 - xa;
    const along = (rx * dx + ry * dy) / length;
    const t = along < 0 ? 0 : along > 1 ? 1 : along;
    const ex = rx - t * dx;
    const ey = ry - t * dy;
    const away = Math.sqrt(ex * ex + ey * ey);
    const share = Math.min(away + 0.5, half) - Math.max(away - 0.5, -half);
    const weight = (256 * share + 0.5) | 0;
    const before = cover[row + x];
    if (weight <= before) continue;
    if (before === 0) touched[ink.count++] = row + x;
    cover[row + x] = weight;
    shades[row + x] = shade + more * t + 0.5;
  }
}

/**
 * Lay the colours over what is covered, and forget it.
 * @param {Surface} surface
 * @param {Palette} palette
 */
function layInk({ pixels }, { colors, weights }) {
  const { cover, touched, shades, count } = ink;
  const single = colors.length === 1;
  for (let i = 0; i < count; i++) {
    const at = touched[i];
    const shade = single ? 0 : shades[at];
    pixels[at] = over(pixels[at], colors[shade], (cover[at] * weights[shade] + 128) >> 8);
    cover[at] = 0;
  }
  ink.count = 0;
}
