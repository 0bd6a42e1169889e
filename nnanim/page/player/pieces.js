// Pieces: marks of three coordinates taken apart, so that what is nearer can be drawn later.
//
// A mark of points comes apart in its points, lines in their segments, polygons in their faces.
// What crosses a plane is cut there.

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./network.js").Units} Units */

/** @typedef {{normal: number[], offset: number}} Parting */

/**
 * A mark in pieces: where each is, and the mark of some of them, in two coordinates; what is drawn
 * first within a slab has the lower number.
 * @typedef {{middles: Units, drawn: number, mark: (pieces: ArrayLike<number>) => Drawing}} Pieces
 */

export const [FACES, LINES, POINTS] = [0, 1, 2];

const OVERLAP = 1.06; // how much larger faces are drawn, or what is behind would show between them

/**
 * Return the pieces of a mark, cut by a plane; null where it has none.
 * @param {Drawing} drawing
 * @param {Camera} camera
 * @param {Parting | null} plane
 * @returns {Pieces | null}
 */
export function piecesOf(drawing, camera, plane) {
  if (drawing.kind === "heights") return facesOf(relief(drawing), camera, plane);
  if (drawing.at.length < 3 || drawing.at[0].length === 0) return null;
  if (drawing.kind === "points") return pointsOf(drawing, camera);
  if (drawing.kind === "lines") return segmentsOf(drawing, camera, plane);
  return drawing.kind === "polygons" ? facesOf(drawing, camera, plane) : null;
}

/**
 * Return how far a place is beyond a plane, in units of its normal.
 * @param {Parting} plane
 * @param {number} x
 * @param {number} y
 * @param {number} z
 * @returns {number}
 */
export function sideOf({ normal, offset }, x, y, z) {
  return normal[0] * x + normal[1] * y + normal[2] * z - offset;
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
 * @param {Parting | null} plane
 * @returns {Pieces}
 */
function segmentsOf(drawing, camera, plane) {
  const { points, begins } = cut(drawing, plane);
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
 * Return the points (x, y, z, value) of lines with one more wherever a line crosses the plane, and
 * at which of them a segment begins.
 * @param {Drawing} drawing
 * @param {Parting | null} plane
 * @returns {{points: number[][], begins: number[]}}
 */
function cut({ at, starts, values }, plane) {
  const [x, y, z] = at;
  const [points, begins] = [/** @type {number[][]} */ ([]), /** @type {number[]} */ ([])];
  const side = (/** @type {number[]} */ [a, b, c]) => (plane ? sideOf(plane, a, b, c) : 0);
  for (let line = 0; line + 1 < starts.length; line++) {
    for (let i = starts[line]; i < starts[line + 1]; i++) {
      const point = [x[i], y[i], z[i], values ? values[i] : 0];
      const before = points[points.length - 1];
      if (i > starts[line] && before.concat(point).every(Number.isFinite)) {
        const [from, to] = [side(before), side(point)];
        begins.push(points.length - 1);
        if (from * to < 0) {
          begins.push(points.length);
          points.push(partWay(before, point, from / (from - to)));
        }
      }
      points.push(point);
    }
  }
  return { points, begins };
}

/**
 * Return what lies at a share of the way from one row of numbers to another.
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} share
 * @returns {number[]}
 */
function partWay(from, to, share) {
  return from.map((value, k) => value + share * (to[k] - value));
}

/**
 * Return the faces of polygons, those that cross the plane cut in two.
 * @param {Drawing} drawing
 * @param {Camera} camera
 * @param {Parting | null} plane
 * @returns {Pieces}
 */
function facesOf(drawing, camera, plane) {
  const { at, starts, source } = plane ? cutFaces(drawing, plane) : { ...drawing, source: null };
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
 * Return polygons with those that cross a plane in two halves, and which each was.
 * @param {Drawing} drawing
 * @param {Parting} plane
 * @returns {{at: Units, starts: number[], source: number[]}}
 */
function cutFaces({ at: [x, y, z], starts }, plane) {
  const [corners, begins, source] = [
    /** @type {number[][]} */ ([]),
    [0],
    /** @type {number[]} */ ([]),
  ];
  for (let i = 0; i + 1 < starts.length; i++) {
    const face = [];
    for (let k = starts[i]; k < starts[i + 1]; k++) face.push([x[k], y[k], z[k]]);
    for (const half of halved(face, plane)) {
      corners.push(...half);
      begins.push(corners.length);
      source.push(i);
    }
  }
  const at = [0, 1, 2].map((k) => Float32Array.from(corners, (corner) => corner[k]));
  return { at, starts: begins, source };
}

/**
 * Return a face, or its two halves where it crosses the plane.
 * @param {number[][]} corners
 * @param {Parting} plane
 * @returns {number[][][]}
 */
function halved(corners, plane) {
  const sides = corners.map(([x, y, z]) => sideOf(plane, x, y, z));
  if (Math.min(...sides) >= 0 || Math.max(...sides) <= 0) return [corners];
  return [1, -1].map((sign) => {
    const kept = [];
    for (let i = 0; i < corners.length; i++) {
      const next = (i + 1) % corners.length;
      if (sign * sides[i] >= 0) kept.push(corners[i]);
      if (sides[i] * sides[next] < 0) {
        kept.push(partWay(corners[i], corners[next], sides[i] / (sides[i] - sides[next])));
      }
    }
    return kept;
  });
}

/**
 * Return the faces between heights, each coloured by the mean of its corners.
 * @param {Drawing} drawing
 * @returns {Drawing}
 */
function relief(drawing) {
  const { rows, extent } = drawing;
  const heights = drawing.values ?? new Float32Array(0);
  const columns = heights.length / rows;
  const [x0, x1, y0, y1] = extent;
  const count = (rows - 1) * (columns - 1);
  const at = [0, 1, 2].map(() => new Float32Array(4 * count));
  const values = new Float32Array(count);
  const around = [0, 1, columns + 1, columns];
  for (let face = 0; face < count; face++) {
    const row = Math.floor(face / (columns - 1));
    const column = face % (columns - 1);
    const corner = row * columns + column;
    values[face] = around.reduce((sum, step) => sum + heights[corner + step] / 4, 0);
    for (let k = 0; k < 4; k++) {
      const right = k === 1 || k === 2 ? 0.5 : -0.5;
      const up = k > 1 ? 0.5 : -0.5;
      at[0][4 * face + k] = x0 + ((x1 - x0) * (column + 0.5 + OVERLAP * right)) / (columns - 1);
      at[1][4 * face + k] = y0 + ((y1 - y0) * (row + 0.5 + OVERLAP * up)) / (rows - 1);
      const height = heights[corner + around[k]];
      at[2][4 * face + k] = values[face] + OVERLAP * (height - values[face]);
    }
  }
  return { ...drawing, at, starts: Array.from({ length: count + 1 }, (_, i) => 4 * i), values };
}
