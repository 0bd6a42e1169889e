// Points: many of one shape stamped from a table of sprites, one for each of 64 × 64 positions
// within a pixel; few, or large ones, each filled exactly where it is.

import { covered, fill } from "./area.js";
import { over, weightOf } from "./blend.js";

/** @typedef {import("./blend.js").Surface} Surface */
/** @typedef {"disc" | "square" | "triangle" | "cross"} Shape */

/**
 * How a panel's coordinates lie in pixels: scale and shift of x, of y.
 * @typedef {[number, number, number, number]} Mapping
 */

/**
 * Points and what colour each has: `index` picks of `colors`, absent for the first.
 * @typedef {{x: Float32Array, y: Float32Array, colors: Uint32Array,
 *   index: ArrayLike<number> | null}} Scattered
 */

const PHASES = 64;
const MANY = 256; // from so many points on, making a table of sprites pays
const SMALL = 7; // pixels: the largest reach of a point for which the table is small
const POINT_FAR = 1e7; // pixels: what is further away is not drawn
const CORNERS = 64; // of a disc

/**
 * Return the outline of a point about its middle, x and y of each corner; a disc is a polygon of
 * its area.
 * @param {Shape} shape
 * @param {number} radius  in pixels
 * @returns {Float64Array}
 */
export function outlineOf(shape, radius) {
  if (shape === "disc") {
    const step = (2 * Math.PI) / CORNERS;
    const grown = radius * Math.sqrt(step / Math.sin(step));
    const at = (/** @type {number} */ k) => (k % 2 ? Math.sin : Math.cos)((k >> 1) * step);
    return Float64Array.from({ length: 2 * CORNERS }, (_, k) => grown * at(k));
  }
  const [a, b] = [0.36, 1.15];
  const arm = [0, -a, b - a, -b, b, a - b, a, 0, b, b - a, b - a, b];
  const rings = {
    square: [-1, -1, 1, -1, 1, 1, -1, 1].map((side) => 0.89 * side),
    triangle: [0, -1, 0.87, 0.5, -0.87, 0.5].map((side) => 1.35 * side),
    cross: [...arm, ...arm.map((side) => -side)],
  };
  return Float64Array.from(rings[shape], (side) => radius * side);
}

/**
 * The sprites of one shape for surfaces of one width, made as they are asked for.
 *
 * Of each, `ends` says where in `cells` its wholly covered pixels end, and where the others do. A
 * whole one is its offset from the sprite's corner, another one its offset · 512 and its weight.
 */
class Sprites {
  /**
   * @param {Float64Array} ring
   * @param {number} alpha
   * @param {number} width  of the surface
   */
  constructor(ring, alpha, width) {
    this.ring = ring;
    this.alpha = alpha;
    this.width = width;
    this.reach = reachOf(ring);
    this.side = Math.ceil(2 * this.reach + 1);
    this.room = this.side * this.side;
    this.cells = new Int32Array(PHASES * PHASES * this.room);
    this.ends = new Uint16Array(2 * PHASES * PHASES);
    this.outline = new Float64Array(ring.length);
  }

  /**
   * Make the sprite of a position within a pixel.
   * @param {number} phase
   */
  make(phase) {
    const { ring, outline, side, reach, width, cells } = this;
    const x = reach + ((phase % PHASES) + 0.5) / PHASES;
    const y = reach + (Math.floor(phase / PHASES) + 0.5) / PHASES;
    for (let i = 0; i < ring.length; i += 2) {
      outline[i] = ring[i] + x;
      outline[i + 1] = ring[i + 1] + y;
    }
    const weights = weightsOf(outline, side, this.alpha);
    let at = phase * this.room;
    const add = (/** @type {boolean} */ whole) => {
      weights.forEach((weight, k) => {
        const offset = Math.floor(k / side) * width + (k % side);
        if (weight === 256 && whole) cells[at++] = offset;
        else if (weight < 256 && weight > 0 && !whole) cells[at++] = (offset << 9) | weight;
      });
      return at - phase * this.room;
    };
    this.ends[2 * phase] = add(true);
    this.ends[2 * phase + 1] = add(false);
  }
}

/**
 * Return the weight of each pixel of a square under an outline.
 * @param {Float64Array} outline
 * @param {number} side
 * @param {number} alpha
 * @returns {Uint16Array}
 */
function weightsOf(outline, side, alpha) {
  const weights = new Uint16Array(side * side);
  const found = covered(outline, outline.length, side, side);
  if (!found) return weights;
  for (let y = 0; y < found.height; y++) {
    for (let x = 0; x < found.width; x++) {
      const weight = weightOf(alpha * found.cover[y * (found.width + 2) + x]);
      weights[(found.top + y) * side + found.left + x] = weight;
    }
  }
  return weights;
}

