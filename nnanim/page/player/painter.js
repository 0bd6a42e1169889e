// Painter: marks of three coordinates, seen by a camera, become marks of two, back to front, as
// `nnanim.drawing.painter` makes them.
//
// Pieces are sorted by depth and gathered in slabs; within a slab faces come first, then lines,
// then points. Cells part space: they are drawn one after the other, what lies in a wall just
// before the nearer of its two.

import { Cells } from "./cells.js";
import { FACES, LINES, POINTS, piecesOf, someOf } from "./pieces.js";
import { latticeOf, unhidden } from "./relief.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./network.js").Units} Units */
/** @typedef {import("./pieces.js").Pieces} Pieces */

/** @typedef {(middles: Units) => Float32Array} Nearness  from 0, the furthest, to 1 */

const SLABS = 8;
const LEVELS = 1 << 16; // of depth, in all cells together
const LEAST_POINTS = 512; // points of a slab: so many are drawn at once in less time than one by one

/**
 * The cells that part a panel's space, null where nothing does: how many are further than each, and
 * how many levels of depth each has.
 * @typedef {{cells: Cells | null, ranks: number[], count: number, deep: number}} Parts
 */

/** @typedef {{level: number, drawing: Drawing}} Slab */

/**
 * Return marks of two coordinates, back to front, of marks of three.
 * @param {Drawing[]} drawings
 * @param {Camera} camera
 * @returns {Drawing[]}
 */
export function flattened(drawings, camera) {
  const parts = partsOf(drawings, camera);
  const field = drawings.find(({ kind }) => kind === "heights");
  const found = drawings
    .map((drawing) => piecesOf(drawing, camera, parts.cells))
    .filter((pieces) => pieces !== null)
    .map((pieces) => (field && pieces.drawn !== FACES ? seenOver(pieces, field, camera) : pieces))
    .sort((one, other) => one.drawn - other.drawn);
  const { under, over, slabs } = field
    ? cellByCell(field, camera)
    : { under: nearnessTo(camera), over: nearnessTo(camera), slabs: SLABS };
  const levels = found.map(({ middles, drawn }) =>
    levelsOf(middles, drawn === FACES ? under : over, parts),
  );
  const edges = edgesOf(found, levels, slabs, parts);
  return [
    ...found.flatMap((pieces, k) => slabsOf(pieces, levels[k], edges)),
    ...wallsOf(parts, camera),
  ]
    .sort((one, other) => one.level - other.level)
    .map(({ drawing }) => drawing);
}

/**
 * Return what parts the space of a panel.
 * @param {Drawing[]} drawings
 * @param {Camera} camera
 * @returns {Parts}
 */
function partsOf(drawings, camera) {
  const found =
    drawings.find(({ kind }) => kind === "plane") ?? drawings.find(({ kind }) => kind === "cells");
  if (!found) return { cells: null, ranks: [0], count: 2, deep: LEVELS / 2 };
  const cells = Cells.of(found);
  const ranks = cells.ranks(camera.place());
  const count = Math.max(2, ranks.length);
  return { cells, ranks, count, deep: Math.floor(LEVELS / count) };
}

/**
 * Return those pieces that a surface does not hide.
 * @param {Pieces} pieces
 * @param {Drawing} field
 * @param {Camera} camera
 * @returns {Pieces}
 */
function seenOver(pieces, field, camera) {
  return someOf(pieces, unhidden(field, camera.place(), pieces.middles));
}

/**
 * Return what lies in the walls between cells, each just before the nearer of the two.
 * @param {Parts} parts
 * @param {Camera} camera
 * @returns {Slab[]}
 */
