// Painter: marks of three coordinates, seen by a camera, become marks of two, back to front, as
// `nnanim.drawing.painter` makes them.
//
// Pieces are sorted by depth and gathered in slabs; within a slab faces come first, then lines,
// then points. A plane parts space: the half beyond it, what lies in it, the half before it.

import { FACES, LINES, POINTS, piecesOf, sideOf } from "./pieces.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./network.js").Units} Units */
/** @typedef {import("./pieces.js").Parting} Parting */
/** @typedef {import("./pieces.js").Pieces} Pieces */

/** @typedef {(middles: Units) => Float32Array} Nearness  from 0, the furthest, to 1 */

const SLABS = 8;
const LEVELS = 1 << 15; // of depth, on each side of a plane
const LEAST_POINTS = 512; // points of a slab: so many are drawn at once in less time than one by one

/**
 * Return marks of two coordinates, back to front, of marks of three.
 * @param {Drawing[]} drawings
 * @param {Camera} camera
 * @param {number} [slabs]
 * @returns {Drawing[]}
 */
export function flattened(drawings, camera, slabs = SLABS) {
  const parting = drawings.find(({ kind }) => kind === "plane");
  const plane = parting
    ? { normal: parting.at.map((column) => column[0]), offset: parting.offset }
    : null;
  const field = drawings.find(({ kind }) => kind === "heights");
  const { nearness, count } = field
    ? cellByCell(field, camera)
    : { nearness: nearnessTo(camera), count: slabs };
  const found = drawings
    .map((drawing) => piecesOf(drawing, camera, plane))
    .filter((pieces) => pieces !== null)
    .sort((one, other) => one.drawn - other.drawn);
  const levels = found.map(({ middles }) => levelsOf(middles, nearness, camera, plane));
  const edges = edgesOf(found, levels, count);
  const drawn = found
    .flatMap((pieces, k) => slabsOf(pieces, levels[k], edges))
    .sort((one, other) => one.level - other.level);
  const half = (/** @type {boolean} */ before) =>
    drawn.filter(({ level }) => level >= LEVELS === before).map(({ drawing }) => drawing);
  const inside = parting ? flattened(parting.marks, camera, 1) : [];
  return [...half(false), ...inside, ...half(true)];
}

/**
 * Return what tells how near things are to a camera.
 * @param {Camera} camera
 * @returns {Nearness}
 */
function nearnessTo(camera) {
  return (middles) => camera.seen(middles).depth.map((depth) => camera.nearness(depth));
}

/**
 * Return how near things are by steps over a field's cells, and how many slabs that makes.
 * @param {Drawing} field
 * @param {Camera} camera
 * @returns {{nearness: Nearness, count: number}}
 */
function cellByCell({ extent, rows, values }, camera) {
  const counts = [(values ? values.length / rows : 1) - 1, rows - 1];
  const low = [extent[0], extent[2]];
  const span = [extent[1] - extent[0], extent[3] - extent[2]];
  const eye = camera.place();
  const cell = (/** @type {number} */ value, /** @type {number} */ k) =>
    ((value - low[k]) / span[k]) * counts[k];
  const own = [0, 1].map((k) => Math.min(Math.max(Math.floor(cell(eye[k], k)), -1), counts[k]));
  const count = counts[0] + counts[1] + 1;
  const steps = (/** @type {number} */ value, /** @type {number} */ k) => {
    const at = cell(value, k);
    const nearer = Math.floor(at + 1e-6 * Math.sign(own[k] - at));
    return Math.abs(Math.min(Math.max(nearer, 0), counts[k] - 1) - own[k]);
  };
  // Half a step on, so that each step has a slab of its own however it is rounded.
  /** @type {Nearness} */
  const nearness = ([x, y]) =>
    x.map((value, i) => 1 - (steps(value, 0) + steps(y[i], 1) + 0.5) / count);
  return { nearness, count };
}

/**
 * Return the level of each piece: up to LEVELS beyond the plane, from there before it.
 * @param {Units} middles
 * @param {Nearness} nearness
 * @param {Camera} camera
 * @param {Parting | null} plane
 * @returns {Uint16Array}
 */
function levelsOf(middles, nearness, camera, plane) {
  const levels = Uint16Array.from(nearness(middles), (near) => (near || 0) * (LEVELS - 1));
  if (!plane) return levels;
  const [x, y, z] = middles;
  const [a, b, c] = camera.place();
  const eye = sideOf(plane, a, b, c) > 0;
  return levels.map((level, i) => {
    return level + (sideOf(plane, x[i], y[i], z[i]) > 0 === eye ? LEVELS : 0);
  });
}

/**
 * Return the level at which each slab begins, on both sides of the plane.
 *
 * Faces hide what is behind them: with them, slabs are evenly deep. Else each has many points.
 * @param {Pieces[]} found
 * @param {Uint16Array[]} levels
 * @param {number} slabs
 * @returns {number[]}
 */
function edgesOf(found, levels, slabs) {
  const solid = found.some(({ drawn }) => drawn === FACES);
  return [0, LEVELS].flatMap((start) => {
    if (solid)
      return Array.from({ length: slabs }, (_, k) => start + Math.floor((k * LEVELS) / slabs));
    const points = levels.filter((_, k) => found[k].drawn === POINTS);
    const half = points.flatMap((each) => {
      return Array.from(each.filter((level) => level >= LEVELS === (start === LEVELS)));
    });
    half.sort((one, other) => one - other);
    const count = Math.min(Math.max(Math.floor(half.length / LEAST_POINTS), 1), slabs);
    return Array.from({ length: count }, (_, k) =>
      k === 0 ? start : half[Math.floor((k * half.length) / count)],
    );
  });
}

/**
 * Return a mark for each slab that holds any pieces, with the level where it begins.
 * @param {Pieces} pieces
 * @param {Uint16Array} levels
 * @param {number[]} edges
 * @returns {{level: number, drawing: Drawing}[]}
 */
function slabsOf(pieces, levels, edges) {
  const order = pieces.drawn === LINES ? null : ordered(levels);
  /** @type {number[][]} */
  const slabs = edges.map(() => []);
  const slabOf = new Uint16Array(2 * LEVELS);
  edges.forEach((edge, k) => slabOf.fill(k, edge));
  for (let k = 0; k < levels.length; k++) {
    const piece = order ? order[k] : k; // lines stay in one piece as far as they can
    slabs[slabOf[levels[piece]]].push(piece);
  }
  return edges
    .map((level, k) => ({ level, drawing: slabs[k].length ? pieces.mark(slabs[k]) : null }))
    .filter((slab) => slab.drawing !== null)
    .map(({ level, drawing }) => ({ level, drawing: /** @type {Drawing} */ (drawing) }));
}

/**
 * Return the order of pieces by their levels, those alike as they came.
 * @param {Uint16Array} levels
 * @returns {Uint32Array}
 */
function ordered(levels) {
  const ends = new Uint32Array((1 << 16) + 1);
  for (const level of levels) ends[level + 1]++;
  for (let level = 0; level < 1 << 16; level++) ends[level + 1] += ends[level];
  const order = new Uint32Array(levels.length);
  for (let i = 0; i < levels.length; i++) order[ends[levels[i]]++] = i;
  return order;
}
