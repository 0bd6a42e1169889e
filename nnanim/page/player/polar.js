// Polar paths: from nothing done to what a matrix does, without a collapse on the way; as
// `nnanim.film.polar` has them.

import { completed, determinant, dot, eigenvectors } from "./matrices.js";
import { matrixOf, padded, product, restOf, singular, transposed } from "./matrices.js";

/** @typedef {import("./matrices.js").Matrix} Matrix */

const HALF = 1e-6; // radians, of a half turn: its plane is then any
const MIXINGS = [0.7390851, 0.4142136, 1.618034, 0.1234567]; // until the eigenvectors part
const PARTED = 1e-9;

/** A turn in one plane, or a part of one: real and imaginary part of an eigenvector, its angle. */
/** @typedef {{real: number[], imaginary: number[], angle: number}} Plane */

/** A rotation that can be made in part: its planes turn by a share of their angles. */
class RotationInPart {
  /** @param {Matrix} rotation  of determinant 1 */
  constructor(rotation) {
    this.size = rotation.length;
    const planes = planesOf(rotation);
    const isHalf = (/** @type {Plane} */ { angle }) => Math.PI - Math.abs(angle) < HALF;
    this.planes = planes.filter((plane) => !isHalf(plane));
    this.planes.push(...halfTurns(planes.filter(isHalf)));
  }

  /**
   * Return the rotation by a share of its angles: 0 is none, 1 all of it.
   * @param {number} share
   * @returns {Matrix}
   */
  at(share) {
    const found = matrixOf(this.size, this.size, () => 0);
    for (const { real, imaginary, angle } of this.planes) {
      const [cos, sin] = [Math.cos(share * angle), Math.sin(share * angle)];
      real.forEach((a, i) => {
        const [along, across] = [cos * a - sin * imaginary[i], cos * imaginary[i] + sin * a];
        // The real part of e^(i · angle) · v · v*; both halves of a pair have half of it.
        for (let j = 0; j < this.size; j++) {
          found[i][j] += (along * real[j] + across * imaginary[j]) / 2;
        }
      });
    }
    return found;
  }
}

/**
 * Return the complex eigenvectors of a rotation, each twice, as v and i · v.
 * @param {Matrix} rotation
 * @returns {Plane[]}
 */
function planesOf(rotation) {
  const size = rotation.length;
  /** @type {Plane[]} */
  let planes = [];
  for (const mixing of MIXINGS) {
    // Symmetric and skew part are diagonal in the same complex vectors, which those of a mixture
    // tell apart; a complex matrix is a real one of twice the size.
    const mixed = matrixOf(2 * size, 2 * size, (i, j) => {
      const [one, other] = [rotation[i % size][j % size], rotation[j % size][i % size]];
      if (i < size === j < size) return (one + other) / 2;
      return ((i < size ? -mixing : mixing) * (one - other)) / 2;
    });
    planes = eigenvectors(mixed).map((vector) => planeOf(rotation, vector));
    if (planes.every((plane) => unlikeness(rotation, plane) < PARTED)) break;
  }
  return planes;
}

/**
 * Return an eigenvector, given as its real part and then its imaginary one, with its angle.
 * @param {Matrix} rotation
 * @param {number[]} vector
 * @returns {Plane}
 */
function planeOf(rotation, vector) {
  const [real, imaginary] = [vector.slice(0, rotation.length), vector.slice(rotation.length)];
  const [ra, rb] = [real, imaginary].map((part) => rotation.map((row) => dot(row, part)));
  const cos = dot(real, ra) + dot(imaginary, rb);
  return { real, imaginary, angle: Math.atan2(dot(real, rb) - dot(imaginary, ra), cos) };
}

/**
 * Return how far a rotation is from only turning a vector by its angle.
 * @param {Matrix} rotation
 * @param {Plane} plane
 * @returns {number}
 */
function unlikeness(rotation, { real, imaginary, angle }) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const away = rotation.map((row, i) =>
    Math.hypot(
      dot(row, real) - cos * real[i] + sin * imaginary[i],
      dot(row, imaginary) - cos * imaginary[i] - sin * real[i],
    ),
  );
  return Math.max(...away);
}

