// Brushwork: what is painted as a tool is drawn over a panel.

import { placed } from "./board.js";
import { MOST_POINTS, changed, nearIn } from "./painting.js";

/** @typedef {import("../../page/player/pads.js").Pointed} Pointed */
/** @typedef {import("./painting.js").Painting} Painting */
/** @typedef {import("./painting.js").Seen} Seen */

/** What is in hand: a brush by its number, "move" or "erase". @typedef {number | "move" | "erase"} Tool */

/**
 * A stroke under way: with what, in which panel, in which units, where it was last, the point that is
 * moved; what a brush gives its points, a class or a number, and whether it lays them beside each other.
 * @typedef {{tool: Tool, number: number, mapping: Pointed["plot"]["mapping"], last: Pointed | null,
 *   held: Seen | null, third: number, spreads: boolean}} Stroke
 */

const REACH = 14; // pixels of CSS: how near a point is taken hold of, or erased
const APART = 9; // between two points of a stroke
const SPREAD = 10; // by which points of a stroke lie beside it, at most

/**
 * Return what is painted after a stroke has come to a place; the same where nothing is to be done,
 * null where there would be too many points.
 *
 * A film that comes meanwhile may have other limits: what is laid and moved keeps to the units in
 * which the stroke began, what is erased is what is seen.
 * @param {Stroke} stroke
 * @param {Painting} painting
 * @param {() => Seen[]} seen  the points that are there
 * @param {Pointed} place
 * @returns {Painting | null}
 */
export function strokeOn(stroke, painting, seen, place) {
  if (stroke.tool === "erase") return erased(painting, seen(), place);
  const at = { ...place, plot: { ...place.plot, mapping: stroke.mapping } };
  if (stroke.tool === "move") return moved(stroke, painting, seen, at);
  const { last } = stroke;
  if (last && Math.hypot(at.x - last.x, at.y - last.y) < APART * at.ratio) return painting;
  if (painting.points.length >= MOST_POINTS) return null;
  stroke.last = at;
  const spread = last && stroke.spreads ? SPREAD : 0;
  return changed(painting, [], [placed(at, stroke.third, spread)]);
}

/**
 * @param {Painting} painting
 * @param {Seen[]} seen
 * @param {Pointed} at
 * @returns {Painting}
 */
function erased(painting, seen, at) {
  const gone = nearIn(seen, at, REACH);
  return gone.length ? changed(painting, gone, []) : painting;
}

/**
 * @param {Stroke} stroke
 * @param {Painting} painting
 * @param {() => Seen[]} seen
 * @param {Pointed} at
 * @returns {Painting | null}
 */
function moved(stroke, painting, seen, at) {
  const first = stroke.last === null;
  stroke.last = at;
  if (first) stroke.held = nearIn(seen(), at, REACH)[0] ?? null;
  const { held } = stroke;
  if (!held || first) return painting;
  if (held.row >= 0 && painting.points.length >= MOST_POINTS) return null;
  const point = placed(at, held.point[2], 0);
  const next = changed(painting, [held], [point]);
  stroke.held = { point, row: -1, number: next.points.length - 1 };
  return next;
}
