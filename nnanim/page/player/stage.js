// Stage: the picture of a page at a time, on as many tiles as the width of the screen asks for.

import { cropped, cropsOf } from "./crops.js";
import { diveOf, divedIn, overlayAt } from "./dive.js";
import { Film } from "./film.js";
import { drawFaded } from "./fading.js";
import { drawOver, isWithin, labelAxes, nameAxes, relabel } from "./lettering.js";
import { drawings } from "./marks.js";
import { AS_FILMED, sightOf } from "./sight.js";
import { Tile, contextOf } from "./tile.js";

/** @typedef {import("./clock.js").Now} Now */
/** @typedef {import("./contents.js").Page} Page */
/** @typedef {import("./contents.js").Panel} Panel */
/** @typedef {import("./decode.js").Arrays} Arrays */
/** @typedef {import("./letters.js").Letters} Letters */
/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./paint.js").Paint} Paint */
/** @typedef {import("./sight.js").Choice} Choice */
/** @typedef {import("./tile.js").Box} Box */
/** @typedef {import("./tracer.js").Tracer} Tracer */

/**
 * What is drawn in a panel at a time in place of its marks.
 * @typedef {(number: number, now: Now, marks: Drawing[]) => Drawing[]} Over
 */

const LEAST_TEXT = 11; // pixels of CSS: no text is smaller
const MOST_RATIO = 2; // pixels of the screen in one of CSS that are drawn

/** A page's picture. */
export class Stage {
  /**
   * @param {Page} page
   * @param {Arrays} arrays
   * @param {SVGSVGElement} furniture
   * @param {Letters} letters
   * @param {Paint} paint
   */
  constructor(page, arrays, furniture, letters, paint) {
    this.page = page;
    this.film = new Film(page, arrays);
    this.furniture = furniture;
    this.letters = letters;
    this.paint = paint;
    this.small = page.small;
    this.element = document.createElement("div");
    this.element.className = "stage";
    /** @type {Tile[]} */
    this.tiles = [];
    /** @type {boolean | null} */
    this.stacked = null;
    /** @type {HTMLElement | null} The strip's own tile, where it has one. */
    this.strip = null;
    /** @type {Map<number, Choice>} */
    this.choices = new Map();
    /** @type {Over} */
    this.over = (_, __, marks) => marks;
  }

  /**
   * Let panels be looked at as those of another stage are, where they can be.
   * @param {Stage} other
   */
  lookAs({ choices, over }) {
    this.over = over;
    for (const [number, choice] of choices) {
      const fits = choice.chosen !== null && this.canShow(number, choice.chosen);
      this.choices.set(number, { ...choice, chosen: fits ? choice.chosen : null });
    }
  }

  /**
   * Return whether a panel can show units of a layer.
   * @param {number} number
   * @param {import("./sight.js").Chosen} chosen
   * @returns {boolean}
   */
  canShow(number, { layer, units }) {
    const panel = this.page.panels[number];
    const count = this.page.networks[panel?.tile]?.shown[layer]?.units ?? 0;
    return panel?.layer !== null && units.every((unit) => unit < count);
  }

  /**
   * Return what the reader chose of a panel.
   * @param {number} number
   * @returns {Choice}
   */
  choice(number) {
    return this.choices.get(number) ?? AS_FILMED;
  }

  /**
   * Let a panel show another layer; null for that of the film.
   * @param {number} number
   * @param {import("./sight.js").Chosen | null} chosen
   */
  choose(number, chosen) {
    this.choices.set(number, { ...this.choice(number), chosen });
  }

  /**
   * Turn a panel's camera on, or back.
   * @param {import("./sight.js").Turn} turn
   */
  turn({ number, by }) {
    const { turned, lifted } = this.choice(number);
    const on = by
      ? { turned: turned + by.right, lifted: lifted + by.up }
      : { turned: 0, lifted: 0 };
    this.choices.set(number, { ...this.choice(number), ...on });
  }

  /**
   * Let panels show space so deep in its layers; null for as deep as the film is.
   * @param {number | null} depth
   */
  dive(depth) {
    for (const number of divedIn(this)) {
      this.choices.set(number, { ...this.choice(number), depth });
    }
  }

  /**
   * Lay an element over the strip.
   * @param {HTMLElement} element
   */
  lay(element) {
    const { strip } = this.page;
    const tile = this.tiles[this.tiles.length - 1];
    if (strip) tile.lay(element, strip);
  }

