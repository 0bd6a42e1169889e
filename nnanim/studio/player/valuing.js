// Valuing: which number the points have that are painted over two inputs.

import { make } from "../../page/player/widgets.js";
import { Knob, sliderOf } from "./knob.js";

/** What says which number a point has, where it has one beside its place. */
export class Valuing {
  constructor() {
    this.element = make("div", "knobs");
    /** @type {Knob | null} */
    this.knob = null;
  }

  /** The number that a point gets. @returns {number} */
  get value() {
    return this.knob ? this.knob.value : 0;
  }

  /**
   * Offer the numbers that there are on a canvas, and those that there were.
   * @param {import("./canvas.js").Canvas} canvas
   */
  offer({ kind, axis, values }) {
    if (kind !== "value") this.knob = null;
    else if (!this.knob || !reaches(this.knob.told, axis, rangeOf(values))) {
      const [low, high] = rangeOf(values);
      const middle = Number(((low + high) / 2).toPrecision(2));
      const begin = Math.min(Math.max(middle, low), high); // so far from 0, few digits lead outside
      this.knob = new Knob(sliderOf(axis, begin, low, high), begin, () => {});
    }
    this.element.replaceChildren(...(this.knob ? [this.knob.element] : []));
  }
}

/**
 * Return whether a slider is of an axis, and reaches from the least to the most.
 * @param {import("./knob.js").Told} told
 * @param {string} axis
 * @param {[number, number]} range
 */
function reaches({ name, low, high }, axis, [least, most]) {
  return name === axis && low <= least && most <= high;
}

/**
 * Return the least and the largest of some numbers; of one alone, somewhat around it.
 * @param {ArrayLike<number>} values
 * @returns {[number, number]}
 */
function rangeOf(values) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return low < high ? [low, high] : [low - 1, high + 1];
}
