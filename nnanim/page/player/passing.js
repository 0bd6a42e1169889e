// Passing: what is seen of a network's data, grid and boundary on their way through its layers, as
// `nnanim.film.passing` has it.

import { Passage } from "./passage.js";
import { Zoom } from "./zoom.js";

/** @typedef {import("./film.js").Run} Run */
/** @typedef {import("./network.js").Units} Units */
/** @typedef {import("./passage.js").Picture} Picture */
/** @typedef {import("./passage.js").Told} Told */

const SHAPE = [1.9, 1]; // the room in which a sheet is drawn
const ROWS = 1500; // of the data, and of the grid
const SMALLEST = 1e-9; // half of how far a layer's picture goes, at least
const [DASH, ALONG] = [0.02, 200]; // the length of a dash; points along an edge

/** What passes through the layers of a network with such parameters. */
export class Passing {
  /**
   * @param {Run} run
   * @param {Told} told
   * @param {Float32Array} parameters
   * @param {import("./passage.js").Mirror} mirror
   */
  constructor(run, told, parameters, mirror) {
    this.run = run;
    this.told = told;
    this.parameters = parameters;
    this.passage = new Passage(told, run.told.layers, run.told.inputs, parameters, mirror);
    /** @type {Zoom | null} */
    this.zooms = null;
    /** @type {Map<number, {middle: number[], half: number}>} */
    this.boxes = new Map();
  }

  /**
   * Return where points are seen at a depth, times a zoom.
   * @param {Units} inputs  a set that is asked for again and again
   * @param {number} depth
   * @param {number} zoom
   * @param {number[]} [middle]  where what is in the middle is seen
   * @returns {Units}
   */
  seen(inputs, depth, zoom, middle = [0, 0]) {
    const picture = this.passage.picture(depth);
    return combined(picture, this.given(inputs), inputs[0].length, zoom, middle);
  }

  /**
   * Return where points are seen in a small picture of what a layer gives.
   * @param {Units} inputs
   * @param {[number, number, number[]]} thumb  the layer's number, half its size, its middle
   * @returns {Units}
   */
  small(inputs, [layer, size, place]) {
    const { middle, half } = this.box(layer);
    const zoom = size / Math.max(half, SMALLEST);
    const shift = place.map((value, axis) => value - zoom * middle[axis]);
    return this.seen(inputs, layer, zoom, shift);
  }

  /**
   * Return what all layers on the way give for inputs.
   * @param {Units} inputs
   * @returns {{[layer: string]: Units}}
   */
  given(inputs) {
    const known = givenLast.get(inputs);
    if (known && known.parameters === this.parameters) return known.found;
    const stages = this.told.stages.flat();
    const names = [...new Set(stages.flatMap(({ before, after }) => [before, after]))];
    const found = this.run.network.outputs(this.parameters, inputs, names);
    givenLast.set(inputs, { parameters: this.parameters, found });
    return found;
  }

  /**
   * Return the edges of the box that a nonlinearity never leaves, as seen at a depth: points one
   * after the other along each.
   * @param {number} depth
   * @param {number} zoom
   * @returns {Paths}
   */
  boxEdges(depth, zoom) {
    const { stage, step } = this.passage.place(depth);
    const [low, high] = stage.box ?? [0, 0];
    const units = step.order[1].length;
    const basis = this.passage.basis(depth);
    const corners = stage.box ? Array.from({ length: 2 ** units }, (_, c) => c) : [];
    const place = (/** @type {number} */ corner) =>
      [0, 1].map((axis) => {
        let sum = 0;
        for (let k = 0; k < units; k++) sum += ((corner >> k) & 1 ? high : low) * basis[k][axis];
        return zoom * sum;
      });
    return corners.flatMap((corner) =>
      Array.from({ length: units }, (_, k) => k)
        .filter((k) => !((corner >> k) & 1))
        .map((k) => {
          const [from, to] = [place(corner), place(corner | (1 << k))];
          return Array.from({ length: ALONG }, (_, i) => {
            const share = i / (ALONG - 1);
            return inRoom(from.map((value, axis) => value + share * (to[axis] - value)));
          });
        }),
    );
  }

  /**
   * Return dashes along the lines where a sheet began the stage at a depth.
   * @param {Units} inputs
   * @param {number[]} starts
   * @param {number} depth
   * @param {number} zoom
   * @returns {Paths}
   */
  ghost(inputs, starts, depth, zoom) {
    const { layer, number } = this.passage.place(depth);
    const begun = layer + number / this.told.stages[layer].length;
    const [x, y] = this.seen(inputs, begun, zoom);
    return starts.slice(1).flatMap((end, i) => dashed(x, y, starts[i], end));
  }

  /**
   * Return the factor by which the picture is drawn at a depth.
   * @param {number} depth
   * @returns {number}
   */
  zoom(depth) {
    this.zooms ??= new Zoom(this.told, (at) => this.reach(at));
    return this.zooms.at(depth);
  }

