// Zoom: how large a sheet is drawn on its way through the layers, as `nnanim.film.zoom` has it.

/** @typedef {import("./passage.js").Told} Told */

const LOOKS = 12; // at each stage, for how far the sheet reaches
const ROOM = 1.06;
const LEAST = 1e-6;
const SOFT = 4; // looks over which the zoom changes, standard deviation

/** By which factor a picture is drawn at each depth. */
export class Zoom {
  /**
   * @param {Told} told
   * @param {(depth: number) => number} reach  how far the sheet reaches, as a share of the room
   */
  constructor({ stages, zoom }, reach) {
    this.depths = stages.flatMap((own, i) => {
      const looks = LOOKS * own.length;
      return Array.from({ length: looks + 1 }, (_, k) => i + k / looks).slice(i ? 1 : 0);
    });
    const logs = this.depths.map((depth) => Math.log(Math.max(reach(depth), LEAST)));
    const once = softened(logs);
    const soft = softened(logs.map((value, k) => Math.max(value, once[k])));
    // The input fills the room, and so does what the last layer gives, as it stands elsewhere.
    const last = logs.length - 1;
    const [begin, end] = [logs[0] - soft[0], -Math.log(zoom * ROOM) - soft[last]];
    this.logs = this.depths.map((depth, k) => {
      const begun = 1 - eased(depth * stages[0].length);
      const found = soft[k] + begin * begun + end * eased(depth - (stages.length - 1));
      return k < last ? Math.max(found, logs[k]) : found;
    });
  }

  /**
   * Return the factor at a depth.
   * @param {number} depth
   * @returns {number}
   */
  at(depth) {
    const { depths, logs } = this;
    let k = 0;
    while (k + 2 < depths.length && depths[k + 1] <= depth) k++;
    const share = Math.min(Math.max((depth - depths[k]) / (depths[k + 1] - depths[k]), 0), 1);
    return Math.exp(-(logs[k] + share * (logs[k + 1] - logs[k]))) / ROOM;
  }
}

/**
 * Return values as means of those about them.
 * @param {number[]} values
 * @returns {number[]}
 */
function softened(values) {
  const width = Math.floor(3 * SOFT);
  const weights = Array.from({ length: 2 * width + 1 }, (_, k) => {
    return Math.exp(-0.5 * ((k - width) / SOFT) ** 2);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const last = values.length - 1;
  return values.map((_, i) => {
    const sum = weights.reduce((found, weight, k) => {
      return found + weight * values[Math.min(Math.max(i + k - width, 0), last)];
    }, 0);
    return sum / total;
  });
}

/**
 * Return a share that begins and ends gently.
 * @param {number} share
 * @returns {number}
 */
function eased(share) {
  const u = Math.min(Math.max(share, 0), 1);
  return u * u * (3 - 2 * u);
}
