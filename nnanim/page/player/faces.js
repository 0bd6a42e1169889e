// Faces: many polygons that make up surfaces, each of its own colour, drawn in one go.
//
// They are laid from the front to the back, and the parts that a pixel is covered by are added up
// until it is covered once; only then does a new layer begin, behind the first. So two that share
// an edge show no seam there.

import { covered } from "./area.js";
import { over, packed } from "./blend.js";

/** @typedef {import("./blend.js").Surface} Surface */
/** @typedef {import("./points.js").Mapping} Mapping */

/**
 * Polygons one after the other: polygon i has the corners from `starts[i]` to `starts[i + 1]`, and
 * red, green, blue and alpha in [0, 1].
 * @typedef {{x: Float32Array, y: Float32Array, starts: ArrayLike<number>,
 *   rgba: Float32Array}} Faces
 */

// Of a pixel: red, green, blue, coverage and alpha of the open layer, alpha of the closed ones.
const LANES = 6;
const COVERED = 0.999; // of a pixel: a layer that covers so much is closed

let layers = new Float32Array(0);

/**
 * Fill polygons, given from back to front; one with a corner that is not finite is left out.
 * @param {Surface} surface
 * @param {Faces} faces
 * @param {Mapping} mapping
 */
export function fillFaces(surface, faces, mapping) {
  const size = surface.pixels.length * LANES;
  if (layers.length < size) layers = new Float32Array(size);
  const { starts, rgba } = faces;
  const room = { left: surface.width, top: surface.height, right: 0, bottom: 0 };
  for (let i = starts.length - 2; i >= 0; i--) {
    const outline = cornersOf(faces, i, mapping);
    if (outline.length < 6 || !outline.every(Number.isFinite)) continue;
    const found = covered(outline, outline.length, surface.width, surface.height);
    if (!found) continue;
    room.left = Math.min(room.left, found.left);
    room.right = Math.max(room.right, found.left + found.width);
    room.top = Math.min(room.top, found.top);
    room.bottom = Math.max(room.bottom, found.top + found.height);
    for (let y = 0; y < found.height; y++) {
      const at = (found.top + y) * surface.width + found.left;
      const row = y * (found.width + 2);
      for (let x = 0; x < found.width; x++) {
        const share = found.cover[row + x];
        if (share > 0) addShare((at + x) * LANES, rgba, 4 * i, share);
      }
    }
  }
  for (let y = room.top; y < room.bottom; y++) {
    resolve(surface, y * surface.width + room.left, y * surface.width + room.right);
  }
}

/**
 * Return the corners of a polygon in pixels, x and y of each.
 * @param {Faces} faces
 * @param {number} i
 * @param {Mapping} mapping
 * @returns {Float64Array}
 */
export function cornersOf({ x, y, starts }, i, [sx, tx, sy, ty]) {
  const first = starts[i];
  const outline = new Float64Array(2 * (starts[i + 1] - first));
  for (let k = 0; k < outline.length; k += 2) {
    outline[k] = sx * x[first + k / 2] + tx;
    outline[k + 1] = sy * y[first + k / 2] + ty;
  }
  return outline;
}

/**
 * Lay a colour behind what a pixel already has, through a coverage.
 * @param {number} at  of the pixel's lanes
 * @param {Float32Array} rgba
 * @param {number} color  where it begins
 * @param {number} share
 */
function addShare(at, rgba, color, share) {
  const alpha = rgba[color + 3];
  while (share > 0 && layers[at + 5] < COVERED) {
    const part = Math.min(share, 1 - layers[at + 3]);
    const weight = (1 - layers[at + 5]) * alpha * part;
    layers[at] += weight * rgba[color];
    layers[at + 1] += weight * rgba[color + 1];
    layers[at + 2] += weight * rgba[color + 2];
    layers[at + 3] += part;
    layers[at + 4] += alpha * part;
    share -= part;
    if (layers[at + 3] >= COVERED) {
      layers[at + 5] = 1 - (1 - layers[at + 5]) * (1 - Math.min(layers[at + 4], 1));
      layers[at + 3] = layers[at + 4] = 0;
    }
  }
}

/**
 * Lay what the faces gave over the pixels from one to another, and forget it.
 * @param {Surface} surface
 * @param {number} first
 * @param {number} last
 */
function resolve({ pixels }, first, last) {
  for (let pixel = first; pixel < last; pixel++) {
    const at = pixel * LANES;
    const alpha = 1 - (1 - layers[at + 5]) * (1 - layers[at + 4]);
    if (alpha <= 0) continue;
    const color = packed(level(at, alpha), level(at + 1, alpha), level(at + 2, alpha));
    pixels[pixel] = over(pixels[pixel], color, (Math.min(alpha, 1) * 256 + 0.5) | 0);
    for (let k = at; k < at + LANES; k++) layers[k] = 0;
  }
}

/**
 * Return a colour's byte, of what was laid in a lane.
 * @param {number} lane
 * @param {number} alpha
 * @returns {number}
 */
function level(lane, alpha) {
  return (Math.min(layers[lane] / alpha, 1) * 255 + 0.5) | 0;
}
