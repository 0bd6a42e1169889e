// Ghosts: runs that were kept, whose lines are drawn over the present one, on the same clock.

import { Film } from "../../page/player/film.js";
import { drawings } from "../../page/player/marks.js";
import { make } from "../../page/player/widgets.js";
import { textButton } from "./button.js";

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
    this.element = make("div", "table");
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
      return drawings(film, own.marks, then, look)
        .filter(({ kind }) => kind === "lines")
        .map((line) => ({ ...line, ...thin(color) }));
    });
  }

  /** Tell which runs are kept, by their knobs. */
  tell() {
    const names = [...new Set(this.kept.flatMap(({ knobs }) => [...knobs.keys()]))];
    const rows = this.kept.map((ghost) => {
      const row = make("div", "ghost");
      row.style.setProperty("--own", `var(--${ghost.color})`);
      const told = names.map((name) => `${name} ${ghost.knobs.get(name) ?? ""}`.trim());
      const drop = textButton("×", () => {
        this.kept = this.kept.filter((each) => each !== ghost);
        this.tell();
      });
      drop.setAttribute("aria-label", "Let it go");
      row.append(
        make("span", "swatch"),
        make("span", "told", told.join(", ") || "as declared"),
        drop,
      );
      return row;
    });
    this.element.replaceChildren(...rows);
    this.changed(this);
  }
}

/**
 * Return what makes a line a ghost's.
 * @param {string} color
 * @returns {Partial<Drawing>}
 */
function thin(color) {
  return { colors: [color], values: null, size: GHOST_WIDTH, alpha: 0.7 };
}
