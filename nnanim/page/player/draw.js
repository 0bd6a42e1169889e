// Draw: marks of two coordinates into pixels, as `nnanim.drawing.raster` draws them.

import { fill } from "./area.js";
import { cornersOf, fillFaces } from "./faces.js";
import { drawField, reached, resampling } from "./field.js";
import { drawPoints } from "./points.js";
import { stroke } from "./strokes.js";

/** @typedef {import("./blend.js").Surface} Surface */
/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./paint.js").Paint} Paint */
/** @typedef {import("./points.js").Mapping} Mapping */

/**
 * What is drawn on, how a panel's coordinates lie there, and how many pixels a width of 1 has.
 * @typedef {{surface: Surface, mapping: Mapping, stroke: number, paint: Paint}} Board
 */

/**
 * Draw a mark.
 * @param {Board} board
 * @param {Drawing} drawing
 */
export function draw(board, drawing) {
  const how = DRAWN[drawing.kind];
  if (how && !(drawing.at.length > 0 && drawing.at[0].length === 0)) how(board, drawing);
}

/**
 * What draws a mark, by its kind.
 * @type {{[kind: string]: (board: Board, drawing: Drawing) => void}}
 */
const DRAWN = {
  points({ surface, mapping, stroke: wide, paint }, drawing) {
    const { at, index, values, colors, shape, size, alpha } = drawing;
    const [x, y] = at;
    const scaled = values
      ? { colors: paint.table(drawing.scale).colors, index: shadesOf(drawing, values).map(near) }
      : { colors: Uint32Array.from(colors, (color) => paint.word(color)), index };
    drawPoints(surface, { x, y, ...scaled }, mapping, shape, (size * wide) / 2, alpha);
  },

  lines({ surface, mapping, stroke: wide, paint }, drawing) {
    const { at, starts, values, colors, size, alpha } = drawing;
    const [x, y] = at;
    const table = values
      ? paint.table(drawing.scale)
      : { colors: Uint32Array.of(paint.word(colors[0])), weights: Uint16Array.of(256) };
    const palette = {
      colors: table.colors,
      weights: table.weights.map((weight) => Math.round(weight * alpha)),
    };
    const shades = values ? shadesOf(drawing, values) : null;
    stroke(surface, { x, y, starts, shades }, mapping, (size * wide) / 2, palette);
  },

  polygons({ surface, mapping, paint }, drawing) {
    const { at, starts, values, colors, alpha } = drawing;
    const faces = { x: at[0], y: at[1], starts, rgba: new Float32Array(0) };
    if (values) {
      const { rgba } = paint.table(drawing.scale);
      const shades = shadesOf(drawing, values).map(near);
      faces.rgba = Float32Array.from({ length: 4 * shades.length }, (_, i) => {
        return rgba[4 * shades[i >> 2] + (i & 3)] * ((i & 3) === 3 ? alpha : 1);
      });
      fillFaces(surface, faces, mapping);
      return;
    }
    const word = paint.word(colors[0]);
    for (let i = 0; i + 1 < starts.length; i++) {
      const outline = cornersOf(faces, i, mapping);
      if (outline.length < 6 || !outline.every(Number.isFinite)) continue;
      fill(surface, outline, outline.length, word, alpha);
    }
  },

  bars(board, drawing) {
    DRAWN.polygons(board, drawing);
  },

  image({ surface, mapping: [sx, tx, sy, ty], paint }, drawing) {
    const { field, rows, extent } = drawing;
    if (!field) return;
    const [left, right] = [sx * extent[0] + tx, sx * extent[1] + tx];
    const [bottom, top] = [sy * extent[2] + ty, sy * extent[3] + ty];
    const across = reached(left, right, surface.width);
    const down = reached(top, bottom, surface.height);
    if (!across || !down) return;
    const columns = field.length / rows;
    drawField(
      surface,
      across[0],
      down[0],
      shadesOf(drawing, field),
      resampling(rows, bottom, top, down[0], down[1]),
      resampling(columns, left, right, across[0], across[1]),
      paint.table(drawing.scale),
    );
  },
};

/**
 * Return where in a table of 256 colours values stand, in [0, 255]; 0 for what is no number.
 * @param {Drawing} drawing
 * @param {Float32Array} values
 * @returns {Float32Array}
 */
function shadesOf({ low, high }, values) {
  const step = 255 / (high - low || 1);
  return values.map((value) => {
    const shade = (value - low) * step;
    return shade > 0 ? Math.min(shade, 255) : 0;
  });
}

/**
 * Return the nearest whole shade.
 * @param {number} shade
 * @returns {number}
 */
function near(shade) {
  return Math.floor(shade + 0.5);
}
