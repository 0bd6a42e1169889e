// Field: numbers on a lattice drawn as a picture, each pixel bicubic between the nearest cells.

import { over } from "./blend.js";

/** @typedef {import("./blend.js").Surface} Surface */
/** @typedef {import("./strokes.js").Palette} Palette */

/**
 * How pixels are mixed of cells: the first cell and the weights of each.
 * @typedef {{begin: Int32Array, weights: Float32Array, taps: number, cells: number}} Resampling
 */

/** What a field is widened into, and one row of pixels: kept, as most fields are of one size. */
const lines = { wide: new Float32Array(0), line: new Float32Array(0) };

/**
 * Return the whole pixels [from, to) below `size` that an image reaches; null for none.
 * @param {number} start
 * @param {number} end
 * @param {number} size
 * @returns {[number, number] | null}
 */
export function reached(start, end, size) {
  if (!Number.isFinite(start) || !Number.isFinite(end)) return null;
  const bounded = (/** @type {number} */ v) => Math.round(Math.min(Math.max(v, 0), size));
  const [low, high] = start < end ? [start, end] : [end, start];
  return bounded(low) < bounded(high) ? [bounded(low), bounded(high)] : null;
}

/**
 * Return how pixels [first, last) are mixed of `cells` that lie from `start` to `end`.
 *
 * Bicubic interpolation (Keys 1981, a = -1/2), widened where a cell is smaller than a pixel; cells
 * beyond the ends are left out.
 * @param {number} cells
 * @param {number} start
 * @param {number} end
 * @param {number} first
 * @param {number} last
 * @returns {Resampling}
 */
export function resampling(cells, start, end, first, last) {
  const perPixel = cells / (end - start);
  const wide = Math.max(1, Math.abs(perPixel));
  const taps = Math.min(2 * Math.ceil(2 * wide), cells);
  const begin = new Int32Array(last - first);
  const weights = new Float32Array(begin.length * taps);
  for (let i = 0; i < begin.length; i++) {
    const at = (first + i + 0.5 - start) * perPixel - 0.5;
    begin[i] = Math.min(Math.max(Math.ceil(at - 2 * wide), 0), cells - taps);
    let total = 0;
    for (let k = 0; k < taps; k++) {
      const weight = keys(Math.abs(begin[i] + k - at) / wide);
      weights[i * taps + k] = weight;
      total += weight;
    }
    for (let k = 0; k < taps; k++) weights[i * taps + k] /= total;
  }
  return { begin, weights, taps, cells };
}

/**
 * Return the weight of a cell so far away, in cells.
 * @param {number} away
 * @returns {number}
 */
function keys(away) {
  if (away < 1) return (1.5 * away - 2.5) * away * away + 1;
  return away < 2 ? ((-0.5 * away + 2.5) * away - 4) * away + 2 : 0;
}

/**
 * Draw a field of shades in [0, 255], row after row, its corner at pixel (left, top).
 * @param {Surface} surface
 * @param {number} left
 * @param {number} top
 * @param {Float32Array} field
 * @param {Resampling} rows
 * @param {Resampling} columns
 * @param {Palette} palette
 */
export function drawField(surface, left, top, field, rows, columns, palette) {
  const width = columns.begin.length;
  const wide = widened(field, columns);
  if (lines.line.length !== width) lines.line = new Float32Array(width);
  const { line } = lines;
  const { pixels } = surface;
  // Most of it lies on the panel's ground: what each shade gives there is worked out once.
  const ground = pixels[top * surface.width + left];
  const onGround = palette.colors.map((color, k) => over(ground, color, palette.weights[k]));
  for (let y = 0; y < rows.begin.length; y++) {
    mixRows(wide, rows, y, line);
    let at = (top + y) * surface.width + left;
    for (let x = 0; x < width; x++, at++) {
      const shade = line[x] > 0 ? (line[x] < 255 ? line[x] | 0 : 255) : 0;
      const under = pixels[at];
      pixels[at] =
        under === ground
          ? onGround[shade]
          : over(under, palette.colors[shade], palette.weights[shade]);
    }
  }
}

/**
 * Set a line to half a shade and the rows of a pixel, as much of each as their weights say.
 * @param {Float32Array} wide
 * @param {Resampling} rows
 * @param {number} y
 * @param {Float32Array} line
 */
function mixRows(wide, { begin, weights, taps }, y, line) {
  const width = line.length;
  line.fill(0.5);
  for (let k = 0; k < taps; k++) {
    const weight = weights[y * taps + k];
    const source = (begin[y] + k) * width;
    for (let x = 0; x < width; x++) line[x] += weight * wide[source + x];
  }
}

/**
 * Return a field with its columns resampled.
 * @param {Float32Array} field
 * @param {Resampling} columns
 * @returns {Float32Array}
 */
function widened(field, { begin, weights, taps, cells }) {
  const width = begin.length;
  const rows = field.length / cells;
  if (lines.wide.length < width * rows) lines.wide = new Float32Array(width * rows);
  const { wide } = lines;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const first = y * cells + begin[x];
      let value = 0;
      for (let k = 0; k < taps; k++) value += weights[x * taps + k] * field[first + k];
      wide[y * width + x] = value;
    }
  }
  return wide;
}
