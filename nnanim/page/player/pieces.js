// Pieces: marks of three coordinates taken apart, so that what is nearer can be drawn later.
//
// A mark of points comes apart in its points, lines in their segments, polygons in their faces.
// What crosses a wall between cells is cut there.

import { relief } from "./relief.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./cells.js").Cells} Cells */
/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./network.js").Units} Units */

/**
 * A mark in pieces: where each is, and the mark of some of them, in two coordinates; what is drawn
 * first within a slab has the lower number.
 * @typedef {{middles: Units, drawn: number, mark: (pieces: ArrayLike<number>) => Drawing}} Pieces
 */

export const [FACES, LINES, POINTS] = [0, 1, 2];

/**
 * Return the pieces of a mark, cut by cells; null where it has none.
 * @param {Drawing} drawing
 * @param {Camera} camera
 * @param {Cells | null} cells
 * @returns {Pieces | null}
 */
export function piecesOf(drawing, camera, cells) {
  if (drawing.kind === "heights") return facesOf(relief(drawing), camera, cells);
  if (drawing.at.length < 3 || drawing.at[0].length === 0) return null;
  if (drawing.kind === "points") return pointsOf(drawing, camera);
  if (drawing.kind === "lines") return segmentsOf(drawing, camera, cells);
  return drawing.kind === "polygons" ? facesOf(drawing, camera, cells) : null;
}

/**
 * Return some of a mark's pieces.
 * @param {Pieces} pieces
 * @param {number[]} which
 * @returns {Pieces}
 */
export function someOf({ middles, drawn, mark }, which) {
  return {
    middles: middles.map((column) => Float32Array.from(which, (i) => column[i])),
    drawn,
    mark: (pieces) => mark(Array.from(pieces, (i) => which[i])),
  };
}

/**
 * Return a mark's points; those that are not finite are nowhere.
 * @param {Drawing} drawing
 * @param {Camera} camera
 * @returns {Pieces}
 */
function pointsOf(drawing, camera) {
  const { x, y } = camera.seen(drawing.at);
  const { index, values } = drawing;
  const mark = (/** @type {ArrayLike<number>} */ pieces) => ({
    ...drawing,
    at: [Float32Array.from(pieces, (i) => x[i]), Float32Array.from(pieces, (i) => y[i])],
    index: index && Uint32Array.from(pieces, (i) => index[i]),
    values: values && Float32Array.from(pieces, (i) => values[i]),
    order: pieces,
  });
  return { middles: drawing.at, drawn: POINTS, mark };
}

/**
 * Return a line's segments.
 * @param {Drawing} drawing
 * @param {Camera} camera
 * @param {Cells | null} cells
 * @returns {Pieces}
 */
function segmentsOf(drawing, camera, cells) {
  const { points, begins } = cut(drawing, cells);
  const columns = [0, 1, 2, 3].map((k) => Float32Array.from(points, (point) => point[k]));
  const { x, y } = camera.seen(columns);
  const middles = [0, 1, 2].map((k) => {
    return Float32Array.from(begins, (i) => (columns[k][i] + columns[k][i + 1]) / 2);
  });
  const mark = (/** @type {ArrayLike<number>} */ pieces) => {
    /** @type {number[]} */
    const which = [];
    const starts = [0];
    for (let k = 0; k < pieces.length; k++) {
      const begin = begins[pieces[k]];
      if (which[which.length - 1] !== begin) {
        if (which.length) starts.push(which.length);
        which.push(begin);
      }
      which.push(begin + 1);
    }
    starts.push(which.length);
    const at = [x, y].map((column) => Float32Array.from(which, (i) => column[i]));
    const values = drawing.values && Float32Array.from(which, (i) => columns[3][i]);
    return { ...drawing, at, starts, values };
  };
  return { middles, drawn: LINES, mark };
}

/**
 * Return the points (x, y, z, value) of lines with one more wherever a line goes from one cell to
 * another, and at which of them a segment begins.
 * @param {Drawing} drawing
 * @param {Cells | null} cells
 * @returns {{points: number[][], begins: number[]}}
 */