/**
 * Return the planes, each twice, of what a half turn does to a space: any that are upright to each
 * other.
 * @param {Plane[]} planes
 * @returns {Plane[]}
 */
function halfTurns(planes) {
  /** @type {Matrix} */
  const axes = [];
  const parts = planes.flatMap(({ real, imaginary }) => [real, imaginary]);
  while (axes.length < planes.length / 2) {
    const rests = parts.map((part) => restOf(restOf(part, axes), axes));
    const lengths = rests.map((rest) => Math.sqrt(dot(rest, rest)));
    const best = lengths.indexOf(Math.max(...lengths));
    axes.push(rests[best].map((value) => value / lengths[best]));
  }
  /** @type {Plane[]} */
  const found = [];
  for (let k = 0; k + 1 < axes.length; k += 2) {
    // (first - i · second) / √2 and its conjugate, each as v and i · v: all four alike in a sum.
    const real = axes[k];
    const second = wayRound(real, axes[k + 1]);
    const back = second.map((value) => -value);
    found.push({ real, imaginary: back, angle: Math.PI }, { real, imaginary: second, angle: -Math.PI }); // prettier-ignore
  }
  return found;
}

/**
 * Return the second of two directions, or its opposite: one way round is as good as the other, that
 * of a plane is always the same.
 * @param {number[]} first
 * @param {number[]} second
 * @returns {number[]}
 */
function wayRound(first, second) {
  const sum = (/** @type {number[]} */ axis) => axis.reduce((all, value) => all + value, 0);
  const rooted = (/** @type {number[]} */ axis) => sum(axis.map((v, k) => v * Math.sqrt(k + 1)));
  const other = rooted(first) * sum(second) < rooted(second) * sum(first);
  return second.map((value) => (other ? -value : value));
}

/** The way from nothing to what a matrix does, in as many dimensions as it needs, or more. */
export class PolarPath {
  /**
   * @param {Matrix} matrix
   * @param {number} [dimensions]
   */
  constructor(matrix, dimensions = 0) {
    this.dimensions = Math.max(matrix.length, matrix[0].length, dimensions);
    this.matrix = padded(matrix, this.dimensions, this.dimensions);
    const parts = singular(this.matrix);
    const { rotation, folds } = nearestTurn(parts);
    this.rotation = rotation;
    this.folds = folds; // flat once on the way
    const { sizes, right } = parts;
    if (folds) sizes[sizes.length - 1] *= -1;
    const scaled = right.map((row, k) => row.map((value) => sizes[k] * value));
    this.stretch = product(transposed(right), scaled);
    this.known = /** @type {RotationInPart | null} */ (null);
  }

  /**
   * The rotation of the way.
   * @returns {RotationInPart}
   */
  get turn() {
    this.known ??= new RotationInPart(this.rotation);
    return this.known;
  }

  /**
   * Return the matrix when a share of the way is over: nothing at 0, all at 1.
   * @param {number} share
   * @returns {Matrix}
   */
  at(share) {
    if (share >= 1) return this.matrix;
    const stretched = this.stretch.map((row, i) =>
      row.map((value, j) => share * value + (i === j ? 1 - share : 0)),
    );
    return product(this.turn.at(share), stretched);
  }
}

/**
 * Return the rotation nearest to none among those that the directions left open allow, and whether
 * the last of them had to be turned round because none is left open.
 * @param {import("./matrices.js").Parts} parts
 * @returns {{rotation: Matrix, folds: boolean}}
 */
