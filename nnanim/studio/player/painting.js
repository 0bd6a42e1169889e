// Painting: the points that are painted over a scene's own, and what was painted before.

import { recipeOf } from "../../page/player/trace.js";

/** @typedef {import("../../page/player/contents.js").Page} Page */
/** @typedef {import("../../page/player/contents.js").Panel} Panel */
/** @typedef {import("../../page/player/film.js").Film} Film */
/** @typedef {import("../../page/player/marks.js").Drawing} Drawing */
/** @typedef {import("../../page/player/pads.js").Pointed} Pointed */

/**
 * What is painted: whether the scene's own points are there, all but some rows of them, and the
 * points that were added: x, y and class.
 * @typedef {[number, number, number]} Point
 * @typedef {{kept: boolean, without: ReadonlySet<number>, points: readonly Point[]}} Painting
 */

/** A point that is seen: one of the scene's own by its row, or one that was added by its number.
 * @typedef {{point: Point, row: number, number: number}} Seen */

export const MOST_POINTS = 2000; // as `nnanim.studio.asked` has it
const MOST_STEPS = 500; // that can be undone

/** @type {Painting} */
export const UNPAINTED = { kept: true, without: new Set(), points: [] };

/** What was painted, step by step. */
export class Steps {
  constructor() {
    this.present = UNPAINTED;
    /** @type {Painting[]} */
    this.past = [];
    /** @type {Painting[]} */
    this.future = [];
  }

  /** Begin a step: whatever is painted until the next one is undone with it. */
  begin() {
    this.past = [...this.past.slice(-MOST_STEPS), this.present];
    this.future = [];
  }

  /** End a step; one in which nothing was painted is none. */
  end() {
    if (this.past[this.past.length - 1] === this.present) this.past.pop();
  }

  /**
   * Go back by a step, or on again.
   * @param {boolean} back
   * @returns {boolean} whether there was one
   */
  go(back) {
    const [from, to] = back ? [this.past, this.future] : [this.future, this.past];
    const next = from.pop();
    if (!next) return false;
    to.push(this.present);
    this.present = next;
    return true;
  }
}

/**
 * Return what the studio is told of a painting; nothing of what is as the scene has it.
 * @param {Painting} painting
 * @returns {{painting?: {kept: boolean, without: number[], points: readonly Point[]}}}
 */
export function toldOfPainting({ kept, without, points }) {
  if (kept && without.size === 0 && points.length === 0) return {};
  return { painting: { kept, without: kept ? [...without] : [], points } };
}

/**
 * Return why no points can be painted in any panel; "" where some can.
 * @param {Page} page
 * @returns {string}
 */
export function whyNone(page) {
  const [told] = page.networks;
  if (page.panels.some((_, k) => isPaintable(page, k))) return "";
  if (page.networks.length > 1) {
    return `Points are painted in one training: here are ${page.networks.length}`;
  }
  if (told && told.inputs !== 2) {
    return `Points are painted over two inputs: this network has ${told.inputs}`;
  }
  if (!told?.data?.labels || told.decision === null) {
    return "Points are painted where classes are told apart: here are none";
  }
  return "Points are painted in InputSpace: this scene does not show it";
}

/**
 * Return whether points can be painted in a panel: it shows both inputs of the one network, whose
 * samples are of classes.
 * @param {Page} page
 * @param {number} number
 * @returns {boolean}
 */
export function isPaintable({ networks, panels }, number) {
  const [told] = networks;
  const data = told?.data;
  if (!told || !data?.labels || networks.length > 1 || told.inputs !== 2) return false;
  return told.decision !== null && panels[number].marks.some(isOfInputs);
}

/**
 * Return whether a mark is the samples where they are in the inputs.
 * @param {import("../../page/player/contents.js").Mark} mark
 * @returns {boolean}
 */
function isOfInputs(mark) {
  const recipe = recipeOf({ kind: mark.kind, mark });
  return recipe !== null && recipe.layer === "input" && (recipe.columns ?? [0, 1]).join() === "0,1";
}

/**
 * Return shift and step of each input, from the units of the network to those of the axes.
 * @param {Film} film
 * @returns {[number, number][]}
 */
