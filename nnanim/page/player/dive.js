// Dive: how deep a reader has gone into the layers, at whatever moment of the training.
//
// What a page computes itself is computed at that depth; what else there is of the picture, as the
// names of what each layer does, is that of the film's own morph when it has come as deep.

import { drawings } from "./marks.js";
import { isWithin } from "./lettering.js";
import { standsAt } from "./film.js";

/** @typedef {import("./clock.js").Now} Now */
/** @typedef {import("./contents.js").Mark} Mark */
/** @typedef {import("./contents.js").Panel} Panel */
/** @typedef {import("./film.js").Film} Film */
/** @typedef {import("./passing.js").Passing} Passing */
/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./passage.js").Told} Told */
/** @typedef {import("./stage.js").Stage} Stage */

/**
 * Return the way through the layers that a panel shows and its film morphs along; null for none.
 * @param {Film} film
 * @param {Panel} panel
 * @returns {{told: Told, mirror: import("./passage.js").Mirror} | null}
 */
export function wayOf(film, { tile, marks }) {
  const told = film.page.networks[tile]?.passage;
  if (!told || !morphOf(film, told)) return null;
  for (const { xy, paths } of marks) {
    const source = xy ?? paths;
    if (source && "recipe" in source && source.passed)
      return { told, mirror: source.passed.mirror };
  }
  return null;
}

/**
 * Return the first and the last sample of a film's first morph; null where it has none.
 * @param {Film} film
 * @param {Told} told
 * @returns {[number, number] | null}
 */
function morphOf({ clock }, told) {
  const count = clock.times.length;
  const first = Array.from(clock.times).findIndex((_, k) => !standsAt(told, k));
  if (first < 0) return null;
  let last = first;
  while (last + 1 < count && !standsAt(told, last + 1)) last++;
  return last > first ? [first, last] : null;
}

/**
 * Return when the film's morph has come to a depth.
 * @param {Film} film
 * @param {Told} told
 * @param {number} depth
 * @returns {Now}
 */
export function whenAt(film, told, depth) {
  const [first, last] = morphOf(film, told) ?? [0, 0];
  const [depths, { times }] = [film.arrays.of(told.depths), film.clock];
  let k = first;
  while (k + 1 < last && depths[k + 1] <= depth) k++;
  const share = Math.min(Math.max((depth - depths[k]) / (depths[k + 1] - depths[k] || 1), 0), 1);
  return film.clock.at(times[k] + share * (times[k + 1] - times[k]));
}

/**
 * Return the numbers of the panels of which a reader can choose the depth.
 * @param {Stage} stage
 * @returns {number[]}
 */
export function divedIn({ film, page }) {
  return page.panels.flatMap((panel, number) => (wayOf(film, panel) ? [number] : []));
}

/**
 * Return how deep a reader is in a panel, if it shows that: the depth, the time at which its film is
 * as deep, and the time whose network is shown.
 * @param {Film} film
 * @param {Panel} panel
 * @param {number | null} depth
 * @param {Now} now
 * @returns {import("./sources.js").Dive | null}
 */
export function diveOf(film, panel, depth, now) {
  const way = depth === null ? null : wayOf(film, panel);
  if (depth === null || !way) return null;
  return { depth, when: whenAt(film, way.told, depth), now };
}

/**
 * Return what lies over all panels; of those in which a reader dives, what is said at that depth.
 * @param {Stage} stage
 * @param {Now} now
 * @returns {Drawing[]}
 */
export function overlayAt(stage, now) {
  const look = { layer: null, chosen: null, every: 1 };
  const drawn = (/** @type {Now} */ when) => drawings(stage.film, stage.page.overlay, when, look);
  let found = drawn(now);
  stage.page.panels.forEach((panel, number) => {
    const { depth } = stage.choice(number);
    const way = depth === null ? null : wayOf(stage.film, panel);
    if (depth === null || !way) return;
    const when = whenAt(stage.film, way.told, depth);
    const passing = stage.film.run(panel.tile).passing(now, way.mirror);
    const own = drawn(when).filter((drawing) => isWithin(drawing, panel.box));
    const said = own.map((drawing) => noteOf(passing, depth, drawing));
    found = [...found.filter((drawing) => !isWithin(drawing, panel.box)), ...said];
  });
  return found;
}

/**
 * Return a text with the zoom and the swapped units of another moment.
 * @param {Passing} passing
 * @param {number} depth
 * @param {Drawing} drawing
 * @returns {Drawing}
 */
function noteOf(passing, depth, drawing) {
  const { view, decimal, swapped } = passing.told.words;
  const begins = (/** @type {string} */ words) => drawing.text.startsWith(words.split("{")[0]);
  if (begins(view)) {
    const times = passing.zoom(depth) / passing.zoom(0);
    const factor = times >= 0.01 ? times.toFixed(2) : times.toExponential(0);
    const told = times > 0 && times < Infinity;
    const text = told ? view.replace("{factor}", factor.replace(".", decimal)) : "";
    return { ...drawing, text };
  }
  if (!begins(swapped)) return drawing;
  const { layer } = passing.passage.place(depth);
  const units = passing.passage.steps[layer][0].swapped;
  const text = units
    ? swapped.replace("{a}", String(units[0] + 1)).replace("{b}", String(units[1] + 1))
    : "";
  return { ...drawing, text };
}
