// Film: what marks ask of a page's networks at a time; each layer of each set of inputs once.

import { Clock } from "./clock.js";
import { tint } from "./decision.js";
import { Network, emptyUnits, mixed } from "./network.js";
import { Passing } from "./passing.js";
import { kept } from "./thinning.js";

/** @typedef {import("./clock.js").Now} Now */
/** @typedef {import("./contents.js").Page} Page */
/** @typedef {import("./contents.js").Recipe} Recipe */
/** @typedef {import("./contents.js").Trained} Trained */
/** @typedef {import("./decode.js").Arrays} Arrays */
/** @typedef {import("./decode.js").Ref} Ref */
/** @typedef {import("./network.js").Units} Units */

/**
 * Inputs of a network, and what layers were last asked to give for them, when.
 * @typedef {{units: Units, from: string, names: Set<string>, state: Float32Array | null,
 *   found: {[name: string]: Units}}} Asked
 */

/** A network of a page, with its states. */
export class Run {
  /**
   * @param {Trained} told
   * @param {Arrays} arrays
   */
  constructor(told, arrays) {
    this.told = told;
    this.network = new Network(told.layers, told.rows);
    this.arrays = arrays;
    this.states = /** @type {Float32Array} */ (arrays.of(told.parameters));
    this.state = arrays.of(told.state);
    this.size = told.parameters.shape[1];
    /** @type {Map<string, Asked>} */
    this.asked = new Map();
    /** @type {{key: string, found: Float32Array}} */
    this.last = { key: "", found: new Float32Array(0) };
    /** @type {Map<string, Passing>} */
    this.passings = new Map();
  }

  /**
   * Return the parameters at a time, interpolated between two states; the same array as long as
   * they are the same.
   * @param {Now} now
   * @returns {Float32Array}
   */
  parameters({ sample, share }) {
    const [before, after] = [sample, Math.min(sample + 1, this.state.length - 1)].map((k) => {
      return this.state[k] * this.size;
    });
    const part = before === after ? 0 : share;
    const key = `${before} ${part && after} ${part}`;
    if (this.last.key === key) return this.last.found;
    const at = (/** @type {number} */ row) => this.states.subarray(row, row + this.size);
    const found = part ? mixed(at(before), at(after), part) : at(before);
    this.last = { key, found };
    return found;
  }

  /**
   * Return what passes through the layers at a time.
   * @param {Now} now
   * @param {import("./passage.js").Mirror} mirror
   * @returns {Passing}
   */
  passing(now, mirror) {
    const { passage } = this.told;
    if (!passage) throw new Error("no passage");
    const parameters = this.parameters(now);
    let found = this.passings.get(mirror);
    if (found?.parameters !== parameters) {
      found = new Passing(this, passage, parameters, mirror);
      this.passings.set(mirror, found);
    }
    return found;
  }

  /**
   * Return how deep the film is at a time, and whether it only stands there.
   * @param {Now} now
   * @returns {{depth: number, stands: boolean}}
   */
  depth({ sample, share }) {
    const { passage } = this.told;
    if (!passage) throw new Error("no passage");
    const depths = this.arrays.of(passage.depths);
    const stands = standsAt(passage, sample);
    const mixes = share > 0 && stands === standsAt(passage, sample + 1);
    const onward = mixes ? share * (depths[sample + 1] - depths[sample]) : 0;
    return { depth: depths[sample] + onward, stands };
  }

  /**
   * Return what a layer gives at a time for inputs that are kept under a name; `make` makes them.
   * @param {string} key
   * @param {() => Units} make
   * @param {string} layer
   * @param {Now} now
   * @param {string} [from]
   * @returns {Units}
   */
  outputs(key, make, layer, now, from = "input") {
    const asked = this.ask(key, make, from);
    const state = this.parameters(now);
    if (asked.state !== state || !(layer in asked.found)) {
      // What else was asked for last time will be asked for again: one pass serves all.
      const others = asked.state === state ? Object.keys(asked.found) : asked.names;
      const names = [...new Set([...others, layer])];
      asked.found = this.network.outputs(state, asked.units, names, from);
      if (asked.state !== state) asked.names = new Set();
      asked.state = state;
    }
    asked.names.add(layer);
    return asked.found[layer];
  }

  /**
   * Return what is kept under a name of inputs, which `make` makes.
   * @param {string} key
   * @param {() => Units} make
   * @param {string} [from]
   * @returns {Asked}
   */
  ask(key, make, from = "input") {
    const known = this.asked.get(key);
    if (known) return known;
    /** @type {Asked} */
    const asked = { units: make(), from, names: new Set(), state: null, found: {} };
    this.asked.set(key, asked);
    return asked;
  }