function unitsOf(film) {
  return film.run(0).told.data?.scaling ?? [];
}

/**
 * Return a place in a panel whose plot is one of the axes' units, in which points are painted.
 * @param {Film} film
 * @param {Pointed | null} at
 * @returns {Pointed | null}
 */
export function inUnits(film, at) {
  const [[x, wide], [y, high]] = unitsOf(film);
  if (!at) return null;
  const [sx, tx, sy, ty] = at.plot.mapping;
  /** @type {[number, number, number, number]} */
  const mapping = [sx / wide, tx - (sx * x) / wide, sy / high, ty - (sy * y) / high];
  return { ...at, plot: { ...at.plot, mapping } };
}

/**
 * Return the points of a painting, of the scene's own as far as a film of another one has them.
 * @param {Film} film
 * @param {Painting} shown  with which the film was made
 * @param {Painting} painting
 * @returns {Seen[]}
 */
export function seenIn(film, shown, { kept, without, points }) {
  const { data } = film.run(0).told;
  /** @type {Seen[]} */
  const found = [];
  if (data?.labels && kept && shown.kept) {
    const [inputs, labels] = [film.arrays.of(data.inputs), film.arrays.of(data.labels)];
    const [[x, wide], [y, high]] = unitsOf(film);
    let row = -1;
    for (let i = 0; i < labels.length - shown.points.length; i++) {
      do row += 1;
      while (shown.without.has(row));
      if (without.has(row)) continue;
      const at = [x + wide * inputs[2 * i], y + high * inputs[2 * i + 1]];
      const point = /** @type {Point} */ ([...at, labels[i]]);
      found.push({ point, row, number: -1 });
    }
  }
  points.forEach((point, number) => found.push({ point, row: -1, number }));
  return found;
}

/**
 * Return a painting with a point in place of one that is seen, or without it.
 * @param {Painting} painting
 * @param {Seen[]} gone
 * @param {Point[]} instead
 * @returns {Painting}
 */
export function changed({ kept, without, points }, gone, instead) {
  const numbers = new Set(gone.map(({ number }) => number));
  const rows = gone.filter(({ row }) => row >= 0).map(({ row }) => row);
  return {
    kept,
    without: rows.length ? new Set([...without, ...rows]) : without,
    points: [...points.filter((_, k) => !numbers.has(k)), ...instead],
  };
}

/**
 * Return the points that are seen within so many pixels of a place, the nearest first.
 * @param {Seen[]} seen
 * @param {Pointed} at
 * @param {number} reach
 * @returns {Seen[]}
 */
export function nearIn(seen, { plot, x, y, ratio }, reach) {
  const [sx, tx, sy, ty] = plot.mapping;
  const away = (/** @type {Seen} */ { point }) =>
    Math.hypot(sx * point[0] + tx - x, sy * point[1] + ty - y) / ratio;
  const near = seen.map((each) => ({ each, far: away(each) })).filter(({ far }) => far <= reach);
  return near.sort((a, b) => a.far - b.far).map(({ each }) => each);
}

/**
 * Return marks of a panel with other points in place of its samples, until a film has them.
 * @param {Film} film
 * @param {Drawing[]} marks
 * @param {Seen[]} seen
 * @returns {Drawing[]}
 */
export function repainted(film, marks, seen) {
  const first = marks.findIndex(({ mark }) => isOfInputs(mark));
  if (first < 0) return marks;
  const classes = Math.max(...seen.map(({ point }) => point[2]), 0) + 1;
  /** @type {Drawing} */
  const points = {
    ...marks[first],
    at: unitsOf(film).map(([shift, step], axis) =>
      Float32Array.from(seen, ({ point }) => (point[axis] - shift) / step),
    ),
    starts: [0, seen.length],
    colors: Array.from({ length: classes }, (_, k) => `class${k}`),
    index: Uint8Array.from(seen, ({ point }) => point[2]),
    values: null,
    shape: "disc",
    order: undefined,
  };
  return marks.flatMap((mark, k) => (k === first ? [points] : isOfInputs(mark.mark) ? [] : [mark]));
}
