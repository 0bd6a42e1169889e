// Canvas: what is painted on: in which panels, in which units, and what a point is there.

import { recipeOf } from "../../page/player/trace.js";

/** @typedef {import("../../page/player/contents.js").Page} Page */
/** @typedef {import("../../page/player/decode.js").Ref} Ref */
/** @typedef {import("../../page/player/film.js").Film} Film */
/** @typedef {import("../../page/player/marks.js").Drawing} Drawing */
/** @typedef {import("../../page/player/pads.js").Pointed} Pointed */
/** @typedef {import("./painting.js").Painting} Painting */
/** @typedef {import("./painting.js").Point} Point */
/** @typedef {import("./painting.js").Seen} Seen */

/**
 * The samples of one input in panels that show the fit, as `nnanim.studio.graphs` tells of them.
 * @typedef {{panels: number[], every: number, inputs: Ref, targets: Ref,
 *   scaling: [number, number]}} Graph
 */

/**
 * What a point is: over two inputs of a class, or with a value; over one input itself on the graph.
 * @typedef {"class" | "value" | "graph"} Kind
 */

const ADDED = 12; // pixels of the sheet: a point that was added to a graph
const FEWEST = 2; // points on which numbers are trained

/**
 * What there is to paint on, or `why` nothing: in which panels, by which brushes; shift and step
 * across and upwards, from a panel's units to the axes'; what a value is called.
 * @typedef {{kind: Kind, why: string, panels: number[], units: [number, number][],
 *   names: string[], axis: string}} Shape
 */

/** What is painted on, as a film shows it. */
export class Canvas {
  /**
   * @param {Film} film
   * @param {Graph | null} graph
   * @param {Shape} shape
   */
  constructor(film, graph, shape) {
    this.film = film;
    this.graph = graph;
    this.kind = shape.kind;
    this.why = shape.why;
    this.panels = shape.panels;
    this.units = shape.units;
    this.names = shape.names;
    this.axis = shape.axis;
  }

  /** The numbers that samples have over two inputs. @returns {ArrayLike<number>} */
  get values() {
    if (this.kind !== "value" || this.why) return [];
    const targets = this.film.run(0).told.data?.targets;
    return targets ? this.film.arrays.of(targets) : [];
  }

  /**
   * Return a place in a panel whose plot is one of the axes' units, in which points are painted.
   * @param {Pointed | null} at
   * @returns {Pointed | null}
   */
  inUnits(at) {
    const [[x, wide], [y, high]] = this.units;
    if (!at) return null;
    const [sx, tx, sy, ty] = at.plot.mapping;
    /** @type {[number, number, number, number]} */
    const mapping = [sx / wide, tx - (sx * x) / wide, sy / high, ty - (sy * y) / high];
    return { ...at, plot: { ...at.plot, mapping } };
  }

  /**
   * Return the points of a painting, of the scene's own as far as a film of another one has them.
   * @param {Painting} shown  with which the film was made
   * @param {Painting} painting
   * @returns {Seen[]}
   */
  seen(shown, { kept, without, points }) {
    const own = kept && shown.kept && !this.why ? this.own() : [];
    /** @type {Seen[]} */
    const found = [];
    let row = -1;
    for (const point of own.slice(0, own.length - shown.points.length)) {
      do row += 1;
      while (shown.without.has(row));
      if (!without.has(row)) found.push({ point, row, number: -1 });
    }
    points.forEach((point, number) => found.push({ point, row: -1, number }));
    return found;
  }

  /** The points on which the film was trained. @returns {Point[]} */
  own() {
    const { film, graph } = this;
    const [[x, wide], [y, high]] = this.units;
    if (graph) {
      const [inputs, targets] = [film.arrays.of(graph.inputs), film.arrays.of(graph.targets)];
      return Array.from(inputs, (value, i) => [x + wide * value, targets[i], 0]);
    }
    const data = film.run(0).told.data;
    const third = this.kind === "value" ? this.values : data?.labels && film.arrays.of(data.labels);
    if (!data || !third) return [];
    const inputs = film.arrays.of(data.inputs);
    return Array.from(third, (value, i) => {
      return [x + wide * inputs[2 * i], y + high * inputs[2 * i + 1], value];
    });
  }

  /**
   * Say of what there is no point yet, without which nothing is trained.
   * @param {Seen[]} seen
   * @returns {string[]}
   */
  lacking(seen) {
    if (this.why) return [];
    if (this.kind !== "class") return seen.length < FEWEST ? ["two are needed"] : [];
    const there = new Set(seen.map(({ point }) => point[2]));
    return this.names.filter((_, k) => !there.has(k)).map((name) => `none ${name} yet`);
  }