/**
 * Return how far an outline reaches from its middle.
 * @param {Float64Array} ring
 * @returns {number}
 */
function reachOf(ring) {
  return ring.reduce((most, side) => Math.max(most, Math.abs(side)), 0);
}

/** @type {Map<string, Sprites>} */
const known = new Map();

/**
 * Return the sprites of a shape, kept from the last time.
 * @param {string} shape
 * @param {Float64Array} ring
 * @param {number} alpha
 * @param {number} width
 * @returns {Sprites}
 */
function spritesOf(shape, ring, alpha, width) {
  const key = `${shape} ${ring[0]} ${alpha} ${width}`;
  const found = known.get(key) ?? new Sprites(ring, alpha, width);
  if (!known.has(key) && known.size >= 16) known.clear(); // as after many changes of width
  known.set(key, found);
  return found;
}

/**
 * Draw points of one shape.
 * @param {Surface} surface
 * @param {Scattered} points
 * @param {Mapping} mapping
 * @param {Shape} shape
 * @param {number} radius  in pixels
 * @param {number} alpha
 */
export function drawPoints(surface, points, mapping, shape, radius, alpha) {
  const ring = outlineOf(shape, radius);
  if (points.x.length >= MANY && reachOf(ring) <= SMALL) {
    stamp(surface, points, mapping, spritesOf(shape, ring, alpha, surface.width));
  } else {
    scatter(surface, points, mapping, ring, alpha);
  }
}

/**
 * Draw a shape at each point, exactly where it is.
 * @param {Surface} surface
 * @param {Scattered} points
 * @param {Mapping} mapping
 * @param {Float64Array} ring
 * @param {number} alpha
 */
function scatter(surface, { x, y, colors, index }, [sx, tx, sy, ty], ring, alpha) {
  const outline = new Float64Array(ring.length);
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [sx * x[i] + tx, sy * y[i] + ty];
    if (!(Math.abs(px) < POINT_FAR && Math.abs(py) < POINT_FAR)) continue;
    for (let k = 0; k < ring.length; k += 2) {
      outline[k] = ring[k] + px;
      outline[k + 1] = ring[k + 1] + py;
    }
    fill(surface, outline, ring.length, colors[index ? index[i] : 0], alpha);
  }
}

/**
 * Draw a sprite at each point.
 * @param {Surface} surface
 * @param {Scattered} points
 * @param {Mapping} mapping
 * @param {Sprites} sprites
 */
function stamp(surface, { x, y, colors, index }, [sx, tx, sy, ty], sprites) {
  const { width, height, pixels } = surface;
  const { reach, side, ends } = sprites;
  for (let i = 0; i < x.length; i++) {
    const px = (sx * x[i] + tx - reach) * PHASES;
    const py = (sy * y[i] + ty - reach) * PHASES;
    if (!(Math.abs(px) < POINT_FAR && Math.abs(py) < POINT_FAR)) continue;
    const wholeX = Math.floor(px);
    const wholeY = Math.floor(py);
    const left = wholeX >> 6;
    const top = wholeY >> 6;
    const phase = (wholeY & 63) * PHASES + (wholeX & 63);
    if (ends[2 * phase + 1] === 0) sprites.make(phase);
    const color = colors[index ? index[i] : 0];
    const inside = left >= 0 && top >= 0 && left + side <= width && top + side <= height;
    if (inside) lay(pixels, top * width + left, sprites, phase, color);
    else layPart(surface, left, top, sprites, phase, color);
  }
}

/**
 * Lay a sprite that is wholly inside.
 * @param {Uint32Array} pixels
 * @param {number} at  its first pixel
 * @param {Sprites} sprites
 * @param {number} phase
 * @param {number} color
 */
function lay(pixels, at, { cells, ends, room }, phase, color) {
  let k = phase * room;
  const whole = k + ends[2 * phase];
  const end = k + ends[2 * phase + 1];
  for (; k < whole; k++) pixels[at + cells[k]] = color;
  for (; k < end; k++) {
    const cell = cells[k];
    const pixel = at + (cell >> 9);
    pixels[pixel] = over(pixels[pixel], color, cell & 511);
  }
}

/**
 * Lay what of a sprite is inside.
 * @param {Surface} surface
 * @param {number} left
 * @param {number} top
 * @param {Sprites} sprites
 * @param {number} phase
 * @param {number} color
 */
function layPart({ pixels, width, height }, left, top, { cells, ends, room }, phase, color) {
  for (let k = 0; k < ends[2 * phase + 1]; k++) {
    const whole = k < ends[2 * phase];
    const cell = cells[phase * room + k];
    const offset = whole ? cell : cell >> 9;
    const y = top + Math.floor(offset / width);
    const x = left + (offset % width);
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    pixels[y * width + x] = over(pixels[y * width + x], color, whole ? 256 : cell & 511);
  }
}
