// Network: a stack of known layers, run forwards as `nnanim.network.stack` runs one.
//
// Samples stand side by side: what a layer gives is one array for each unit, a number for each
// sample. All parameters and running statistics of a state are one vector, in which layers have
// places.

import { ACTIVATIONS } from "./activations.js";

/** @typedef {import("./activations.js").Layer} Layer */
/** @typedef {Float32Array[]} Units */

/** A stack of layers; it keeps the arrays that it computes in, for each set of inputs. */
export class Network {
  /**
   * @param {Layer[]} layers
   * @param {{[name: string]: number}} rows  after which of the layers a name's outputs are had
   */
  constructor(layers, rows) {
    this.layers = layers;
    this.rows = rows;
    /** @type {WeakMap<Units, Units[]>} */
    this.rooms = new WeakMap();
    for (const { kind } of layers) {
      if (!(kind in MIXING) && !(kind in ACTIVATIONS)) throw new Error(`no layer ${kind}`);
    }
  }

  /**
   * Return what layers give, by name, for inputs fed in as the outputs of the layer `from`.
   *
   * The arrays are overwritten when the same inputs are asked for again.
   * @param {Float32Array} parameters
   * @param {Units} inputs
   * @param {string[]} names
   * @param {string} [from]
   * @returns {{[name: string]: Units}}
   */
  outputs(parameters, inputs, names, from = "input") {
    const rows = names.map((name) => this.row(name));
    const room = this.rooms.get(inputs) ?? [];
    this.rooms.set(inputs, room);
    const first = this.row(from) + 1;
    const given = [inputs]; // by the inputs, then by each layer
    for (let row = first; row <= Math.max(...rows); row++) {
      const units = given[given.length - 1];
      const layer = this.layers[row];
      const kept = row === first || rows.includes(row - 1) || layer.kind === "Linear";
      const target = kept ? (room[row] ??= emptyUnits(layer.out, units[0].length)) : units;
      through(layer, parameters, units, target);
      given.push(target);
    }
    return Object.fromEntries(names.map((name, k) => [name, given[rows[k] + 1 - first]]));
  }

  /**
   * Return the row of the layers that gives what a name stands for; -1 for the inputs.
   * @param {string} name
   * @returns {number}
   */
  row(name) {
    if (name === "input") return -1;
    const row = name === "" ? this.layers.length - 1 : this.rows[name];
    if (row === undefined) throw new Error(`no layer ${name}`);
    return row;
  }
}

/**
 * Set `target` to what a layer gives for `source`, which may be the same but for a Linear.
 * @param {Layer} layer
 * @param {Float32Array} parameters
 * @param {Units} source
 * @param {Units} target
 */
function through(layer, parameters, source, target) {
  const mix = MIXING[layer.kind];
  if (mix) mix(source, target, layer, parameters);
  else source.forEach((unit, k) => ACTIVATIONS[layer.kind](unit, target[k], layer));
}

/**
 * What turns all units' inputs into outputs.
 * @typedef {(source: Units, target: Units, layer: Layer, p: Float32Array) => void} Mixing
 */

/** @type {Mixing} */
function linear(source, target, { weight = -1, bias = -1 }, p) {
  const inputs = source.length;
  target.forEach((unit, r) => {
    unit.fill(bias < 0 ? 0 : p[bias + r]);
    const row = weight + r * inputs;
    let c = 0;
    for (; c + 4 <= inputs; c += 4) addFour(unit, source, c, p, row + c);
    for (; c < inputs; c++) {
      const [w, x] = [p[row + c], source[c]];
      for (let i = 0; i < unit.length; i++) unit[i] += w * x[i];
    }
  });
}

/**
 * Add four inputs' share to a unit: it is read and written once for four products.
 * @param {Float32Array} unit
 * @param {Units} source
 * @param {number} c
 * @param {Float32Array} p
 * @param {number} at  of the first of four weights
 */
function addFour(unit, source, c, p, at) {
  const [x0, x1, x2, x3] = [source[c], source[c + 1], source[c + 2], source[c + 3]];
  const [w0, w1, w2, w3] = [p[at], p[at + 1], p[at + 2], p[at + 3]];
  for (let i = 0; i < unit.length; i++) {
    unit[i] += w0 * x0[i] + w1 * x1[i] + w2 * x2[i] + w3 * x3[i];
  }
}

/** @type {Mixing} */
function batchNorm(source, target, layer, p) {
  const { weight = -1, bias = -1, mean = -1, variance = -1, eps = 1e-5 } = layer;
  source.forEach((unit, r) => {
    const gain = (weight < 0 ? 1 : p[weight + r]) / Math.sqrt(p[variance + r] + eps);
    const [middle, shift, given] = [p[mean + r], bias < 0 ? 0 : p[bias + r], target[r]];
    for (let i = 0; i < unit.length; i++) given[i] = (unit[i] - middle) * gain + shift;
  });
}

/** @type {Mixing} */
function softmax(source, target) {
  const { highest, total } = exponentials(source);
  source.forEach((unit, k) => {
    for (let i = 0; i < unit.length; i++) target[k][i] = Math.exp(unit[i] - highest[i]) / total[i];
  });
}

/** @type {Mixing} */
function logSoftmax(source, target) {
  const { highest, total } = exponentials(source);
  source.forEach((unit, k) => {
    for (let i = 0; i < unit.length; i++) target[k][i] = unit[i] - highest[i] - Math.log(total[i]);
  });
}

/**
 * Return each sample's highest unit, and the sum of all units' exponentials relative to that.
 * @param {Units} source
 * @returns {{highest: Float64Array, total: Float64Array}}
 */
function exponentials(source) {
  const highest = Float64Array.from(source[0]);
  const total = new Float64Array(highest.length);
  for (const unit of source) {
    for (let i = 0; i < unit.length; i++) if (unit[i] > highest[i]) highest[i] = unit[i];
  }
  for (const unit of source) {
    for (let i = 0; i < unit.length; i++) total[i] += Math.exp(unit[i] - highest[i]);
  }
  return { highest, total };
}

/**
 * The layers whose units depend on more than their own inputs, by the name of torch's class.
 * @type {{[kind: string]: Mixing}}
 */
const MIXING = {
  Linear: linear,
  BatchNorm1d: batchNorm,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
};

/**
 * Return arrays for so many units and samples.
 * @param {number} count
 * @param {number} samples
 * @returns {Units}
 */
export function emptyUnits(count, samples) {
  return Array.from({ length: count }, () => new Float32Array(samples));
}

/**
 * Return what lies at a share of the way from one state to the next, in each parameter.
 * @param {Float32Array} before
 * @param {Float32Array} after
 * @param {number} share
 * @returns {Float32Array}
 */
export function mixed(before, after, share) {
  return before.map((value, i) => (1 - share) * value + share * after[i]);
}