  /**
   * Return how far sheets reach from the middle at a depth, as a share of the room.
   * @param {number} depth
   * @returns {number}
   */
  reach(depth) {
    const { low, high } = this.ends(depth);
    return Math.max(...SHAPE.map((side, k) => Math.max(-low[k], high[k]) / side));
  }

  /**
   * Return the middle of all that is seen of a layer, and half of how far it goes; 0 is the input.
   * @param {number} layer
   * @returns {{middle: number[], half: number}}
   */
  box(layer) {
    const known = this.boxes.get(layer);
    if (known) return known;
    const { low, high } = this.ends(layer);
    const middle = low.map((value, k) => (value + high[k]) / 2);
    const found = { middle, half: Math.max(high[0] - low[0], high[1] - low[1]) / 2 };
    this.boxes.set(layer, found);
    return found;
  }

  /**
   * Return between which places all is seen at a depth.
   * @param {number} depth
   * @returns {{low: number[], high: number[]}}
   */
  ends(depth) {
    const [low, high] = [
      [Infinity, Infinity],
      [-Infinity, -Infinity],
    ];
    for (const inputs of sheetsOf(this.run)) {
      this.seen(inputs, depth, 1).forEach((column, k) => {
        for (const value of column) {
          if (value < low[k]) low[k] = value;
          if (value > high[k]) high[k] = value;
        }
      });
    }
    return { low, high };
  }
}

/** Lines as points one after the other. @typedef {number[][][]} Paths */

/** @type {WeakMap<Units, {parameters: Float32Array, found: {[layer: string]: Units}}>} */
const givenLast = new WeakMap();

/**
 * Return a place, or none where it is beside the room of a sheet.
 * @param {number[]} place
 * @returns {number[]}
 */
function inRoom(place) {
  const inside = place.every((value, axis) => Math.abs(value) <= SHAPE[axis] + 0.04);
  return inside ? place : [NaN, NaN];
}

/**
 * Return a line as short dashes of one length.
 * @param {Float32Array} x
 * @param {Float32Array} y
 * @param {number} first
 * @param {number} end
 * @returns {Paths}
 */
function dashed(x, y, first, end) {
  const along = [0];
  for (let i = first + 1; i < end; i++) {
    along.push(along[along.length - 1] + Math.hypot(x[i] - x[i - 1], y[i] - y[i - 1]));
  }
  const whole = along[along.length - 1];
  let k = 0;
  const at = (/** @type {number} */ way) => {
    while (k + 2 < along.length && along[k + 1] < way) k++;
    const share = (way - along[k]) / (along[k + 1] - along[k] || 1);
    return inRoom([x, y].map((c) => c[first + k] + share * (c[first + k + 1] - c[first + k])));
  };
  /** @type {Paths} */
  const dashes = [];
  for (let s = 0; s < whole; s += 2.5 * DASH) {
    const last = Math.min(s + DASH, whole);
    dashes.push([at(s), at((s + last) / 2), at(last)]);
  }
  return dashes;
}

/**
 * Return the sum of what layers give by the weights of a picture.
 * @param {Picture} picture
 * @param {{[layer: string]: Units}} given
 * @param {number} count
 * @param {number} zoom
 * @param {number[]} middle
 * @returns {Units}
 */
function combined({ terms, shift }, given, count, zoom, middle) {
  return [0, 1].map((axis) => {
    const column = new Float32Array(count).fill(zoom * shift[axis] + middle[axis]);
    for (const { layer, weights } of terms) {
      given[layer].forEach((unit, k) => {
        const weight = zoom * weights[k][axis];
        if (weight === 0) return;
        for (let i = 0; i < count; i++) column[i] += weight * unit[i];
      });
    }
    return column;
  });
}

/** @type {WeakMap<Run, Units[]>} */
const sheetsKnown = new WeakMap();

/**
 * Return some of the data and of the grid, which reach about as far as all: units of inputs.
 * @param {Run} run
 * @returns {Units[]}
 */
function sheetsOf(run) {
  const known = sheetsKnown.get(run);
  if (known) return known;
  const data = run.samples(undefined, 1);
  const { lengths } = run.told.lines;
  const grid = lengths.length
    ? run.gridPoints(lengths.map((_, k) => k))
    : data.map((unit) => unit.slice(0, 2000)); // as a film without a grid has it
  const found = [data, grid].map((units) => {
    const rows = rowsAmong(units[0].length);
    return units.map((unit) => Float32Array.from(rows, (row) => unit[row]));
  });
  sheetsKnown.set(run, found);
  return found;
}

/**
 * Return some of so many rows, evenly.
 * @param {number} count
 * @returns {number[]}
 */
function rowsAmong(count) {
  const step = (count - 1) / (ROWS - 1);
  const rows = Array.from({ length: ROWS }, (_, k) => {
    return k === ROWS - 1 ? count - 1 : Math.floor(k * step);
  });
  return [...new Set(rows)];
}
