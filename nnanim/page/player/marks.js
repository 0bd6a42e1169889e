// Marks: what a panel shows at a time, as plain numbers, from what a page keeps of its marks.

import { rowsAt, rowsOf, valueAt } from "./sources.js";
import { kept } from "./thinning.js";

/** @typedef {import("./clock.js").Now} Now */
/** @typedef {import("./contents.js").Mark} Mark */
/** @typedef {import("./contents.js").Source} Source */
/** @typedef {import("./decode.js").Numbers} Numbers */
/** @typedef {import("./film.js").Film} Film */
/** @typedef {import("./network.js").Units} Units */
/** @typedef {import("./sources.js").Look} Look */
/** @typedef {import("./sources.js").Rows} Rows */

/**
 * A mark at a time. What there is of it goes by its kind: `at` and `starts` are points, lines or
 * corners, `values` the numbers that a scale colours; `field` are numbers in so many `rows`.
 * @typedef {{kind: Mark["kind"], at: Units, starts: number[], colors: string[],
 *   index: Numbers | null, values: Float32Array | null, field: Float32Array | null, scale: string, low: number, high: number,
 *   size: number, alpha: number, shape: import("./points.js").Shape, rows: number,
 *   extent: number[], text: string, bold: boolean, offset: number, marks: Drawing[],
 *   mark: Mark, order?: ArrayLike<number>}} Drawing
 */

/**
 * Return what marks there are at a time, and as what.
 * @param {Film} film
 * @param {Mark[]} marks
 * @param {Now} now
 * @param {Look} look
 * @returns {Drawing[]}
 */
export function drawings(film, marks, now, look) {
  return marks
    .filter((mark) => isShown(mark, now) && (!look.chosen || follows(mark, look)))
    .map((mark) => drawing(film, mark, now, look));
}

/**
 * Return whether a mark is there at a time.
 * @param {Mark} mark
 * @param {Now} now
 * @returns {boolean}
 */
function isShown({ shown }, { sample }) {
  return !shown || shown.some(([first, last]) => first <= sample && sample <= last);
}

/**
 * Return whether a mark can be shown as another layer sees it.
 * @param {Mark} mark
 * @param {Look} look
 * @returns {boolean}
 */
function follows(mark, { layer }) {
  const source = mark.xy ?? mark.paths;
  return source !== undefined && "recipe" in source && source.layer === layer;
}

/**
 * Return a mark at a time.
 * @param {Film} film
 * @param {Mark} mark
 * @param {Now} now
 * @param {Look} look
 * @returns {Drawing}
 */
function drawing(film, mark, now, look) {
  const value = (/** @type {any} */ told, /** @type {any} */ other) =>
    valueAt(film, told ?? other, now);
  const numbers = (/** @type {Source | undefined} */ source) =>
    source ? rowsAt(film, source, now, look, 1).at[0] : null;
  const field = mark.field ?? (mark.kind === "heights" ? mark.heights : undefined);
  const { at, starts } = placesOf(film, mark, now, look);
  return {
    kind: mark.kind,
    at,
    starts,
    colors: Array.isArray(mark.color) ? mark.color : [value(mark.color, "ink")],
    index: thinned(numbers(mark.index), at, look),
    values: thinned(numbers(mark.values ?? mark.bias), at, look),
    field: numbers(field),
    scale: mark.scale ?? "",
    low: value(mark.low, 0),
    high: value(mark.high, 1),
    size: value(mark.size ?? mark.width, 1),
    alpha: value(mark.alpha, 1),
    shape: value(mark.shape, "disc"),
    rows: field ? rowsOf(field) : 0,
    extent: value(mark.extent, [0, 1, 0, 1]),
    text: value(mark.text, "") ?? "",
    bold: value(mark.bold, false),
    offset: value(mark.offset, 0),
    marks: mark.marks ? drawings(film, mark.marks, now, look) : [],
    mark,
  };
}

/**
 * Return where a mark's points, lines, corners, bars or letters are; of a plane, its
 * normal, of cells, their weights.
 * @param {Film} film
 * @param {Mark} mark
 * @param {Now} now
 * @param {Look} look
 * @returns {Rows}
 */
function placesOf(film, mark, now, look) {
  if (mark.kind === "bars" && mark.positions && mark.heights) {
    const [x] = rowsAt(film, mark.positions, now, look, 1).at;
    const [top] = rowsAt(film, mark.heights, now, look, 1).at;
    return barOutlines(x, top, valueAt(film, mark.width, now), valueAt(film, mark.base, now));
  }
  const source = mark.xy ?? mark.paths ?? mark.normal ?? mark.weight;
  // Letters jump: a text of a list in another order is not on its way to another's place.
  const when = mark.kind === "text" ? { ...now, share: 0 } : now;
  return source ? rowsAt(film, source, when, look, 0) : { at: [], starts: [0] };
}

/**
 * Return the outlines of upright bars.
 * @param {Float32Array} x
 * @param {Float32Array} top
 * @param {number} width
 * @param {number} base
 * @returns {Rows}
 */
function barOutlines(x, top, width, base) {
  const corners = Array.from({ length: 4 * x.length }, (_, i) => i);
  const side = (/** @type {number} */ i) => (i % 4 === 0 || i % 4 === 3 ? -1 : 1) * (width / 2);
  return {
    at: [
      Float32Array.from(corners, (i) => x[i >> 2] + side(i)),
      Float32Array.from(corners, (i) => (i % 4 < 2 ? base : top[i >> 2])),
    ],
    starts: Array.from({ length: x.length + 1 }, (_, i) => 4 * i),
  };
}

/**
 * Return numbers one a point for the points that are drawn, where that is not each of them.
 * @template {Numbers} N
 * @param {N | null} numbers
 * @param {Units} at
 * @param {Look} look
 * @returns {N | null}
 */
function thinned(numbers, at, { every }) {
  if (!numbers || at.length === 0 || numbers.length === at[0].length) return numbers;
  const drawn = kept(numbers.length, every);
  if (!drawn) return numbers;
  const some = /** @type {N} */ (numbers.slice(0, drawn.length));
  for (let i = 0; i < drawn.length; i++) some[i] = numbers[drawn[i]];
  return some;
}