  /**
   * Return how many samples of the data there are, or are picked by `rows`.
   * @param {Ref | undefined} rows
   * @returns {number}
   */
  count(rows) {
    if (rows) return rows.shape[0];
    return this.told.data ? this.told.data.inputs.shape[0] : 0;
  }

  /**
   * Return some of the data's samples, or all, and of many only those that are drawn where one
   * stands for several: a unit each input.
   * @param {Ref | undefined} rows
   * @param {number} every
   * @returns {Units}
   */
  samples(rows, every) {
    if (!this.told.data) return [];
    const inputs = this.arrays.of(this.told.data.inputs);
    const width = this.told.inputs;
    const which = rows ? this.arrays.of(rows) : null;
    const drawn = kept(this.count(rows), every);
    const units = emptyUnits(width, drawn ? drawn.length : this.count(rows));
    for (let i = 0; i < units[0].length; i++) {
      const row = drawn ? drawn[i] : i;
      const sample = which ? which[row] : row;
      for (let k = 0; k < width; k++) units[k][i] = inputs[sample * width + k];
    }
    return units;
  }

  /**
   * Return the points of some of the grid's lines, or of finer ones, one after the other.
   * @param {number[]} numbers
   * @param {Trained["lines"]} [lines]
   * @returns {Units}
   */
  gridPoints(numbers, lines = this.told.lines) {
    const { points, lengths } = lines;
    const values = this.arrays.of(points);
    const width = this.told.inputs;
    const starts = [0];
    for (const length of lengths) starts.push(starts[starts.length - 1] + length);
    const rows = numbers.flatMap((k) =>
      Array.from({ length: lengths[k] }, (_, i) => starts[k] + i),
    );
    const units = emptyUnits(width, rows.length);
    for (let i = 0; i < rows.length; i++) {
      for (let k = 0; k < width; k++) units[k][i] = values[rows[i] * width + k];
    }
    return units;
  }

  /**
   * Return a field at a time, row after row.
   * @param {Recipe} recipe
   * @param {Now} now
   * @returns {Float32Array}
   */
  field(recipe, now) {
    const { extent = [0, 1, 0, 1], side = [1, 1], from = "input" } = recipe;
    const key = `field ${from} ${extent.join()} ${side.join()}`;
    const scores = this.outputs(key, () => cellMiddles(extent, side), recipe.layer, now, from);
    const decision = this.told.decision;
    return decision ? tint(decision, scores, recipe.class ?? -1) : scores[0];
  }
}

/**
 * Return whether a film only stands at the end of its layers at a sample.
 * @param {import("./passage.js").Told} passage
 * @param {number} sample
 * @returns {boolean}
 */
export function standsAt({ stands }, sample) {
  return stands.some(([first, last]) => first <= sample && sample <= last);
}

/**
 * Return the middles of the cells of an extent, row after row.
 * @param {number[]} extent
 * @param {[number, number]} side  rows and columns
 * @returns {Units}
 */
function cellMiddles([x0, x1, y0, y1], [rows, columns]) {
  const units = emptyUnits(2, rows * columns);
  for (let i = 0; i < rows * columns; i++) {
    units[0][i] = x0 + ((x1 - x0) * ((i % columns) + 0.5)) / columns;
    units[1][i] = y0 + ((y1 - y0) * (Math.floor(i / columns) + 0.5)) / rows;
  }
  return units;
}

/** A page's clock and its networks. */
export class Film {
  /**
   * @param {Page} page
   * @param {Arrays} arrays
   */
  constructor(page, arrays) {
    this.page = page;
    this.arrays = arrays;
    this.clock = new Clock(page, arrays);
    this.runs = page.networks.map((told) => told && new Run(told, arrays));
    /** @type {WeakMap<object, Units>} */
    this.constants = new WeakMap();
  }

  /**
   * Return what is made once of something that stays.
   * @param {object} key
   * @param {() => Units} make
   * @returns {Units}
   */
  once(key, make) {
    const found = this.constants.get(key) ?? make();
    this.constants.set(key, found);
    return found;
  }

  /**
   * Return a network of the page, which has it.
   * @param {number} number
   * @returns {Run}
   */
  run(number) {
    const run = this.runs[number];
    if (!run) throw new Error(`no network ${number}`);
    return run;
  }

  /**
   * Return what share of the film is over, for cameras that turn.
   * @param {Now} now
   * @returns {number}
   */
  share({ t }) {
    const [first, last] = this.page.shares;
    return first + (last - first) * (this.page.seconds > 0 ? t / this.page.seconds : 0);
  }
}
