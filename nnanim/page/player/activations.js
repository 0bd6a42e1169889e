// Activations: what each layer without parameters gives, in place of torch's class of its name.
//
// The polynomials are within 1e-6 of the function; `Math.tanh` takes four times as long.

const TANH_END = 7.90531110763549805; // beyond, tanh is 1 to the last bit of a float32

/**
 * Return tanh, as a ratio of polynomials that is exact to about a float32's rounding.
 * @param {number} value
 * @returns {number}
 */
export function fastTanh(value) {
  const x = value > TANH_END ? TANH_END : value < -TANH_END ? -TANH_END : value;
  const s = x * x;
  const odd =
    4.89352455891786e-3 +
    s *
      (6.37261928875436e-4 +
        s *
          (1.48572235717979e-5 +
            s *
              (5.12229709037114e-8 +
                s *
                  (-8.60467152213735e-11 +
                    s * (2.00018790482477e-13 + s * -2.76076847742355e-16)))));
  const even =
    4.89352518554385e-3 +
    s * (2.268434632439e-3 + s * (1.18534705686654e-4 + s * 1.19825839466702e-6));
  return (x * odd) / even;
}

/**
 * What turns one unit's inputs into its outputs, which may be the same array.
 * @typedef {(source: Float32Array, target: Float32Array, layer: Layer) => void} Activation
 */

/**
 * A layer: torch's class, how many units it gives, where its tensors begin (-1: it has none), and
 * the options that it was made with.
 * @typedef {{kind: string, out: number, in?: number, weight?: number, bias?: number, mean?: number,
 *   variance?: number, eps?: number, negative_slope?: number, beta?: number, threshold?: number,
 *   min_val?: number, max_val?: number}} Layer
 */

/** @type {Activation} */
function tanh(source, target) {
  for (let i = 0; i < source.length; i++) target[i] = fastTanh(source[i]);
}

/** @type {Activation} */
function sigmoid(source, target) {
  for (let i = 0; i < source.length; i++) target[i] = 0.5 + 0.5 * fastTanh(0.5 * source[i]);
}

/** @type {Activation} */
function relu(source, target) {
  for (let i = 0; i < source.length; i++) target[i] = source[i] < 0 ? 0 : source[i];
}

/** @type {Activation} */
function leakyRelu(source, target, { negative_slope: slope = 0.01 }) {
  for (let i = 0; i < source.length; i++) {
    target[i] = source[i] < 0 ? slope * source[i] : source[i];
  }
}

/** @type {Activation} */
function softplus(source, target, { beta = 1, threshold = 20 }) {
  for (let i = 0; i < source.length; i++) {
    const scaled = beta * source[i];
    const soft = (Math.max(scaled, 0) + Math.log1p(Math.exp(-Math.abs(scaled)))) / beta;
    target[i] = scaled > threshold ? source[i] : soft;
  }
}

/** @type {Activation} */
function softsign(source, target) {
  for (let i = 0; i < source.length; i++) target[i] = source[i] / (1 + Math.abs(source[i]));
}

/** @type {Activation} */
function hardtanh(source, target, { min_val: low = -1, max_val: high = 1 }) {
  for (let i = 0; i < source.length; i++) {
    target[i] = source[i] < low ? low : source[i] > high ? high : source[i];
  }
}

/** @type {Activation} */
function hardsigmoid(source, target) {
  for (let i = 0; i < source.length; i++) {
    const x = source[i] / 6 + 0.5;
    target[i] = x < 0 ? 0 : x > 1 ? 1 : x;
  }
}

/** @type {Activation} */
function same(source, target) {
  if (target !== source) target.set(source);
}

/**
 * By the name of torch's class.
 * @type {{[kind: string]: Activation}}
 */
export const ACTIVATIONS = {
  Tanh: tanh,
  Sigmoid: sigmoid,
  ReLU: relu,
  LeakyReLU: leakyRelu,
  Softplus: softplus,
  Softsign: softsign,
  Hardtanh: hardtanh,
  Hardsigmoid: hardsigmoid,
  Identity: same,
  Flatten: same,
  Dropout: same, // in evaluation
};
