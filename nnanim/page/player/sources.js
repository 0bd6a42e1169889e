// Sources: what a mark holds over the film, at a time: kept, or computed by a recipe.

import { keptRows, startsOf } from "./samples.js";

/** @typedef {import("./clock.js").Now} Now */
/** @typedef {import("./contents.js").Recipe} Recipe */
/** @typedef {import("./contents.js").Source} Source */
/** @typedef {import("./decode.js").Numbers} Numbers */
/** @typedef {import("./decode.js").Ref} Ref */
/** @typedef {import("./film.js").Film} Film */
/** @typedef {import("./film.js").Run} Run */
/** @typedef {import("./network.js").Units} Units */

/**
 * Rows of numbers by their columns, in paths that begin at `starts`.
 * @typedef {{at: Units, starts: number[]}} Rows
 */

/**
 * How deep a reader is in the layers, when the film is as deep, and whose network is shown.
 * @typedef {{depth: number, when: Now, now: Now}} Dive
 */

/**
 * How a panel is looked at: another layer and other units than the film shows, or deeper, if any,
 * and how many samples one stands for while it has to be quick.
 * @typedef {{layer: string | null, chosen: {layer: string, units: number[]} | null,
 *   every: number, dive?: Dive | null}} Look
 */

/**
 * Return a value at a time: as it is, one of several, or between two.
 * @param {Film} film
 * @param {any} told
 * @param {Now} now
 * @returns {any}
 */
export function valueAt(film, told, { sample, share }) {
  if (told === null || typeof told !== "object" || Array.isArray(told)) return told;
  if ("of" in told) return told.of[film.arrays.of(told.which)[sample]];
  const values = film.arrays.of(told.sampled);
  return share ? (1 - share) * values[sample] + share * values[sample + 1] : values[sample];
}

/**
 * Return how many rows a field has.
 * @param {Source} source
 * @returns {number}
 */
export function rowsOf(source) {
  if ("recipe" in source) return source.side ? source.side[0] : 1;
  if ("constant" in source) return source.constant.shape[0];
  return "sampled" in source ? source.sampled.shape[1] : 1;
}

/**
 * Return what a source gives at a time, in so many columns; 0 for as many as it has.
 * @param {Film} film
 * @param {Source} source
 * @param {Now} now
 * @param {Look} look
 * @param {number} columns
 * @returns {Rows}
 */
export function rowsAt(film, source, now, look, columns) {
  if ("recipe" in source) return computed(film, source, now, look);
  return keptRows(film, source, now, columns);
}

/**
 * Return what a recipe gives at a time.
 * @param {Film} film
 * @param {Recipe} recipe
 * @param {Now} now
 * @param {Look} look
 * @returns {Rows}
 */
function computed(film, recipe, now, { layer, chosen, every, dive }) {
  const run = film.run(recipe.network);
  if (recipe.passed)
    return onTheWay({ film, run, recipe, now, every }, recipe.passed, dive ?? null);
  const other = chosen && recipe.layer === layer ? chosen : null;
  const seen = other ? other.layer : recipe.layer;
  const columns = other ? other.units : recipe.columns;
  const { at, starts } = COMPUTED[recipe.recipe]({ film, run, recipe, layer: seen, now, every });
  const chosenOnes = recipe.recipe === "field" ? undefined : columns;
  return { at: chosenOnes ? chosenOnes.map((k) => at[k]) : at, starts };
}

/** A recipe that is asked for. @typedef {{film: Film, run: Run, recipe: Recipe, now: Now,
 *   every: number}} Wanted */

/**
 * What computes all units of a layer.
 * @type {{[recipe: string]: (asked: Wanted & {layer: string}) => Rows}}
 */
const COMPUTED = {
  field({ run, recipe, now }) {
    const values = run.field(recipe, now);
    return { at: [values], starts: [0, values.length] };
  },
  data({ run, recipe, layer, now, every }) {
    const { key, make } = dataOf(run, recipe, every);
    const units = run.outputs(key, make, layer, now);
    return { at: units, starts: startsOf(recipe.lengths ?? [units[0].length]) };
  },
  lines({ run, recipe, layer, now }) {
    const { key, make, starts } = linesOf(run, recipe.lines);
    return { at: run.outputs(key, make, layer, now), starts };
  },
  boundary({ film, run, layer, now }) {
    const given = boundaryOf(film, run, now);
    const at = run.network.outputs(run.parameters(now), given.at, [layer])[layer];
    return { at, starts: given.starts };
  },
};