  /**
   * Arrange the tiles for the room that there is; return whether anything is to be drawn anew.
   * @returns {boolean}
   */
  arrange() {
    const wide = this.element.clientWidth;
    if (wide === 0) return false;
    const stacked =
      (this.small * wide) / this.page.size[0] < LEAST_TEXT && this.page.panels.length > 0;
    if (stacked !== this.stacked) {
      this.stacked = stacked;
      this.tiles = stacked ? this.column() : [this.whole()];
      const elements = this.tiles.map(({ element }) => element);
      this.strip = stacked && this.page.strip ? (elements.pop() ?? null) : null;
      this.element.replaceChildren(...elements);
      this.element.classList.toggle("stacked", stacked);
    }
    const ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO);
    return this.tiles.map((tile) => tile.fit(ratio)).some(Boolean);
  }

  /**
   * Return the tile of the whole sheet.
   * @returns {Tile}
   */
  whole() {
    const panels = new Map(this.page.panels.map((panel, number) => [number, panel]));
    const [width, height] = this.page.size;
    this.furniture.removeAttribute("hidden");
    const tile = new Tile([0, 0, width, height], panels, this.furniture);
    tile.element.style.aspectRatio = `${width} / ${height}`;
    // As high as the window, unless its letters would be too small.
    const least = Math.ceil((LEAST_TEXT * width) / this.small);
    tile.element.style.maxWidth = `max(${least}px, (100vh - var(--bar)) * ${width / height})`;
    return tile;
  }

  /**
   * Return whether a panel is the strip.
   * @param {number} number
   * @returns {boolean}
   */
  isStrip(number) {
    return this.page.strip !== null && number === this.page.panels.length - 1;
  }

  /**
   * Return a tile for each panel, with what is around it on the sheet; the strip alone.
   * @returns {Tile[]}
   */
  column() {
    const { panels } = this.page;
    const { small, letters, furniture } = this;
    const context = contextOf(document.createElement("canvas"));
    const crops = cropsOf(furniture, panels, small, letters, context, this.page.strip);
    return panels.map((panel, number) => {
      const isStrip = this.isStrip(number);
      const crop = isStrip ? panel.box : this.captioned(panel, crops[number], context);
      const part = cropped(furniture, crop, letters, context);
      const tile = new Tile(crop, new Map([[number, panel]]), part, isStrip);
      tile.element.classList.toggle("strip", isStrip);
      if (isStrip) return tile;
      const least = Math.ceil((LEAST_TEXT * crop[2]) / small);
      Object.assign(tile.element.style, {
        aspectRatio: `${crop[2]} / ${crop[3]}`,
        flex: `1 0 ${least}px`,
        maxWidth: `${Math.max(least, Math.round(crop[2]))}px`,
      });
      return tile;
    });
  }

  /**
   * Return a panel's part of the sheet with what stands right below it over all panels, as the
   * caption of a film in a comparison.
   * @param {Panel} panel
   * @param {Box} crop
   * @param {CanvasRenderingContext2D} context
   * @returns {Box}
   */
  captioned({ box }, crop, context) {
    const look = { layer: null, chosen: null, every: 1 };
    const below = drawings(this.film, this.page.overlay, this.film.clock.at(0), look).filter(
      ({ kind, at: [x, y] }) => {
        const away = kind === "text" && y.length ? (y[0] - box[1] - box[3]) / this.small : 0;
        return away > 0 && away < 3 && x[0] >= box[0] - 1 && x[0] < box[0] + box[2];
      },
    );
    const [left, top] = crop;
    let [, , width, height] = crop;
    for (const { at, text, size } of below) {
      height = Math.max(height, at[1][0] + 0.5 * size - top);
      const end = at[0][0] + this.letters.width(context, text, size);
      width = Math.max(width, end + 0.3 * size - left);
    }
    return [left, top, width, height];
  }

  /**
   * Draw the picture, one sample standing for so many.
   * @param {Now} now
   * @param {number} every
   * @param {Tracer} tracer
   */
  draw(now, every, tracer) {
    tracer.say(now);
    const fade = this.film.clock.fade(now);
    for (const tile of this.tiles) {
      const after = () => this.drawTile(tile, now, every, tracer);
      if (!fade) after();
      else drawFaded(tile, fade.share, () => this.drawTile(tile, fade.from, every, null), after);
    }
  }

  /**
   * Draw a tile of the picture; without a tracer, no point's way.
   * @param {Tile} tile
   * @param {Now} now
   * @param {number} every
   * @param {Tracer | null} tracer
   */
  drawTile(tile, now, every, tracer) {
    tile.clear();
    for (const [number, panel] of tile.panels) {
      const { plot, camera } = this.drawPanel(tile, number, panel, now, every);
      tracer?.draw(tile.context, number, panel, plot, camera, now, tile.ratio);
    }
    tile.useSheet();
    for (const drawing of overlayAt(this, now)) {
      if (isWithin(drawing, tile.source)) drawOver(this, tile, drawing);
    }
  }

  /**
   * Draw a panel; return its plot, and the camera that sees it.
   * @param {Tile} tile
   * @param {number} number
   * @param {Panel} panel
   * @param {Now} now
   * @param {number} every
   * @returns {{plot: import("./tile.js").Plot, camera: import("./camera.js").Camera | null}}
   */
  drawPanel(tile, number, panel, now, every) {
    const choice = this.choice(number);
    const sight = sightOf(this.film, panel, choice, now);
    const dive = diveOf(this.film, panel, choice.depth, now);
    const look = { layer: panel.layer, chosen: choice.chosen, every, dive };
    const when = dive ? dive.when : now;
    const marks = this.over(number, now, drawings(this.film, panel.marks, when, look));
    const ground = this.paint.css(this.isStrip(number) ? "ground" : "panel");
    const plot = tile.plot(number, panel, ground, () => labelAxes(this, tile, panel));
    tile.show(plot, marks, sight, this.paint, this.page.stroke);
    if (sight.camera) nameAxes(this, tile, plot, sight.camera);
    if (panel.layer !== null) relabel(this, tile, panel, sight, choice.chosen);
    return { plot, camera: sight.camera };
  }

  /**
   * Let the picture have other colours.
   * @param {Paint} paint
   */
  repaint(paint) {
    this.paint = paint;
    for (const tile of this.tiles) tile.forget();
  }
}
