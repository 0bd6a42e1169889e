// Decode: the arrays of a page, out of one buffer.

/**
 * Where an array lies in the buffer, and how its numbers are written.
 * @typedef {{at: number, shape: number[], type: "f4" | "u1" | "u2" | "u4", delta?: number[],
 *   columns?: boolean,
 *   low?: number | number[], step?: number | number[]}} Ref
 */

/** @typedef {Float32Array | Uint8Array | Uint16Array | Uint32Array} Numbers */

const TYPES = { f4: Float32Array, u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };

/** The arrays of a page; each is decoded when it is first asked for. */
export class Arrays {
  /** @param {ArrayBuffer} buffer */
  constructor(buffer) {
    this.buffer = buffer;
    /** @type {WeakMap<Ref, Numbers>} */
    this.known = new WeakMap();
  }

  /**
   * Return an array's numbers, the last axis fastest.
   * @param {Ref} ref
   * @returns {Numbers}
   */
  of(ref) {
    const found = this.known.get(ref) ?? valuesOf(wholeNumbers(this.buffer, ref), ref);
    this.known.set(ref, found);
    return found;
  }
}

/**
 * Return the numbers of an array as they are written.
 * @param {ArrayBuffer} buffer
 * @param {Ref} ref
 * @returns {Numbers}
 */
function wholeNumbers(buffer, { at, shape, type, delta = [], columns = false }) {
  const count = shape.reduce((product, side) => product * side, 1);
  const written = new (type === "f4" ? Uint32Array : TYPES[type])(count);
  gather(written, new Uint8Array(buffer, at, written.byteLength));
  const values = columns ? unfolded(written, shape[shape.length - 1]) : written;
  for (const axis of delta) {
    const step = shape.slice(axis + 1).reduce((product, side) => product * side, 1);
    addUp(values, step, step * shape[axis]);
  }
  return type === "f4" ? new Float32Array(values.buffer) : values;
}

/**
 * Put bytes into the numbers that they are of: first all lowest ones, then all next.
 * @param {Numbers} numbers
 * @param {Uint8Array} planes
 */
function gather(numbers, planes) {
  const bytes = new Uint8Array(numbers.buffer);
  const size = numbers.BYTES_PER_ELEMENT;
  const count = numbers.length;
  for (let plane = 0; plane < size; plane++) {
    for (let i = 0; i < count; i++) bytes[i * size + plane] = planes[plane * count + i];
  }
}

/**
 * Make numbers of their differences along an axis, whose neighbours are `step` places apart.
 * @param {Numbers} values
 * @param {number} step
 * @param {number} span places from one of the axis's runs to the next
 */
function addUp(values, step, span) {
  const count = values.length;
  for (let i = step; i < count; i++) if (i % span >= step) values[i] += values[i - step];
}

/**
 * Return numbers of which the last axis came first, and of those below 0 the bits turned round.
 * @template {Numbers} N
 * @param {N} written
 * @param {number} columns
 * @returns {N}
 */
function unfolded(written, columns) {
  const found = /** @type {N} */ (written.slice());
  const rows = written.length / columns;
  for (let c = 0, k = 0; c < columns; c++) {
    for (let i = 0; i < rows; i++, k++) {
      const value = written[k];
      found[i * columns + c] = value & 1 ? ~(value >>> 1) : value >>> 1;
    }
  }
  return found;
}

/**
 * Return what whole numbers stand for; the largest is no number.
 * @param {Numbers} whole
 * @param {Ref} ref
 * @returns {Numbers}
 */
function valuesOf(whole, { shape, low, step }) {
  if (low === undefined || step === undefined) return whole;
  const lows = [low].flat();
  const steps = [step].flat();
  const columns = Math.max(lows.length, steps.length, 1);
  const none = 2 ** (8 * whole.BYTES_PER_ELEMENT) - 1;
  if (columns > 1 && columns !== shape[shape.length - 1]) throw new Error("steps of another shape");
  return Float32Array.from(whole, (q, i) => {
    if (q === none) return NaN;
    return (lows[i % columns] ?? lows[0]) + (steps[i % columns] ?? steps[0]) * q;
  });
}
