// Sources: what a mark holds over the film, at a time: kept, or computed by a recipe.

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
 * How a panel is looked at: another layer and other units than the film shows, if any, and how many
 * samples one stands for while it has to be quick.
 * @typedef {{layer: string | null, chosen: {layer: string, units: number[]} | null,
 *   every: number}} Look
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
  if ("constant" in source) {
    const count = columns || lastOf(source.constant);
    const known = film.once(source, () => split(film.arrays.of(source.constant), count));
    return { at: known, starts: startsOf(source.lengths ?? [known[0].length]) };
  }
  if ("sampled" in source) {
    const at = betweenSamples(film, source, now, columns || lastOf(source.sampled));
    return { at, starts: startsOf(source.lengths ?? [at[0].length]) };
  }
  const { points, paths, frames } = source.ragged;
  const count = columns || lastOf(points);
  const frame = film.arrays.of(source.frame)[now.sample];
  const [first, last] = film.arrays.of(frames).subarray(frame, frame + 2);
  const ends = Array.from(film.arrays.of(paths).subarray(first, last + 1));
  const part = film.arrays.of(points).subarray(ends[0] * count, ends[ends.length - 1] * count);
  return { at: split(part, count), starts: ends.map((end) => end - ends[0]) };
}

/**
 * Return how many numbers a row of an array has.
 * @param {Ref} ref
 * @returns {number}
 */
function lastOf({ shape }) {
  return shape[shape.length - 1];
}

/**
 * Return where paths of such lengths begin, and where the last ends.
 * @param {number[]} lengths
 * @returns {number[]}
 */
function startsOf(lengths) {
  const starts = [0];
  for (const length of lengths) starts.push(starts[starts.length - 1] + length);
  return starts;
}

/**
 * Return rows of numbers by their columns.
 * @param {Numbers} values
 * @param {number} columns
 * @returns {Units}
 */
function split(values, columns) {
  const rows = values.length / columns;
  return Array.from({ length: columns }, (_, k) => {
    const column = new Float32Array(rows);
    for (let i = 0; i < rows; i++) column[i] = values[i * columns + k];
    return column;
  });
}

/**
 * Return what is sampled, mixed between two samples.
 * @param {Film} film
 * @param {import("./contents.js").Sampled} source
 * @param {Now} now
 * @param {number} columns
 * @returns {Units}
 */
function betweenSamples(film, source, { sample, share }, columns) {
  const values = film.arrays.of(source.sampled);
  const size = values.length / source.sampled.shape[0];
  const frame = film.arrays.of(source.frame);
  const before = frame[sample] * size;
  const after = (share ? frame[sample + 1] : frame[sample]) * size;
  const rows = size / columns;
  return Array.from({ length: columns }, (_, k) => {
    const column = new Float32Array(rows);
    for (let i = 0, at = k; i < rows; i++, at += columns) {
      const from = values[before + at];
      column[i] = before === after ? from : from + share * (values[after + at] - from);
    }
    return column;
  });
}

/**
 * Return what a recipe gives at a time.
 * @param {Film} film
 * @param {Recipe} recipe
 * @param {Now} now
 * @param {Look} look
 * @returns {Rows}
 */
function computed(film, recipe, now, { layer, chosen, every }) {
  const run = film.run(recipe.network);
  const other = chosen && recipe.layer === layer ? chosen : null;
  const seen = other ? other.layer : recipe.layer;
  const columns = other ? other.units : recipe.columns;
  const { at, starts } = COMPUTED[recipe.recipe]({ film, run, recipe, layer: seen, now, every });
  const chosenOnes = recipe.recipe === "field" ? undefined : columns;
  return { at: chosenOnes ? chosenOnes.map((k) => at[k]) : at, starts };
}

/**
 * What computes all units of a layer.
 * @type {{[recipe: string]: (asked: {film: Film, run: Run, recipe: Recipe, layer: string,
 *   now: Now, every: number}) => Rows}}
 */
const COMPUTED = {
  field({ run, recipe, now }) {
    const values = run.field(recipe, now);
    return { at: [values], starts: [0, values.length] };
  },
  data({ run, recipe, layer, now, every }) {
    const key = `data ${recipe.rows ? recipe.rows.at : ""} ${every}`;
    const units = run.outputs(key, () => run.samples(recipe.rows, every), layer, now);
    return { at: units, starts: [0, units[0].length] };
  },
  lines({ run, recipe, layer, now }) {
    const { lengths } = run.told.lines;
    const numbers = recipe.lines ?? lengths.map((_, k) => k);
    const make = () => run.gridPoints(numbers);
    const units = run.outputs(`lines ${numbers.join()}`, make, layer, now);
    return { at: units, starts: startsOf(numbers.map((k) => lengths[k])) };
  },
  boundary({ film, run, layer, now }) {
    const { boundary, inputs } = run.told;
    const none = { at: Array(inputs).fill(new Float32Array(0)), starts: [0] };
    const given = boundary ? rowsAt(film, boundary, now, AS_IT_IS, inputs) : none;
    const at = run.network.outputs(run.parameters(now), given.at, [layer])[layer];
    return { at, starts: given.starts };
  },
};

/** @type {Look} */
const AS_IT_IS = { layer: null, chosen: null, every: 1 };
