// Trace: one sample of the data, what it is, and its way through the training.

import { decided, probabilities } from "./decision.js";
import { kept } from "./thinning.js";

/** @typedef {import("./clock.js").Now} Now */
/** @typedef {import("./contents.js").Panel} Panel */
/** @typedef {import("./contents.js").Recipe} Recipe */
/** @typedef {import("./film.js").Film} Film */
/** @typedef {import("./film.js").Run} Run */
/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./network.js").Units} Units */
/** @typedef {import("./sight.js").Choice} Choice */
/** @typedef {import("./tile.js").Plot} Plot */

/** A sample of a network's data. @typedef {{network: number, sample: number}} Sample */

/**
 * Return the sample that is drawn nearest to a pixel of a plot, within so many pixels.
 * @param {Film} film
 * @param {Plot} plot
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 * @param {number} every  how many samples one drawn stands for
 * @returns {Sample | null}
 */
export function nearestSample(film, plot, x, y, reach, every) {
  const [sx, tx, sy, ty] = plot.mapping;
  /** @type {Sample | null} */
  let found = null;
  let least = reach * reach;
  for (const drawing of plot.drawn) {
    const recipe = recipeOf(drawing);
    if (!recipe) continue;
    const drawn = kept(film.run(recipe.network).count(recipe.rows), every);
    const [xs, ys] = drawing.at;
    for (let i = 0; i < xs.length; i++) {
      const away = (sx * xs[i] + tx - x) ** 2 + (sy * ys[i] + ty - y) ** 2;
      if (!(away <= least)) continue; // nor what is nowhere
      least = away;
      const place = drawing.order ? drawing.order[i] : i;
      const row = drawn ? drawn[place] : place;
      const sample = recipe.rows ? film.arrays.of(recipe.rows)[row] : row;
      found = { network: recipe.network, sample };
    }
  }
  return found;
}

/**
 * Return the recipe by which a mark's points are the data; null for others.
 * @param {{kind: string, mark: import("./contents.js").Mark}} drawing
 * @returns {Recipe | null}
 */
export function recipeOf({ kind, mark }) {
  const source = kind === "points" ? mark.xy : undefined;
  return source && "recipe" in source && source.recipe === "data" ? source : null;
}

/**
 * Return whether a panel shows samples of the data, which can be pointed at.
 * @param {Panel} panel
 * @returns {boolean}
 */
export function showsSamples({ marks }) {
  return marks.some((mark) => recipeOf({ kind: mark.kind, mark }) !== null);
}

/**
 * Return the inputs of a sample, a unit each.
 * @param {Run} run
 * @param {number} sample
 * @returns {Units}
 */
function inputsOf(run, sample) {
  const { data, inputs } = run.told;
  if (!data) return [];
  const values = run.arrays.of(data.inputs);
  return Array.from({ length: inputs }, (_, k) => Float32Array.of(values[sample * inputs + k]));
}

/**
 * Return where a sample is in a panel at each of the film's samples; null where it is not there.
 * @param {Film} film
 * @param {Panel} panel
 * @param {Choice} choice
 * @param {Sample} traced
 * @returns {Units | null}
 */
export function pathOf(film, panel, choice, { network, sample }) {
  const recipe = panel.marks
    .map((mark) => recipeOf({ kind: mark.kind, mark }))
    .find((each) => each && each.network === network && !each.passed);
  if (!recipe) return null;
  const run = film.run(network);
  const chosen = recipe.layer === panel.layer ? choice.chosen : null;
  const layer = chosen ? chosen.layer : recipe.layer;
  const columns = chosen ? chosen.units : (recipe.columns ?? [0, 1]);
  const inputs = inputsOf(run, sample);
  const count = film.clock.times.length;
  const path = columns.map(() => new Float32Array(count));
  for (let k = 0; k < count; k++) {
    const state = run.parameters({ t: 0, sample: k, share: 0, moment: 0 });
    const given = run.network.outputs(state, inputs, [layer])[layer];
    columns.forEach((column, i) => (path[i][k] = given[column][0]));
  }
  return path;
}

/**
 * Return what a sample is, and what the network makes of it at a time: lines of text.
 * @param {Film} film
 * @param {Sample} traced
 * @param {Now} now
 * @param {{[key: string]: string}} words
 * @returns {string[]}
 */
export function toldOf(film, { network, sample }, now, words) {
  const run = film.run(network);
  const { data, decision, scores } = run.told;
  if (!data) return [];
  const inputs = inputsOf(run, sample);
  const lines = inputs.slice(0, 4).map(([value], k) => {
    const [shift, step] = data.scaling[k] ?? [0, 1];
    return `${data.axis_names[k] ?? `x${k + 1}`} = ${shown(shift + step * value, words)}`;
  });
  const state = run.parameters(now);
  if (!decision) {
    const given = run.network.outputs(state, inputs, [""])[""];
    return [
      lines.join(", "),
      `${words.prediction} ${given.map(([value]) => shown(value, words)).join("  ")}`,
    ];
  }
  const name = (/** @type {number} */ k) =>
    data.class_names[k] ?? words.class.replace("{n}", String(k));
  const given = run.network.outputs(state, inputs, [scores])[scores].map(([value]) => value);
  const winner = decided(decision, given);
  const share = Math.round(100 * probabilities(decision, given)[winner]);
  const sure = words.percent.replace("{number}", String(share));
  const own = data.labels ? [name(run.arrays.of(data.labels)[sample])] : [];
  return [...own, lines.join(", "), `${words.prediction} ${name(winner)}, ${sure}`];
}

/**
 * Return a number in three digits.
 * @param {number} value
 * @param {{[key: string]: string}} words
 * @returns {string}
 */
function shown(value, words) {
  const digits = String(Number(value.toPrecision(3)));
  return digits.replace("-", "−").replace(".", words.decimal);
}