function cut({ at, starts, values }, cells) {
  const [x, y, z] = at;
  const [points, begins] = [/** @type {number[][]} */ ([]), /** @type {number[]} */ ([])];
  for (let line = 0; line + 1 < starts.length; line++) {
    for (let i = starts[line]; i < starts[line + 1]; i++) {
      const point = [x[i], y[i], z[i], values ? values[i] : 0];
      const before = points[points.length - 1];
      if (i > starts[line] && before.concat(point).every(Number.isFinite)) {
        begins.push(points.length - 1);
        for (const stop of cells?.crossed(before, point) ?? []) {
          begins.push(points.length);
          points.push(stop);
        }
      }
      points.push(point);
    }
  }
  return { points, begins };
}

/**
 * Return the faces of polygons, those that lie in several cells cut at the walls.
 * @param {Drawing} drawing
 * @param {Camera} camera
 * @param {Cells | null} cells
 * @returns {Pieces}
 */
function facesOf(drawing, camera, cells) {
  const { at, starts, source } = cells ? cutFaces(drawing, cells) : { ...drawing, source: null };
  const { x, y } = camera.seen(at);
  const faces = Array.from({ length: starts.length - 1 }, (_, i) => i).filter((i) => {
    return starts[i + 1] - starts[i] > 2 && areFinite(at, starts[i], starts[i + 1]);
  });
  const middles = at.map((column) => {
    return Float32Array.from(faces, (i) => {
      let sum = 0;
      for (let k = starts[i]; k < starts[i + 1]; k++) sum += column[k];
      return sum / (starts[i + 1] - starts[i]);
    });
  });
  const mark = (/** @type {ArrayLike<number>} */ pieces) => {
    const begins = [0];
    for (let k = 0; k < pieces.length; k++) {
      const i = faces[pieces[k]];
      begins.push(begins[k] + starts[i + 1] - starts[i]);
    }
    const count = begins[pieces.length];
    const seen = [new Float32Array(count), new Float32Array(count)];
    for (let k = 0; k < pieces.length; k++) {
      const first = starts[faces[pieces[k]]];
      for (let c = 0; begins[k] + c < begins[k + 1]; c++) {
        seen[0][begins[k] + c] = x[first + c];
        seen[1][begins[k] + c] = y[first + c];
      }
    }
    const { values } = drawing;
    const own = (/** @type {number} */ i) => (source ? source[faces[i]] : faces[i]);
    const shades = values && Float32Array.from(pieces, (i) => values[own(i)]);
    /** @type {Drawing} */
    const found = { ...drawing, kind: "polygons", at: seen, starts: begins, values: shades };
    return found;
  };
  return { middles, drawn: FACES, mark };
}

/**
 * Return whether points from one to another are.
 * @param {Units} at
 * @param {number} first
 * @param {number} last
 * @returns {boolean}
 */
function areFinite([x, y, z], first, last) {
  for (let k = first; k < last; k++) if (!Number.isFinite(x[k] + y[k] + z[k])) return false;
  return true;
}

/**
 * Return polygons with those that lie in several cells cut at the walls, and which each was.
 * @param {Drawing} drawing
 * @param {Cells} cells
 * @returns {{at: Units, starts: number[], source: number[]}}
 */
function cutFaces({ at, starts }, cells) {
  const [x, y, z] = at;
  const own = cells.winners(at);
  /** @typedef {{face: number[][], source: number}} Part */
  const [whole, parts] = [/** @type {Part[]} */ ([]), /** @type {Part[]} */ ([])];
  for (let i = 0; i + 1 < starts.length; i++) {
    const face = [];
    for (let k = starts[i]; k < starts[i + 1]; k++) face.push([x[k], y[k], z[k]]);
    if (own.subarray(starts[i], starts[i + 1]).every((cell) => cell === own[starts[i]])) {
      whole.push({ face, source: i });
    } else if (areFinite(at, starts[i], starts[i + 1])) {
      parts.push(...cells.parted(face).map((part) => ({ face: part, source: i })));
    }
  }
  const all = [...whole, ...parts];
  const corners = all.flatMap(({ face }) => face);
  const begins = [0];
  for (const { face } of all) begins.push(begins[begins.length - 1] + face.length);
  return {
    at: [0, 1, 2].map((k) => Float32Array.from(corners, (corner) => corner[k])),
    starts: begins,
    source: all.map(({ source }) => source),
  };
}