function wallsOf({ cells, ranks, deep }, camera) {
  if (!cells) return [];
  return cells.walls.flatMap((wall) => {
    const pieces = piecesOf(wall, camera, null);
    if (!pieces) return [];
    const [x, y, z] = pieces.middles;
    /** @type {Map<number, number[]>} */
    const nearer = new Map();
    for (let i = 0; i < x.length; i++) {
      const rank = Math.max(...cells.neighbours([x[i], y[i], z[i]]).map((k) => ranks[k]));
      nearer.set(rank, [...(nearer.get(rank) ?? []), i]);
    }
    return [...nearer].map(([rank, which]) => ({
      level: rank * deep - 0.5,
      drawing: pieces.mark(which),
    }));
  });
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
 * Return how near faces are by steps over a field's cells, how near what lies over them is, and how
 * many slabs that makes.
 * @param {Drawing} field
 * @param {Camera} camera
 * @returns {{under: Nearness, over: Nearness, slabs: number}}
 */
function cellByCell(field, camera) {
  const { columns, rows, column, row } = latticeOf(field);
  const [a, b] = camera.place();
  const cell = (
    /** @type {number} */ at,
    /** @type {number} */ least,
    /** @type {number} */ most,
  ) => Math.min(Math.max(Math.floor(at), least), most);
  const own = [cell(column(a), -1, columns), cell(row(b), -1, rows)];
  const slabs = 2 * (columns + rows + 1);
  const nearer = (/** @type {number} */ at, /** @type {number} */ to) =>
    at + 1e-6 * Math.sign(to - at);
  // Half a step on, so that each step has a slab of its own however it is rounded.
  /** @type {Nearness} */
  const under = ([x, y]) =>
    x.map((value, i) => {
      const across = Math.abs(cell(nearer(column(value), own[0]), 0, columns - 1) - own[0]);
      const along = Math.abs(cell(nearer(row(y[i]), own[1]), 0, rows - 1) - own[1]);
      return 0.5 - (across + along + 0.5) / slabs;
    });
  return { under, over: (middles) => under(middles).map((near) => near + 0.5), slabs };
}

/**
 * Return the level of each piece, rising towards the eye, cell by cell.
 * @param {Units} middles
 * @param {Nearness} nearness
 * @param {Parts} parts
 * @returns {Uint16Array}
 */
function levelsOf(middles, nearness, { cells, ranks, deep }) {
  const levels = Uint16Array.from(nearness(middles), (near) => (near || 0) * (deep - 1));
  if (!cells) return levels;
  const own = cells.winners(middles);
  return levels.map((level, i) => level + ranks[own[i]] * deep);
}

/**
 * Return the level at which each slab begins, in all cells.
 *
 * Faces hide what is behind them: with them, slabs are evenly deep. Else each has many points.
 * @param {Pieces[]} found
 * @param {Uint16Array[]} levels
 * @param {number} slabs
 * @param {Parts} parts
 * @returns {number[]}
 */
function edgesOf(found, levels, slabs, { count, deep }) {
  const solid = found.some(({ drawn }) => drawn === FACES);
  const points = levels.filter((_, k) => found[k].drawn === POINTS);
  return Array.from({ length: count }, (_, rank) => rank * deep).flatMap((start, rank) => {
    if (solid) {
      return Array.from({ length: slabs }, (_, k) => start + Math.floor((k * deep) / slabs));
    }
    const end = rank === count - 1 ? LEVELS : start + deep;
    const own = points.flatMap((each) => {
      return Array.from(each.filter((level) => level >= start && level < end));
    });
    own.sort((one, other) => one - other);
    const some = Math.min(Math.max(Math.floor(own.length / LEAST_POINTS), 1), slabs);
    return Array.from({ length: some }, (_, k) =>
      k === 0 ? start : own[Math.floor((k * own.length) / some)],
    );
  });
}

/**
 * Return a mark for each slab that holds any pieces, with the level where it begins.
 * @param {Pieces} pieces
 * @param {Uint16Array} levels
 * @param {number[]} edges
 * @returns {Slab[]}
 */
function slabsOf(pieces, levels, edges) {
  const order = pieces.drawn === LINES ? null : ordered(levels);
  /** @type {number[][]} */
  const slabs = edges.map(() => []);
  const slabOf = new Uint16Array(LEVELS);
  edges.forEach((edge, k) => slabOf.fill(k, edge, edges[k + 1]));
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
  const ends = new Uint32Array(LEVELS + 1);
  for (const level of levels) ends[level + 1]++;
  for (let level = 0; level < LEVELS; level++) ends[level + 1] += ends[level];
  const order = new Uint32Array(levels.length);
  for (let i = 0; i < levels.length; i++) order[ends[levels[i]]++] = i;
  return order;
}
