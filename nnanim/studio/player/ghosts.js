// Ghosts: runs that were kept, whose lines are drawn over the present one, on the same clock.

import { Film } from "../../page/player/film.js";
import { drawings } from "../../page/player/marks.js";
import { make } from "../../page/player/widgets.js";
import { textButton } from "./button.js";
import { spoken } from "./knob.js";

/** @typedef {import("../../page/player/clock.js").Now} Now */
/** @typedef {import("../../page/player/contents.js").Page} Page */
/** @typedef {import("../../page/player/marks.js").Drawing} Drawing */
/** @typedef {import("../../page/player/stage.js").Stage} Stage */

/** A run that was kept. @typedef {{film: Film, knobs: Map<string, any>, color: string}} Ghost */

export const MOST_GHOSTS = 4;
const GHOST_WIDTH = 1.5; // pixels of the sheet, about
const GHOST_COLORS = ["class2", "class3", "class4", "class5"];

/** The runs that are kept. */
export class Ghosts {
  /** @param {(ghosts: Ghosts) => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {Ghost[]} */
    this.kept = [];
    this.element = make("table", "table");
    this.element.setAttribute("aria-label", "Runs that are kept, by their knobs");
  }

  /**
   * Keep the run that a stage shows.
   * @param {Stage} stage
   * @param {Map<string, any>} knobs
   */
  keep(stage, knobs) {
    const taken = new Set(this.kept.map(({ color }) => color));
    const color = GHOST_COLORS.find((each) => !taken.has(each));
    if (!color) return;
    this.kept.push({ film: new Film(stage.page, stage.film.arrays), knobs, color });
    this.tell();
  }

  /**
   * Return the lines that are drawn over a panel at a time.
   * @param {Stage} stage
   * @param {number} number
   * @param {Now} now
   * @returns {Drawing[]}
   */
  over(stage, number, now) {
    const panel = stage.page.panels[number];
    const { chosen } = stage.choice(number);
    return this.kept.flatMap(({ film, color }) => {
      const own = film.page.panels[number];
      if (!own || own.title !== panel.title) return [];
      const fits = !chosen || film.page.networks[own.tile]?.shown[chosen.layer];
      if (!fits) return [];
      const share = stage.page.seconds > 0 ? now.t / stage.page.seconds : 0;
      const then = film.clock.at(share * film.page.seconds);
      const look = { layer: own.layer, chosen, every: 1 };
      const lines = tellingOf(drawings(film, own.marks, then, look));
      return lines.map((line) => ({ ...line, ...thin(color) }));
    });
  }

  /** Tell which runs are kept, by their knobs: a column for each, a row for each run. */
  tell() {
    const names = [...new Set(this.kept.flatMap(({ knobs }) => [...knobs.keys()]))];
    const head = make("tr", "");
    head.append(make("th", ""), ...names.map(headOf), make("th", ""));
    const rows = this.kept.map((ghost) => this.rowOf(ghost, names));
    this.element.replaceChildren(...(rows.length ? [head, ...rows] : []));
    this.changed(this);
  }

  /**
   * Return the row of a run: its colour, its knobs, and what lets it go.
   * @param {Ghost} ghost
   * @param {string[]} names
   * @returns {HTMLElement}
   */
  rowOf(ghost, names) {
    const row = make("tr", "ghost");
    row.style.setProperty("--own", `var(--${ghost.color})`);
    const drop = textButton("×", () => {
      this.kept = this.kept.filter((each) => each !== ghost);
      this.tell();
    });
    drop.setAttribute("aria-label", "Let it go");
    const [first, last] = [make("td", ""), make("td", "")];
    first.append(make("span", "swatch"));
    last.append(drop);
    const told = names.map((name) => {
      return make("td", "", [ghost.knobs.get(name) ?? "–"].flat().join(", "));
    });
    row.append(first, ...told, last);
    return row;
  }
}

/**
 * Return the head of a knob's column.
 * @param {string} name
 * @returns {HTMLElement}
 */
function headOf(name) {
  const head = make("th", "", spoken(name));
  head.scope = "col";
  return head;
}

/**
 * Return the lines that tell a run from others: of a grid, which covers all else, its outline, where
 * it is not that of the inputs.
 * @param {Drawing[]} marks
 * @returns {Drawing[]}
 */
function tellingOf(marks) {
  const lines = marks.filter(({ kind }) => kind === "lines");
  const lightest = Math.min(...lines.filter(isOfGrid).map(({ size }) => size));
  return lines.filter((line) => !isOfGrid(line) || (line.size > lightest && !isOfInputGrid(line)));
}

/**
 * Return whether a mark is of a grid's lines.
 * @param {Drawing} mark
 * @returns {boolean}
 */
function isOfGrid({ colors }) {
  return colors.every((color) => color.startsWith("grid"));
}

/**
 * Return whether a mark shows lines where they are in the inputs, the same in every run.
 * @param {Drawing} drawing
 * @returns {boolean}
 */
function isOfInputGrid({ mark: { paths } }) {
  return paths !== undefined && (!("recipe" in paths) || paths.layer === "input");
}

/**
 * Return what makes a line a ghost's.
 * @param {string} color
 * @returns {Partial<Drawing>}
 */
function thin(color) {
  return { colors: [color], values: null, size: GHOST_WIDTH, alpha: 0.7 };
}
