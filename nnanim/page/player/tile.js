// Tile: a part of the sheet on the screen, its furniture as SVG under a canvas. A wide screen shows
// the whole sheet in one tile, a narrow one a tile for each panel, one below the other.

import { textsOf } from "./crops.js";
import { edgesOfCube } from "./cube.js";
import { draw } from "./draw.js";
import { flattened } from "./painter.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./contents.js").Panel} Panel */
/** @typedef {import("./crops.js").Written} Written */
/** @typedef {import("./blend.js").Surface} Surface */
/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./paint.js").Paint} Paint */
/** @typedef {import("./points.js").Mapping} Mapping */
/** @typedef {import("./sight.js").Sight} Sight */
/** @typedef {[number, number, number, number]} Box  left, top, width, height */

/**
 * A panel's pixels on a tile, empty ones to begin each picture with, and how coordinates lie there.
 * @typedef {{box: Box, surface: Surface, image: ImageData, ground: Uint32Array,
 *   mapping: Mapping, drawn: Drawing[]}} Plot
 */

/** A part of the sheet, `source` in its pixels, and the panels that are there. */
export class Tile {
  /**
   * @param {Box} source
   * @param {Map<number, Panel>} panels  by number
   * @param {SVGSVGElement} furniture
   * @param {boolean} [stretched]  whether it is as wide as there is room
   */
  constructor(source, panels, furniture, stretched = false) {
    this.source = source;
    this.panels = panels;
    this.stretched = stretched;
    this.element = document.createElement("div");
    this.element.className = "tile";
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.element.append(furniture, this.canvas);
    this.furniture = furniture;
    this.context = contextOf(this.canvas);
    this.ratio = 1; // pixels of the screen in one of CSS
    /** @type {[number, number]} */
    this.scale = [1, 1]; // pixels of the canvas in one of the sheet
    /** @type {Written[] | undefined} */
    this.texts = undefined;
    /** @type {Map<number, Plot>} */
    this.plots = new Map();
  }

  /**
   * Fit the canvas to the place that the tile has on the screen; return whether that is another.
   * @param {number} ratio
   * @returns {boolean}
   */
  fit(ratio) {
    const { width, height } = this.element.getBoundingClientRect();
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    const same = across === this.canvas.width && down === this.canvas.height;
    if (same || across < 1 || down < 1) return false;
    this.ratio = ratio;
    [this.canvas.width, this.canvas.height] = [across, down];
    this.scale = [across / this.source[2], down / this.source[3]];
    this.plots.clear();
    return true;
  }

  /**
   * Return where a box of the sheet lies on the canvas, in whole pixels.
   * @param {Box} box
   * @returns {Box}
   */
  place([left, top, width, height]) {
    const [sx, sy] = this.scale;
    const x = Math.round((left - this.source[0]) * sx);
    const y = Math.round((top - this.source[1]) * sy);
    const right = Math.round((left + width - this.source[0]) * sx);
    const bottom = Math.round((top + height - this.source[1]) * sy);
    return [x, y, Math.max(right - x, 1), Math.max(bottom - y, 1)];
  }

  /**
   * Lay an element over a box of the sheet.
   * @param {HTMLElement} element
   * @param {Box} box
   */
  lay(element, [left, top, width, height]) {
    const [x, y, across, down] = this.source;
    element.style.left = `${(100 * (left - x)) / across}%`;
    element.style.top = `${(100 * (top - y)) / down}%`;
    element.style.width = `${(100 * width) / across}%`;
    element.style.height = `${(100 * height) / down}%`;
    this.element.append(element);
  }

  /**
   * Return the texts of the furniture that say what a panel shows: its title and its ticks.
   * @param {Panel} panel
   * @param {number} small  how large ticks are
   * @param {number} em  units of outlines that are as high as letters
   * @returns {Written[]}
   */
  textsAround({ title, box: [left, top, width, height] }, small, em) {
    this.texts ??= textsOf(this.furniture, em);
    const [right, bottom] = [left + width, top + height];
    const within = (
      /** @type {number} */ at,
      /** @type {number} */ low,
      /** @type {number} */ high,
    ) => low < at && at < high;
    return this.texts.filter(({ text, x, y }) => {
      if (y <= top) return text === title && within(x, left - 2, left + 2) && y > top - 4 * small;
      if (y > bottom + small)
        return within(x, left - 2 * small, right + small) && y < bottom + 2 * small;
      return within(x, left - 4 * small, left);
    });
  }

  /**
   * Let the context count in pixels of the sheet.
   */
  useSheet() {
    const [sx, sy] = this.scale;
    this.context.setTransform(sx, 0, 0, sy, -this.source[0] * sx, -this.source[1] * sy);
  }

  /**
   * Empty the canvas.
   */
  clear() {
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /**
   * Forget the grounds of panels, as when the colours change.
   */
  forget() {
    this.plots.clear();
  }

  /**
   * Return a panel's pixels.
   * @param {number} number
   * @param {Panel} panel
   * @param {string} ground  the colour that it begins with
   * @param {() => void} under  draws what lies below its marks
   * @returns {Plot}
   */
  plot(number, panel, ground, under) {
    const known = this.plots.get(number);
    if (known) return known;
    const box = this.place(panel.box);
    const [x, y, width, height] = box;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.fillStyle = ground;
    this.context.fillRect(x, y, width, height);
    under();
    const image = this.context.getImageData(x, y, width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const surface = { pixels, width, height };
    /** @type {Plot} */
    const plot = { box, surface, image, ground: pixels.slice(), mapping: [1, 0, 1, 0], drawn: [] };
    this.plots.set(number, plot);
    return plot;
  }

  /**
   * Draw a panel's marks onto its pixels, and these onto the canvas.
   * @param {Plot} plot
   * @param {Drawing[]} drawings
   * @param {Sight} sight
   * @param {Paint} paint
   * @param {number} stroke  pixels of the sheet of a width of 1
   */
  show(plot, drawings, sight, paint, stroke) {
    const { surface, box } = plot;
    const [across, up] = [sight.x[1] - sight.x[0], sight.y[1] - sight.y[0]];
    const [sx, sy] = [surface.width / across, -surface.height / up];
    plot.mapping = [sx, -sx * sight.x[0], sy, surface.height - sy * sight.y[0]];
    surface.pixels.set(plot.ground);
    const wide = stroke * (this.stretched ? this.ratio : Math.min(...this.scale));
    const board = { surface, mapping: plot.mapping, stroke: wide, paint };
    plot.drawn = sight.camera ? pictureOf(drawings, sight.camera) : drawings;
    for (const drawing of plot.drawn) draw(board, drawing);
    this.context.putImageData(plot.image, box[0], box[1]);
  }
}

/**
 * Return what a camera sees, its cube behind all.
 * @param {Drawing[]} drawings
 * @param {Camera} camera
 * @returns {Drawing[]}
 */
function pictureOf(drawings, camera) {
  /** @type {Drawing} */
  const cube = {
    kind: "lines",
    ...edgesOfCube(camera),
    colors: ["hairline"],
    index: null,
    values: null,
    field: null,
    scale: "",
    low: 0,
    high: 1,
    size: 2,
    alpha: 1,
    shape: "disc",
    rows: 0,
    extent: [],
    text: "",
    bold: false,
    offset: 0,
    marks: [],
    mark: { kind: "lines" },
  };
  return [cube, ...flattened(drawings, camera)];
}

/**
 * Return what draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function contextOf(canvas) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  return context;
}
