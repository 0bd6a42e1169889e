// Passage: space on its way through the layers of a network, as `nnanim.film.passage` has it.

import { identity, matrixOf, padded, product, transposed } from "./matrices.js";
import { PolarPath, basisBetween, bestSwap, mirrors } from "./polar.js";

/** @typedef {import("./activations.js").Layer} Layer */
/** @typedef {import("./matrices.js").Matrix} Matrix */

/** How a layer that mirrors space is shown. @typedef {"swap" | "turn" | "fold"} Mirror */

/**
 * One thing that a layer does to what the module `before` gives; `rows` are those of the stack that
 * the linear map and the shift are, `box` what a nonlinearity never leaves.
 * @typedef {{kind: "linear" | "shift" | "bend", before: string, after: string, rows: number[],
 *   box?: [number, number]}} Stage
 */

/**
 * What a page says of the way through a network: the stages of each layer; the plane in which the
 * inputs, and then each layer, are shown; how large the last is drawn; the film's depths.
 * @typedef {{stages: Stage[][], planes: Matrix[], zoom: number, outline: number[],
 *   grid: {points: import("./decode.js").Ref, lengths: number[]},
 *   depths: import("./decode.js").Ref, stands: [number, number][],
 *   words: {view: string, decimal: string, swapped: string}}} Told
 */

/** A stage at a moment: units in the order in which they are drawn, before it and after. */
/** @typedef {{order: [number[], number[]], path: PolarPath | null,
 *   swapped: [number, number] | null}} Step */

/**
 * Where a sheet is seen: the sum of what layers give, each unit by its weights to the right and
 * upwards, and a shift.
 * @typedef {{terms: {layer: string, weights: Matrix}[], shift: number[]}} Picture
 */

const LIFT = (35 * Math.PI) / 180; // the tilt while a plane is turned over in space

/** The way of a sheet through the stages of a network with such parameters. */
export class Passage {
  /**
   * @param {Told} told
   * @param {Layer[]} layers
   * @param {number} inputs
   * @param {Float32Array} parameters
   * @param {Mirror} mirror
   */
  constructor(told, layers, inputs, parameters, mirror) {
    this.told = told;
    this.mirror = mirror;
    /** @type {Map<string, {matrix: Matrix, shift: number[]}>} */
    this.affine = new Map();
    for (const { rows } of told.stages.flat()) {
      if (rows.length) this.affine.set(rows.join(), affineOf(layers, rows, parameters));
    }
    let order = numbersTo(inputs);
    /** @type {Step[][]} */
    this.steps = told.stages.map((own) =>
      own.map((stage) => {
        const step = this.step(stage, order);
        order = step.order[1];
        return step;
      }),
    );
  }

  /**
   * Return a stage at this moment.
   * @param {Stage} stage
   * @param {number[]} order
   * @returns {Step}
   */
  step({ kind, rows }, order) {
    if (kind !== "linear") return { order: [order, order], path: null, swapped: null };
    const { matrix } = this.affineOf(rows);
    const after = numbersTo(matrix.length);
    const drawn = matrix.map((row) => order.map((unit) => row[unit]));
    const made = (/** @type {Matrix} */ by, /** @type {number} */ dimensions) =>
      new PolarPath(by, dimensions);
    if (!mirrors(drawn)) return { order: [order, after], path: made(drawn, 2), swapped: null };
    if (this.mirror === "swap" && after.length > 1) {
      const swapped = bestSwap(drawn);
      const [i, j] = swapped;
      [after[i], after[j]] = [after[j], after[i]];
      const path = made(after.map((unit) => drawn[unit]), 2); // prettier-ignore
      return { order: [order, after], path, swapped };
    }
    const turned = after.length < 3 && (this.mirror !== "fold" || after.length === 1);
    const path = made(drawn, turned ? after.length + 1 : 2);
    return { order: [order, after], path, swapped: null };
  }

  /**
   * Return the matrix and the shift of rows of the stack.
   * @param {number[]} rows
   * @returns {{matrix: Matrix, shift: number[]}}
   */
  affineOf(rows) {
    const found = this.affine.get(rows.join());
    if (!found) throw new Error(`no rows ${rows}`);
    return found;
  }

  /**
   * Return which stage of which layer it is at a depth, and what share of it is over.
   * @param {number} depth
   * @returns {{layer: number, number: number, share: number, stage: Stage, step: Step}}
   */
  place(depth) {
    const { stages } = this.told;
    const layer = Math.min(Math.floor(depth), stages.length - 1);
    const at = (depth - layer) * stages[layer].length;
    const number = Math.min(Math.floor(at), stages[layer].length - 1);
    const share = Math.min(Math.max(at - number, 0), 1);
    const [stage, step] = [stages[layer][number], this.steps[layer][number]];
    return { layer, number, share, stage, step };
  }

