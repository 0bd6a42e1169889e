// Controls: the bar below the picture.

import { Depth } from "./depth.js";
import { button, label, make, picker, slider, turnedTo } from "./widgets.js";

/** @typedef {import("./contents.js").Contents} Contents */
/** @typedef {import("./contents.js").Page} Page */
/** @typedef {import("./contents.js").Trained} Trained */
/** @typedef {import("./sight.js").Chosen} Chosen */
/** @typedef {import("./stage.js").Stage} Stage */

/**
 * What the player does when a control is used.
 * @typedef {{play: () => void, speed: (speed: number) => void, theme: () => void,
 *   save: () => void, page: (picked: number[]) => void,
 *   choose: (panels: number[], chosen: Chosen | null) => void,
 *   dive: (depth: number | null) => void}} Deeds
 */

export const SPEEDS = [0.25, 0.5, 1, 2, 4];

/** The bar. */
export class Controls {
  /**
   * @param {Deeds} deeds
   * @param {{[key: string]: string}} words
   */
  constructor(deeds, words) {
    this.deeds = deeds;
    this.words = words;
    this.element = make("div", "controls");
    this.element.setAttribute("role", "toolbar");
    this.element.setAttribute("aria-label", words.training);
    this.play = button("play", words.play, deeds.play);
    const speeds = SPEEDS.map((speed) => `${speed} ×`);
    this.speed = picker(words.speed, speeds, SPEEDS.indexOf(1), (k) => deeds.speed(SPEEDS[k]));
    this.readout = make("output", "readout");
    this.readout.setAttribute("aria-live", "off");
    this.knobs = make("div", "group");
    /** @type {number[]} */
    this.picked = [];
    this.layers = make("div", "group");
    this.depth = new Depth(words, deeds.dive);
    this.thinned = make("p", "notice");
    this.notice = make("p", "notice");
    this.notice.setAttribute("role", "status");
    const theme = button("theme", words.theme, deeds.theme);
    const save = button("save", words.save, deeds.save);
    const [start, end] = [make("div", "group"), make("div", "group end")];
    start.append(this.play, this.readout);
    end.append(this.speed, theme, save);
    this.strip = make("div", "holder");
    this.element.append(
      this.strip,
      start,
      this.knobs,
      this.layers,
      this.depth.element,
      end,
      this.thinned,
      this.notice,
    );
  }

  /**
   * Show whether the film plays.
   * @param {boolean} playing
   */
  showPlaying(playing) {
    label(this.play, playing ? "pause" : "play", playing ? this.words.pause : this.words.play);
  }

  /**
   * Show what a stage shows at a time: the epoch in words, and how deep it is.
   * @param {Stage} stage
   * @param {import("./clock.js").Now} now
   * @param {string} epoch
   */
  show(stage, now, epoch) {
    this.readout.textContent = epoch;
    this.depth.show(stage, now);
  }

  /**
   * Say something for a while.
   * @param {string} text
   */
  say(text) {
    this.notice.textContent = text;
    setTimeout(() => (this.notice.textContent = ""), 4000);
  }

  /**
   * Offer what differs between the pages; what is there already stays in the reader's hand.
   * @param {Contents["knobs"]} knobs
   * @param {number[]} picked
   */
  offerKnobs(knobs, picked) {
    this.picked = [...picked];
    if (this.knobs.childElementCount === knobs.length) {
      knobs.forEach((_, k) => turnedTo(this.knobs.children[k], picked[k]));
      return;
    }
    const made = knobs.map(({ name, values }, k) =>
      (areRising(values) ? slider : picker)(
        name || this.words.training,
        values,
        picked[k],
        (number) => {
          this.picked[k] = number;
          this.deeds.page([...this.picked]);
        },
      ),
    );
    this.knobs.replaceChildren(...made);
  }

  /**
   * Offer the layers and units that panels can show, one choice for all panels that show the same,
   * and how deep in them a panel is.
   * @param {Stage} stage
   */
  offerLayers(stage) {
    /** @type {Map<string, number[]>} */
    const alike = new Map();
    stage.page.panels.forEach((panel, number) => {
      const told = stage.film.page.networks[panel.tile];
      if (!told || panel.layer === null || !panel.units || !(panel.layer in told.shown)) return;
      const key = `${panel.layer} ${panel.units.join()}`;
      alike.set(key, [...(alike.get(key) ?? []), number]);
    });
    const made = [...alike.values()].flatMap((numbers) => this.choiceOf(stage, numbers));
    const held = Array.from(this.layers.children, (it) => it.contains(document.activeElement));
    this.layers.replaceChildren(...made);
    made[held.indexOf(true)]?.querySelector("select")?.focus();
    this.depth.offer(stage);
  }

  /**
   * Return the pickers of the layer and the units of panels that show the same.
   * @param {Stage} stage
   * @param {number[]} numbers
   * @returns {HTMLElement[]}
   */
  choiceOf(stage, numbers) {
    const panel = stage.page.panels[numbers[0]];
    const told = stage.film.run(panel.tile).told;
    const count = panel.units.length;
    const all = numbers.map((number) => stage.film.run(stage.page.panels[number].tile).told);
    const units = (/** @type {string} */ name) =>
      Math.min(...all.map(({ shown }) => shown[name]?.units ?? 0));
    const layers = told.hidden.filter((name) => units(name) >= count);
    const filmed = { layer: /** @type {string} */ (panel.layer), units: panel.units };
    const chosen = stage.choice(numbers[0]).chosen ?? filmed;
    if (layers.length < 2 && units(chosen.layer) <= count) return [];
    const choose = (/** @type {Chosen} */ other) => {
      const same = other.layer === filmed.layer && other.units.join() === filmed.units.join();
      this.deeds.choose(numbers, same ? null : other);
    };
    const titles = layers.map((name) => told.shown[name].title);
    const made = [];
    if (layers.length > 1) {
      made.push(
        picker(this.words.layer, titles, layers.indexOf(chosen.layer), (k) => {
          const first = Array.from({ length: count }, (_, unit) => unit);
          choose({ layer: layers[k], units: layers[k] === filmed.layer ? filmed.units : first });
        }),
      );
    }
    if (units(chosen.layer) <= count) return made;
    const names = Array.from({ length: units(chosen.layer) }, (_, k) => String(k + 1));
    for (const [axis, unit] of chosen.units.entries()) {
      const other = (/** @type {number} */ k) => chosen.units.map((u, i) => (i === axis ? k : u));
      const name = this.words.unit.replace("{n}", "xyz"[axis] ?? "");
      made.push(picker(name, names, unit, (k) => choose({ layer: chosen.layer, units: other(k) })));
    }
    return made;
  }
}

/**
 * Return whether values are several numbers, each larger than the one before.
 * @param {string[]} values
 * @returns {boolean}
 */
function areRising(values) {
  const numbers = values.map((value) => (value.trim() ? Number(value) : NaN));
  const rises = numbers.every((number, k) => number > (numbers[k - 1] ?? -Infinity));
  return values.length > 2 && rises && numbers.every(Number.isFinite);
}
