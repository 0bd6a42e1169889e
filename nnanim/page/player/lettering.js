// Lettering: what is written on a tile in the page's letters, in pixels of the sheet.

import { namesOfCube } from "./cube.js";
import { outlineOf } from "./points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./contents.js").Panel} Panel */
/** @typedef {import("./letters.js").Letters} Letters */
/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./tile.js").Box} Box */
/** @typedef {import("./tile.js").Plot} Plot */
/** @typedef {import("./tile.js").Tile} Tile */

/**
 * Write the labels of a panel's axes into its corners, where they take half of it at most.
 * @param {Stage} stage
 * @param {Tile} tile
 * @param {Panel} panel
 */
export function labelAxes(stage, tile, { box: [left, top, width, height], axis }) {
  const { small, letters } = stage;
  const { context } = tile;
  const pad = 0.6 * small;
  tile.useSheet();
  context.fillStyle = stage.paint.css("quiet");
  const fits = (/** @type {string} */ label) =>
    label && height >= 5 * small && letters.width(context, label, small) <= 0.5 * width;
  if (fits(axis.x)) {
    const x = left + width - pad - letters.width(context, axis.x, small);
    letters.write(context, axis.x, Math.round(x), Math.round(top + height - pad), small);
  }
  if (fits(axis.y)) {
    const y = Math.round(top + pad + 0.8 * small);
    letters.write(context, axis.y, Math.round(left + pad), y, small);
  }
}

/**
 * Write which layer a panel shows, and its axes' ticks, in place of the film's, where that shows
 * another.
 * @param {Stage} stage
 * @param {Tile} tile
 * @param {Panel} panel
 * @param {import("./sight.js").Sight} sight
 * @param {import("./sight.js").Chosen | null} chosen
 */
export function relabel(stage, tile, panel, sight, chosen) {
  const { small, letters, paint, film } = stage;
  const { context } = tile;
  const stale = tile.textsAround(panel, small, letters.em);
  for (const { element } of stale) element.classList.toggle("stale", chosen !== null);
  if (!chosen) return;
  const title = `${film.run(panel.tile).told.shown[chosen.layer].title} (${chosen.units.map((unit) => unit + 1).join(", ")})`;
  const [left, top, width, height] = panel.box;
  const head = stale.find(({ text }) => text === panel.title);
  tile.useSheet();
  context.fillStyle = paint.css("ink");
  letters.write(context, title, left, head?.y ?? top - 0.6 * small, head?.size ?? small);
  if (panel.camera) return;
  context.fillStyle = paint.css("quiet");
  for (const value of ticksOf(sight.x)) {
    const text = String(value).replace("-", "−");
    const x = left + ((value - sight.x[0]) / (sight.x[1] - sight.x[0])) * width;
    const half = letters.width(context, text, small) / 2;
    letters.write(context, text, x - half, top + height + 1.2 * small, small);
  }
  for (const value of ticksOf(sight.y)) {
    const text = String(value).replace("-", "−");
    const y = top + height - ((value - sight.y[0]) / (sight.y[1] - sight.y[0])) * height;
    const wide = letters.width(context, text, small);
    letters.write(context, text, left - 0.5 * small - wide, y + 0.36 * small, small);
  }
}

/**
 * Return two to five round numbers between limits.
 * @param {[number, number]} limits
 * @returns {number[]}
 */
function ticksOf([low, high]) {
  const rough = (high - low) / 3;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([5, 2, 1].find((times) => times * unit <= rough) ?? 1);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: count }, (_, k) => Number(((first + k) * step).toFixed(digits)));
}

/**
 * Draw what lies over all panels: texts and their plates, lines, points.
 * @param {Stage} stage
 * @param {Tile} tile
 * @param {Drawing} drawing
 */
export function drawOver({ paint, letters, page }, { context }, drawing) {
  const { kind, at, starts, colors, index, alpha, size, text, bold, shape } = drawing;
  context.save();
  context.globalAlpha = alpha;
  context.fillStyle = context.strokeStyle = paint.css(colors[0]);
  context.lineWidth = size * page.stroke;
  context.lineCap = context.lineJoin = "round";
  if (kind === "text") letters.write(context, text, at[0][0], at[1][0], size, bold);
  if (kind === "points") {
    const ring = outlineOf(shape, context.lineWidth / 2);
    at[0].forEach((x, i) => {
      context.fillStyle = paint.css(colors[index ? index[i] : 0]);
      context.beginPath();
      for (let k = 0; k < ring.length; k += 2) context.lineTo(x + ring[k], at[1][i] + ring[k + 1]);
      context.fill();
    });
  }
  const paths = kind === "lines" || kind === "polygons" ? starts.length - 1 : 0;
  for (let i = 0; i < paths; i++) {
    context.beginPath();
    for (let k = starts[i]; k < starts[i + 1]; k++) context.lineTo(at[0][k], at[1][k]);
    if (kind === "lines") context.stroke();
    else context.fill();
  }
  context.restore();
}

/**
 * Write what stands beside the edges of a panel's cube, inside the panel; what would meet another
 * is left out.
 * @param {Stage} stage
 * @param {Tile} tile
 * @param {Plot} plot
 * @param {Camera} camera
 */
export function nameAxes({ letters, paint, small }, { context, scale }, { box, mapping }, camera) {
  const [sx, tx, sy, ty] = mapping;
  const size = small * Math.min(...scale);
  const gap = 0.15 * size;
  /** @type {number[][]} */
  const taken = [];
  context.setTransform(1, 0, 0, 1, box[0], box[1]);
  context.fillStyle = paint.css("quiet");
  for (const { x, y, text } of namesOfCube(camera)) {
    const width = letters.width(context, text, size);
    const left = Math.min(Math.max(sx * x + tx - width / 2, 0), box[2] - width);
    const base = Math.min(Math.max(sy * y + ty, 0.8 * size), box[3] - 0.25 * size);
    const edges = [left - gap, base - 0.8 * size - gap, left + width, base + 0.25 * size];
    const meets = taken.some(([a, b, c, d]) => {
      return edges[0] < c && a < edges[2] && edges[1] < d && b < edges[3];
    });
    if (meets) continue;
    taken.push(edges);
    letters.write(context, text, Math.round(left), Math.round(base), size);
  }
}

/**
 * Return whether what lies over all panels belongs to a part of the sheet.
 * @param {Drawing} drawing
 * @param {Box} source
 * @returns {boolean}
 */
export function isWithin({ at }, [left, top, width, height]) {
  if (at.length < 2 || at[0].length === 0) return false;
  const [x, y] = [at[0][0], at[1][0]];
  return left <= x && x <= left + width && top <= y && y <= top + height;
}