  /**
   * Return where a sheet is seen at a depth.
   * @param {number} depth
   * @returns {Picture}
   */
  picture(depth) {
    const { share, stage, step } = this.place(depth);
    const [before, after] = step.order;
    const basis = this.basis(depth);
    const none = [0, 0];
    if (stage.kind === "shift") {
      const { shift } = this.affineOf(stage.rows);
      const weights = planeWeights(after, basis);
      const left = product([shift.map((value) => (share - 1) * value)], weights)[0];
      return { terms: [{ layer: stage.after, weights }], shift: left };
    }
    if (step.path) {
      const weights = planeWeights(before, product(transposed(step.path.at(share)), basis));
      return { terms: [{ layer: stage.before, weights }], shift: none };
    }
    const weights = planeWeights(after, basis);
    const scaled = (/** @type {number} */ by) => weights.map((row) => row.map((w) => by * w));
    const terms = [
      { layer: stage.before, weights: scaled(1 - share) },
      { layer: stage.after, weights: scaled(share) },
    ];
    return { terms: terms.filter((_, k) => share !== 1 - k), shift: none };
  }

  /**
   * Return the plane onto which a sheet is seen at a depth.
   * @param {number} depth
   * @returns {Matrix}
   */
  basis(depth) {
    const { layer, share, stage, step } = this.place(depth);
    const end = this.standing(layer, step.order[1]);
    if (!step.path || stage.kind !== "linear") return end;
    const begin = this.standing(layer - 1, step.order[0]);
    const wide = Math.max(begin.length, end.length, step.path.dimensions);
    const [from, to] = [padded(begin, wide, 2), padded(end, wide, 2)];
    if (wide > 3) {
      // Nobody sees its turns: the view turns along.
      const moved = basisBetween(from, product(transposed(step.path.rotation), to), share);
      return product(step.path.turn.at(share), moved);
    }
    const moved = basisBetween(from, to, share);
    if (wide < 3 || begin.length !== 2 || end.length !== 2) return moved;
    return product(lifted(LIFT * Math.sin(Math.PI * share)), moved);
  }

  /**
   * Return the plane in which a layer is shown; -1 is the input.
   * @param {number} layer
   * @param {number[]} order
   * @returns {Matrix}
   */
  standing(layer, order) {
    const plane = this.told.planes[layer + 1];
    return plane.length > 3 ? order.map((unit) => plane[unit]) : plane;
  }
}

/**
 * Return the first whole numbers.
 * @param {number} count
 * @returns {number[]}
 */
function numbersTo(count) {
  return Array.from({ length: count }, (_, k) => k);
}

/**
 * Return the weights of units that are drawn in such an order.
 * @param {number[]} order
 * @param {Matrix} basis
 * @returns {Matrix}
 */
function planeWeights(order, basis) {
  const weights = matrixOf(order.length, 2, () => 0);
  order.forEach((unit, k) => (weights[unit] = [...basis[k]]));
  return weights;
}

/**
 * Return a tilt of space about its first axis.
 * @param {number} angle
 * @returns {Matrix}
 */
function lifted(angle) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [
    [1, 0, 0],
    [0, cos, -sin],
    [0, sin, cos],
  ];
}

/**
 * Return the matrix and the shift of rows of the stack, one after the other.
 * @param {Layer[]} layers
 * @param {number[]} rows
 * @param {Float32Array} parameters
 * @returns {{matrix: Matrix, shift: number[]}}
 */
function affineOf(layers, rows, parameters) {
  const size = layers[rows[0]].in ?? layers[rows[0]].out;
  let matrix = identity(size);
  let shift = Array(size).fill(0);
  for (const row of rows) {
    const { by, then } = affineOfLayer(layers[row], parameters);
    matrix = product(by, matrix);
    shift = by.map((weights, i) => weights.reduce((sum, w, k) => sum + w * shift[k], then[i]));
  }
  return { matrix, shift };
}

/**
 * Return what a layer does, as a matrix and what it adds; BatchNorm by its running statistics.
 * @param {Layer} layer
 * @param {Float32Array} p
 * @returns {{by: Matrix, then: number[]}}
 */
function affineOfLayer({ kind, out, in: inputs = out, ...places }, p) {
  const { weight = -1, bias = -1, mean = -1, variance = -1, eps = 1e-5 } = places;
  const added = numbersTo(out).map((r) => (bias < 0 ? 0 : p[bias + r]));
  if (kind === "Linear") {
    return { by: matrixOf(out, inputs, (r, c) => p[weight + r * inputs + c]), then: added };
  }
  const gains = added.map((_, r) => {
    return (weight < 0 ? 1 : p[weight + r]) / Math.sqrt(p[variance + r] + eps);
  });
  return {
    by: matrixOf(out, out, (r, c) => (r === c ? gains[r] : 0)),
    then: added.map((value, r) => value - gains[r] * p[mean + r]),
  };
}