/**
 * Return the inputs of the data, or of lines through some of them, and the name they are kept by.
 * @param {Run} run
 * @param {Recipe} recipe
 * @param {number} every
 * @returns {{key: string, make: () => Units}}
 */
function dataOf(run, { rows, lengths }, every) {
  const stood = lengths ? 1 : every;
  return { key: `data ${rows ? rows.at : ""} ${stood}`, make: () => run.samples(rows, stood) };
}

/**
 * Return the inputs of lines of the grid, or of all, and the name they are kept by.
 * @param {Run} run
 * @param {number[] | undefined} some
 * @returns {{key: string, make: () => Units, starts: number[]}}
 */
function linesOf(run, some) {
  const { lengths } = run.told.lines;
  const numbers = some ?? lengths.map((_, k) => k);
  const starts = startsOf(numbers.map((k) => lengths[k]));
  return { key: `lines ${numbers.join()}`, make: () => run.gridPoints(numbers), starts };
}

/**
 * Return the inputs of lines of the finer grid that passes through layers.
 * @param {Run} run
 * @param {import("./passage.js").Told} told
 * @param {number[]} numbers
 * @returns {Rows}
 */
function passedLines(run, { grid }, numbers) {
  const make = () => run.gridPoints(numbers, grid);
  const at = run.ask(`passed ${numbers.join()}`, make).units;
  return { at, starts: startsOf(numbers.map((k) => grid.lengths[k])) };
}

/**
 * Return the boundary in input space.
 * @param {Film} film
 * @param {Run} run
 * @param {Now} now
 * @returns {Rows}
 */
function boundaryOf(film, run, now) {
  const { boundary, inputs } = run.told;
  const none = { at: Array(inputs).fill(new Float32Array(0)), starts: [0] };
  return boundary ? rowsAt(film, boundary, now, AS_IT_IS, inputs) : none;
}

/**
 * Return what is seen of a sheet on its way through the layers.
 * @param {Wanted} wanted
 * @param {NonNullable<Recipe["passed"]>} how
 * @param {Dive | null} dive
 * @returns {Rows}
 */
function onTheWay({ film, run, recipe, now, every }, { mirror, thumb }, dive) {
  const { depth, stands } = dive ? { depth: dive.depth, stands: false } : run.depth(now);
  const when = dive ? dive.now : now;
  // What stands is not mirrored.
  const passing = run.passing(when, stands ? "fold" : mirror);
  const zoom = thumb ? 1 : stands ? passing.told.zoom : passing.zoom(depth);
  if (recipe.recipe === "box") return joined(passing.boxEdges(depth, zoom));
  if (recipe.recipe === "ghost") {
    const { at, starts } = passedLines(run, passing.told, passing.told.outline);
    return joined(passing.ghost(at, starts, depth, zoom));
  }
  const given = givenTo({ film, run, recipe, now: when, every }, passing.told);
  const at = thumb ? passing.small(given.at, thumb) : passing.seen(given.at, depth, zoom);
  return { at, starts: given.starts };
}

/**
 * Return the inputs that a recipe sends through the layers.
 * @param {Wanted} wanted
 * @param {import("./passage.js").Told} told
 * @returns {Rows}
 */
function givenTo({ film, run, recipe, now, every }, told) {
  if (recipe.recipe === "boundary") return boundaryOf(film, run, now);
  if (recipe.recipe === "lines") return passedLines(run, told, recipe.lines ?? []);
  const { key, make } = dataOf(run, recipe, every);
  const at = run.ask(key, make).units;
  return { at, starts: startsOf(recipe.lengths ?? [at[0].length]) };
}

/**
 * Return lines one after the other.
 * @param {number[][][]} paths
 * @returns {Rows}
 */
function joined(paths) {
  const points = paths.flat();
  const at = [0, 1].map((axis) => Float32Array.from(points, (point) => point[axis]));
  return { at, starts: startsOf(paths.map((path) => path.length)) };
}

/** @type {Look} */
const AS_IT_IS = { layer: null, chosen: null, every: 1 };
