// Relief: the faces of a height field, and what it hides, as `nnanim.drawing.relief` says.

/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./network.js").Units} Units */

const OVERLAP = 0.03; // of a cell, to each side: or what is behind would show between faces
const BAND = 1 / 24; // of the colours' range: a face that spans more is divided
const MOST = 6; // parts of a cell, each way
const SLACK = 0.002; // of the heights' range: what is so near to the surface lies on it
const STEP = 0.25; // cells, along the ground, from one look at the heights to the next, at the most
const FIRST = 0.4; // of a step: to the first look

/**
 * Return how a place lies on a field, in its columns and rows.
 * @param {Drawing} drawing
 * @returns {{columns: number, rows: number, column: (x: number) => number,
 *   row: (y: number) => number}}
 */
export function latticeOf({ field, rows, extent: [x0, x1, y0, y1] }) {
  const columns = (field ? field.length / rows : 2) - 1;
  return {
    columns,
    rows: rows - 1,
    column: (x) => ((x - x0) / (x1 - x0)) * columns,
    row: (y) => ((y - y0) / (y1 - y0)) * (rows - 1),
  };
}

/**
 * Return the faces between heights, each coloured by the mean of its corners, or by its value.
 *
 * Where it is steep they are finer, so that colours that follow the heights have no teeth.
 * @param {Drawing} drawing
 * @returns {Drawing}
 */
export function relief(drawing) {
  const { field, extent, values } = drawing;
  const heights = field ?? new Float32Array(0);
  const { columns, rows } = latticeOf(drawing);
  const around = [0, 1, columns + 2, columns + 1];
  const corners = (/** @type {number} */ cell) => {
    const corner = Math.floor(cell / columns) * (columns + 1) + (cell % columns);
    return around.map((step) => heights[corner + step]);
  };
  const parts = Array.from({ length: columns * rows }, (_, cell) =>
    values ? [1, 1] : finenessOf(corners(cell), BAND * (drawing.high - drawing.low)),
  );
  const count = parts.reduce((sum, [across, along]) => sum + across * along, 0);
  const at = [0, 1, 2].map(() => new Float32Array(4 * count));
  const shades = new Float32Array(count);
  const [x0, x1, y0, y1] = extent;
  let face = 0;
  parts.forEach(([across, along], cell) => {
    const [a, b, c, d] = corners(cell);
    for (let part = 0; part < across * along; part++, face++) {
      const [j, k] = [part % across, Math.floor(part / across)];
      for (let corner = 0; corner < 4; corner++) {
        const u = placeOf(j + Number(corner === 1 || corner === 2), across);
        const v = placeOf(k + Number(corner > 1), along);
        const height = (1 - u) * (1 - v) * a + u * (1 - v) * b + u * v * c + (1 - u) * v * d;
        at[0][4 * face + corner] = x0 + (((cell % columns) + u) * (x1 - x0)) / columns;
        at[1][4 * face + corner] = y0 + ((Math.floor(cell / columns) + v) * (y1 - y0)) / rows;
        at[2][4 * face + corner] = height;
        shades[face] += height / 4;
      }
      if (values) shades[face] = values[cell];
    }
  });
  const starts = Array.from({ length: count + 1 }, (_, i) => 4 * i);
  return { ...drawing, at, starts, values: shades };
}

/**
 * Return in how many parts a cell is drawn, across and along.
 * @param {number[]} corners  its heights
 * @param {number} band
 * @returns {number[]}
 */
function finenessOf([a, b, c, d], band) {
  const steep = [
    Math.max(Math.abs(b - a), Math.abs(c - d)),
    Math.max(Math.abs(d - a), Math.abs(c - b)),
  ];
  return steep.map((rise) => Math.min(Math.max(Math.ceil(rise / band) || 1, 1), MOST));
}

/**
 * Return where in its cell a part of several ends, the outermost a little outside.
 * @param {number} end
 * @param {number} count
 * @returns {number}
 */
function placeOf(end, count) {
  return end / count + (end === 0 ? -OVERLAP : end === count ? OVERLAP : 0);
}

/**
 * Return the numbers of those places that the surface does not hide from the eye.
 * @param {Drawing} drawing
 * @param {number[]} eye
 * @param {Units} places
 * @returns {number[]}
 */
export function unhidden(drawing, eye, [x, y, z]) {
  const heights = drawing.field ?? new Float32Array(0);
  const lattice = latticeOf(drawing);
  const finite = heights.filter(Number.isFinite);
  const span = (/** @type {number} */ sign) => finite.reduce((a, b) => Math.max(a, sign * b), -Infinity); // prettier-ignore
  const slack = finite.length ? SLACK * (span(1) + span(-1)) : 0;
  const to = [lattice.column(eye[0]), lattice.row(eye[1]), eye[2]];
  const found = [];
  for (let i = 0; i < x.length; i++) {
    const from = [lattice.column(x[i]), lattice.row(y[i]), z[i]];
    if (!isHidden(heights, lattice, from, to, slack)) found.push(i);
  }
  return found;
}

/**
 * Return whether heights lie between two places, in columns, rows and height.
 *
 * The line of sight is looked at from a tenth of a cell on, and at each edge of a cell; it meets
 * the surface where it comes from one side to the other, by `slack` each.
 * @param {Float32Array} heights
 * @param {{columns: number, rows: number}} lattice
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} slack
 * @returns {boolean}
 */
function isHidden(heights, { columns, rows }, [x, y, z], to, slack) {
  const [across, along, up] = [to[0] - x, to[1] - y, to[2] - z];
  const step = STEP / Math.max(Math.hypot(across, along), 1e-9);
  let share = Math.min(FIRST * step, toTheNextLine(x, across), toTheNextLine(y, along));
  let side = 0;
  while (share < 1) {
    const [u, v] = [x + share * across, y + share * along];
    if (!(u >= 0 && u <= columns && v >= 0 && v <= rows)) return false;
    const over = z + share * up - heightAt(heights, columns, rows, u, v);
    const now = over > slack ? 1 : over < -slack ? -1 : 0;
    if (now * side < 0) return true;
    side = now || side;
    share += Math.min(step, toTheNextLine(u, across), toTheNextLine(v, along));
  }
  return false;
}

/**
 * Return the height of a surface at a place, in columns and rows.
 * @param {Float32Array} heights
 * @param {number} columns
 * @param {number} rows
 * @param {number} u
 * @param {number} v
 * @returns {number}
 */
function heightAt(heights, columns, rows, u, v) {
  const [j, k] = [Math.min(Math.floor(u), columns - 1), Math.min(Math.floor(v), rows - 1)];
  const [a, b, at] = [u - j, v - k, k * (columns + 1) + j];
  const low = (1 - a) * heights[at] + a * heights[at + 1];
  const high = (1 - a) * heights[at + columns + 1] + a * heights[at + columns + 2];
  return (1 - b) * low + b * high;
}

/**
 * Return how much further, in steps of `speed`, the next whole number is.
 * @param {number} at
 * @param {number} speed
 * @returns {number}
 */
function toTheNextLine(at, speed) {
  if (speed > 0) return (Math.floor(at + 1e-6) + 1 - at) / speed;
  return speed < 0 ? (Math.ceil(at - 1e-6) - 1 - at) / speed : Infinity;
}