function nearestTurn({ left, right, rank }) {
  const size = left.length;
  const kept = rank
    ? product(left.map((row) => row.slice(0, rank)), right.slice(0, rank)) // prettier-ignore
    : matrixOf(size, size, () => 0);
  if (rank === size) {
    const mirrored = determinant(kept) < 0;
    const last = left.map((row) => row[size - 1]);
    return {
      rotation: mirrored ? turnedRound(kept, last, right[size - 1]) : kept,
      folds: mirrored,
    };
  }
  const open = left.map((row) => row.slice(rank)); // as columns
  const rest = right.slice(rank); // as rows
  const inner = singular(product(transposed(open), transposed(rest)));
  const [from, to] = [product(open, inner.left), product(inner.right, rest)];
  const free = product(from, to);
  const whole = kept.map((row, i) => row.map((value, j) => value + free[i][j]));
  if (determinant(whole) >= 0) return { rotation: whole, folds: false };
  // The least costly of them is turned the other way.
  const last = from.map((row) => row[row.length - 1]);
  return { rotation: turnedRound(whole, last, to[to.length - 1]), folds: false };
}

/**
 * Return a matrix with what it does to the direction `from` the other way.
 * @param {Matrix} matrix
 * @param {number[]} to
 * @param {number[]} from
 * @returns {Matrix}
 */
function turnedRound(matrix, to, from) {
  return matrix.map((row, i) => row.map((value, j) => value - 2 * to[i] * from[j]));
}

/**
 * Return whether a square matrix of full rank turns the sheet's other side up.
 * @param {Matrix} matrix
 * @returns {boolean}
 */
export function mirrors(matrix) {
  return matrix.length === matrix[0].length && new PolarPath(matrix).folds;
}

/**
 * Return the two rows of a mirroring matrix whose swap leaves least to turn.
 * @param {Matrix} matrix
 * @returns {[number, number]}
 */
export function bestSwap(matrix) {
  const { left, right } = singular(matrix);
  const turned = product(left, right);
  const trace = turned.reduce((sum, row, i) => sum + row[i], 0);
  /** @type {[number, number]} */
  let best = [0, 1];
  let most = -Infinity;
  for (let i = 0; i < turned.length; i++) {
    for (let j = i + 1; j < turned.length; j++) {
      const swapped = trace - turned[i][i] - turned[j][j] + turned[j][i] + turned[i][j];
      if (swapped > most) [best, most] = [[i, j], swapped];
    }
  }
  return best;
}

/**
 * Return the plane (d, 2) a share of the way from one orthonormal basis (d, 2) to another: on the
 * geodesic between the planes, while the picture turns in its plane by an even angle.
 * @param {Matrix} first
 * @param {Matrix} second
 * @param {number} share
 * @returns {Matrix}
 */
export function basisBetween(first, second, share) {
  const { left, sizes, right } = singular(product(transposed(first), second));
  const [u, v] = [left, transposed(right)];
  for (const part of [u, v]) {
    if (determinant(part) >= 0) continue;
    for (const row of part) row[1] *= -1;
    sizes[1] *= -1;
  }
  const [from, to] = [product(first, u), product(second, v)];
  const angles = sizes.map((size) => Math.acos(Math.min(Math.max(size, -1), 1)));
  const across = to.map((row, i) =>
    row.map((value, k) => value - from[i][k] * Math.cos(angles[k])),
  );
  const lengths = [0, 1].map((k) => Math.hypot(...across.map((row) => row[k])));
  if (lengths[1] < HALF && sizes[1] < 0) {
    // Half a turn, through any direction beside both.
    const beside = completed(transposed(from), from.length)[from.length - 1];
    across.forEach((row, i) => (row[1] = beside[i]));
    lengths[1] = 1;
  }
  const turned =
    Math.atan2(v[1][0], v[0][0]) - Math.atan2(u[1][0], u[0][0]) + Math.PI + 4 * Math.PI;
  const turn = Math.atan2(u[1][0], u[0][0]) + share * ((turned % (2 * Math.PI)) - Math.PI);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const moved = from.map((row, i) =>
    row.map((value, k) => {
      const onward = across[i][k] / Math.max(lengths[k], 1e-300);
      return value * Math.cos(share * angles[k]) + onward * Math.sin(share * angles[k]);
    }),
  );
  return product(moved, [
    [cos, sin],
    [-sin, cos],
  ]);
}
