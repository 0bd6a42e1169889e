// Pads: what listens to pointers and keys over the panels. A cube is dragged to turn; a point that is
// pointed at says what it is.

import { showsSamples } from "./trace.js";
import { make } from "./widgets.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./tile.js").Tile} Tile */
/** @typedef {import("./tile.js").Plot} Plot */

/**
 * Where on the screen, and in a panel's plot, a pointer is.
 * @typedef {{number: number, plot: Plot, x: number, y: number, left: number, top: number,
 *   ratio: number}} Pointed
 */

/**
 * What is told of: what turns a cube, and what traces the points that are pointed at.
 * @typedef {{turn: (turn: import("./sight.js").Turn) => void,
 *   tracer: import("./tracer.js").Tracer}} Hands
 */

/** Where on the screen something is. @typedef {{clientX: number, clientY: number}} Place */

const DEGREES = 0.4; // that a cube turns by a pixel
const KEY_DEGREES = 5;
const STILL = 4; // pixels that a pointer may move in a press

/**
 * Lay a pad over each panel of a stage.
 * @param {Stage} stage
 * @param {Hands} hands
 * @param {{[key: string]: string}} words
 */
export function layPads(stage, hands, words) {
  for (const tile of stage.tiles) {
    for (const [number, panel] of tile.panels) {
      if (stage.isStrip(number)) continue;
      const pad = make("div", panel.camera ? "pad cube" : "pad");
      tile.lay(pad, panel.box);
      listenToPoints(pad, tile, number, hands);
      if (panel.camera) listenToTurns(pad, number, hands);
      const points = showsSamples(panel) ? [words.point] : [];
      const says = panel.camera ? [words.turn, ...points] : points;
      if (says.length === 0) continue;
      pad.tabIndex = 0;
      pad.setAttribute("role", "application");
      pad.setAttribute("aria-label", `${panel.title}: ${says.join("; ")}`);
    }
  }
}

/**
 * Return where in a panel's plot a place of the screen is; null before it is drawn.
 * @param {Tile} tile
 * @param {number} number
 * @param {Place} place
 * @returns {Pointed | null}
 */
export function pointedAt(tile, number, { clientX, clientY }) {
  const plot = tile.plots.get(number);
  if (!plot) return null;
  const { left, top, width, height } = tile.canvas.getBoundingClientRect();
  const x = ((clientX - left) / width) * tile.canvas.width - plot.box[0];
  const y = ((clientY - top) / height) * tile.canvas.height - plot.box[1];
  return { number, plot, x, y, left: clientX, top: clientY, ratio: tile.ratio };
}

/**
 * Listen to pointers over points, and to the key that asks for one after the other.
 * @param {HTMLElement} pad
 * @param {Tile} tile
 * @param {number} number
 * @param {Hands} hands
 */
function listenToPoints(pad, tile, number, hands) {
  let [startX, startY] = [0, 0];
  const pointed = (/** @type {Place} */ place) => pointedAt(tile, number, place);
  pad.addEventListener("pointermove", (event) => {
    if (event.buttons === 0) hands.tracer.point(pointed(event));
  });
  pad.addEventListener("pointerleave", () => hands.tracer.point(null));
  pad.addEventListener(
    "pointerdown",
    (event) => ([startX, startY] = [event.clientX, event.clientY]),
  );
  pad.addEventListener("pointerup", (event) => {
    const moved = Math.hypot(event.clientX - startX, event.clientY - startY);
    const at = pointed(event);
    if (at && moved <= STILL) hands.tracer.press(at);
  });
  pad.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const { left, top, width, height } = pad.getBoundingClientRect();
    const at = pointed({ clientX: left + width / 2, clientY: top + height / 2 });
    if (at) hands.tracer.next({ ...at, left, top }, event.shiftKey ? -1 : 1);
  });
}

/**
 * Listen to what turns a cube.
 * @param {HTMLElement} pad
 * @param {number} number
 * @param {Hands} hands
 */
function listenToTurns(pad, number, hands) {
  let [x, y] = [0, 0];
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    [x, y] = [event.clientX, event.clientY];
  });
  pad.addEventListener("pointermove", (event) => {
    if (event.buttons === 0 || !pad.hasPointerCapture(event.pointerId)) return;
    const by = { right: -DEGREES * (event.clientX - x), up: DEGREES * (event.clientY - y) };
    hands.turn({ number, by });
    [x, y] = [event.clientX, event.clientY];
  });
  pad.addEventListener("dblclick", () => hands.turn({ number, by: null }));
  pad.addEventListener("keydown", (event) => {
    /** @type {{[key: string]: [number, number]}} */
    const ways = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const way = ways[event.key];
    if (event.key === "Escape") hands.turn({ number, by: null });
    if (!way) return;
    hands.turn({ number, by: { right: KEY_DEGREES * way[0], up: KEY_DEGREES * way[1] } });
    event.preventDefault();
    event.stopPropagation();
  });
}
