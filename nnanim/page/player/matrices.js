// Matrices: small ones, as rows of numbers, and what takes them apart.

/** @typedef {number[][]} Matrix  rows */

const SWEEPS = 60; // over all pairs at most; ten are the rule
const ALMOST = 1e-15; // of two columns: how upright they are to each other at the end
const NOTHING = 1e-12; // of the largest singular value: a direction of which nothing is left

/**
 * Return a matrix of so many rows and columns by what stands where.
 * @param {number} rows
 * @param {number} columns
 * @param {(row: number, column: number) => number} entry
 * @returns {Matrix}
 */
export function matrixOf(rows, columns, entry) {
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (__, j) => entry(i, j)),
  );
}

/**
 * Return the matrix that leaves all as it is.
 * @param {number} size
 * @returns {Matrix}
 */
export function identity(size) {
  return matrixOf(size, size, (i, j) => (i === j ? 1 : 0));
}

/**
 * Return the product of two matrices.
 * @param {Matrix} one
 * @param {Matrix} other
 * @returns {Matrix}
 */
export function product(one, other) {
  return matrixOf(one.length, other[0].length, (i, j) => {
    let sum = 0;
    for (let k = 0; k < other.length; k++) sum += one[i][k] * other[k][j];
    return sum;
  });
}

/**
 * Return a matrix with rows and columns exchanged.
 * @param {Matrix} matrix
 * @returns {Matrix}
 */
export function transposed(matrix) {
  return matrixOf(matrix[0].length, matrix.length, (i, j) => matrix[j][i]);
}

/**
 * Return a matrix with zeros below and to the right, of so many rows and columns.
 * @param {Matrix} matrix
 * @param {number} rows
 * @param {number} columns
 * @returns {Matrix}
 */
export function padded(matrix, rows, columns) {
  return matrixOf(rows, columns, (i, j) => matrix[i]?.[j] ?? 0);
}

/**
 * Return one of two sums of products of two rows of numbers.
 * @param {ArrayLike<number>} one
 * @param {ArrayLike<number>} other
 * @returns {number}
 */
export function dot(one, other) {
  let sum = 0;
  for (let k = 0; k < one.length; k++) sum += one[k] * other[k];
  return sum;
}

/**
 * Return the determinant of a square matrix.
 * @param {Matrix} matrix
 * @returns {number}
 */
export function determinant(matrix) {
  const rows = matrix.map((row) => [...row]);
  let found = 1;
  for (let k = 0; k < rows.length; k++) {
    let best = k;
    for (let i = k + 1; i < rows.length; i++) {
      if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
    }
    if (rows[best][k] === 0) return 0;
    if (best !== k) {
      [rows[k], rows[best]] = [rows[best], rows[k]];
      found = -found;
    }
    found *= rows[k][k];
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j < rows.length; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return found;
}

/**
 * A square matrix as left · sizes · right, the sizes falling; `rank` of them are more than nothing.
 * @typedef {{left: Matrix, sizes: number[], right: Matrix, rank: number}} Parts
 */

/**
 * Return the singular values of a square matrix, and its singular vectors as columns of `left` and
 * rows of `right`.
 * @param {Matrix} matrix
 * @returns {Parts}
 */
export function singular(matrix) {
  const columns = transposed(matrix);
  const turned = identity(matrix.length);
  for (let sweep = 0, moved = true; moved && sweep < SWEEPS; sweep++) {
    moved = false;
    for (let p = 0; p < columns.length; p++) {
      for (let q = p + 1; q < columns.length; q++) {
        const [a, b] = [dot(columns[p], columns[p]), dot(columns[q], columns[q])];
        const between = dot(columns[p], columns[q]);
        if (Math.abs(between) <= ALMOST * Math.sqrt(a * b)) continue;
        moved = true;
        const [cos, sin] = turnFor(a, b, between);
        for (const rows of [columns, turned]) turnRows(rows, p, q, cos, sin);
      }
    }
  }
  const lengths = columns.map((column) => Math.sqrt(dot(column, column)));
  const order = lengths.map((_, k) => k).sort((i, j) => lengths[j] - lengths[i]);
  const sizes = order.map((k) => lengths[k]);
  const rank = sizes.filter((size) => size > NOTHING * Math.max(sizes[0], 1e-300)).length;
  const known = order.slice(0, rank).map((k) => columns[k].map((value) => value / lengths[k]));
  return {
    left: transposed(completed(known, matrix.length)),
    sizes,
    right: order.map((k) => turned[k]),
    rank,
  };
}

/**
 * Return the cosine and sine that make two directions upright to each other.
 * @param {number} a  the square of the one's length
 * @param {number} b  the square of the other's
 * @param {number} between  their product
 * @returns {[number, number]}
 */
function turnFor(a, b, between) {
  const zeta = (b - a) / (2 * between);
  const tan = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const cos = 1 / Math.sqrt(1 + tan * tan);
  return [cos, cos * tan];
}

/**
 * Turn two rows into each other.
 * @param {Matrix} rows
 * @param {number} p
 * @param {number} q
 * @param {number} cos
 * @param {number} sin
 */
function turnRows(rows, p, q, cos, sin) {
  const [one, other] = [rows[p], rows[q]];
  for (let k = 0; k < one.length; k++) {
    const before = one[k];
    one[k] = cos * before - sin * other[k];
    other[k] = sin * before + cos * other[k];
  }
}

/**
 * Return directions of length 1, upright to each other, with others until they span the space.
 * @param {Matrix} known
 * @param {number} size
 * @returns {Matrix}
 */
export function completed(known, size) {
  const found = [...known];
  while (found.length < size) {
    const rests = identity(size).map((axis) => restOf(restOf(axis, found), found));
    const lengths = rests.map((rest) => Math.sqrt(dot(rest, rest)));
    const best = lengths.indexOf(Math.max(...lengths));
    found.push(rests[best].map((value) => value / lengths[best]));
  }
  return found;
}

/**
 * Return what some directions leave of another.
 * @param {number[]} axis
 * @param {Matrix} directions
 * @returns {number[]}
 */
export function restOf(axis, directions) {
  const rest = [...axis];
  for (const direction of directions) {
    const share = dot(rest, direction);
    for (let k = 0; k < rest.length; k++) rest[k] -= share * direction[k];
  }
  return rest;
}

/**
 * Return the eigenvectors of a symmetric matrix, each of length 1.
 * @param {Matrix} matrix
 * @returns {Matrix}
 */
export function eigenvectors(matrix) {
  const rows = matrix.map((row) => [...row]);
  const vectors = identity(matrix.length);
  const whole = Math.sqrt(rows.reduce((sum, row) => sum + dot(row, row), 0));
  for (let sweep = 0, moved = true; moved && sweep < SWEEPS; sweep++) {
    moved = false;
    for (let p = 0; p < rows.length; p++) {
      for (let q = p + 1; q < rows.length; q++) {
        if (Math.abs(rows[p][q]) <= ALMOST * whole) continue;
        moved = true;
        const [cos, sin] = turnFor(rows[p][p], rows[q][q], rows[p][q]);
        turnRows(rows, p, q, cos, sin);
        for (const row of rows) {
          const before = row[p];
          row[p] = cos * before - sin * row[q];
          row[q] = sin * before + cos * row[q];
        }
        turnRows(vectors, p, q, cos, sin);
      }
    }
  }
  return vectors;
}