  /**
   * Return marks of a panel with other points in place of its samples, until a film has them.
   * @param {number} number
   * @param {Drawing[]} marks
   * @param {Painting} shown
   * @param {Painting} painting
   * @returns {Drawing[]}
   */
  repainted(number, marks, shown, painting) {
    if (!this.panels.includes(number)) return marks;
    const same = shown === painting;
    if (this.graph) return this.onGraph(this.graph, marks, painting, same ? null : shown);
    const first = marks.findIndex(({ mark }) => isOfInputs(mark));
    if (same || first < 0) return marks;
    const seen = this.seen(shown, painting);
    const third = seen.map(({ point }) => point[2]);
    const there = { ...this.placed(seen.map(({ point }) => point)), order: undefined };
    if (this.kind === "value") {
      const values = Float32Array.from(third);
      return marks.map((mark) => {
        return isOfInputs(mark.mark) ? { ...mark, ...there, values: mark.values && values } : mark;
      });
    }
    const colors = Array.from({ length: Math.max(...third, 0) + 1 }, (_, k) => `class${k}`);
    /** @type {Drawing} */
    const points = { ...marks[first], ...there, colors, index: Uint8Array.from(third) };
    Object.assign(points, { values: null, shape: "disc" });
    return marks.flatMap((mark, k) => (k === first ? points : isOfInputs(mark.mark) ? [] : mark));
  }

  /**
   * Return marks of a fit with the points that were added over all else, as of very many samples
   * some are drawn only.
   * @param {Graph} graph
   * @param {Drawing[]} marks
   * @param {Painting} painting
   * @param {Painting | null} shown  null where the film has what is painted
   * @returns {Drawing[]}
   */
  onGraph({ every }, marks, painting, shown) {
    const first = marks.findIndex(({ kind }) => kind === "points");
    const added = { ...this.placed(painting.points), ...DOTS, mark: { kind: DOTS.kind } };
    const all =
      painting.points.length && marks.length ? [...marks, { ...marks[0], ...added }] : marks;
    if (!shown || first < 0) return all;
    const own = this.seen(shown, painting).filter(({ row }) => row >= 0 && row % every === 0);
    const there = this.placed(own.map(({ point }) => point));
    return all.map((mark, k) => (k === first ? { ...mark, ...there } : mark));
  }

  /**
   * Return where points are in the units of a panel.
   * @param {readonly Point[]} points
   */
  placed(points) {
    const at = this.units.map(([shift, step], axis) =>
      Float32Array.from(points, (point) => (point[axis] - shift) / step),
    );
    return { at, starts: [0, points.length] };
  }
}

/** How the points look that were added to a graph. @type {Pick<Drawing,
 *   "kind" | "colors" | "index" | "values" | "size" | "alpha" | "shape">} */
const DOTS = {
  kind: "points",
  colors: ["class1"],
  index: null,
  values: null,
  size: ADDED,
  alpha: 1,
  shape: "disc",
};

/**
 * Return what is painted on in a page.
 * @param {Page} page
 * @param {Film} film
 * @param {Graph | null} graph
 * @returns {Canvas}
 */
export function canvasOf(page, film, graph) {
  return new Canvas(film, graph, graph ? shapeOfGraph(graph) : shapeOfInputs(page));
}

/**
 * @param {Graph} graph
 * @returns {Shape}
 */
function shapeOfGraph({ panels, scaling }) {
  return { kind: "graph", why: "", panels, units: [scaling, [0, 1]], names: ["Add"], axis: "" };
}

/** @type {{scaling: [number, number][], class_names: string[], axis_names: string[]}} */
const NO_DATA = { scaling: [], class_names: [], axis_names: [] };

/**
 * @param {Page} page
 * @returns {Shape}
 */
function shapeOfInputs(page) {
  const [told] = page.networks;
  const { scaling, class_names, axis_names } = told?.data ?? NO_DATA;
  const panels = panelsOfInputs(page);
  const why = panels.length ? "" : whyNone(page);
  const shape = { why, panels, units: scaling, axis: axis_names[2] ?? "value" };
  if (told?.decision) return { ...shape, kind: "class", names: class_names };
  return { ...shape, kind: "value", names: ["Add"] };
}

/**
 * Return why no points can be painted over the inputs.
 * @param {Page} page
 * @returns {string}
 */
function whyNone({ networks }) {
  const [told] = networks;
  if (networks.length > 1) return `Points are painted in one training: here are ${networks.length}`;
  if (told && told.inputs > 2) {
    return `Points are painted over one or two inputs: this network has ${told.inputs}`;
  }
  const outputs = numbersOf(told);
  if (outputs > 1) return `Points are painted where one number is predicted: here are ${outputs}`;
  return "Points are painted in InputSpace, Prediction or Fit: this scene shows none of them";
}

/**
 * Return how many numbers a network predicts; 0 of classes.
 * @param {import("../../page/player/contents.js").Trained | null | undefined} told
 * @returns {number}
 */
function numbersOf(told) {
  return told?.decision ? 0 : (told?.data?.targets?.shape[1] ?? 0);
}

/**
 * Return the panels that show the samples where they are in both inputs of a network.
 * @param {Page} page
 * @returns {number[]}
 */
function panelsOfInputs({ networks, panels }) {
  const [told] = networks;
  if (networks.length > 1 || told?.inputs !== 2) return [];
  if (told.decision ? !told.data?.labels : numbersOf(told) !== 1) return [];
  return panels.flatMap(({ marks }, k) => (marks.some(isOfInputs) ? k : []));
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
