// Depth: the slider by which a reader goes through the layers, at any moment of the training.

import { divedIn, wayOf } from "./dive.js";
import { button, make, slider } from "./widgets.js";

/** @typedef {import("./clock.js").Now} Now */
/** @typedef {import("./stage.js").Stage} Stage */

const STOPS = 50; // of the slider in a layer
const ENDED = 1e-4; // of a stage: so near to its end it is still named

/** The slider, where a page's film goes through layers. */
export class Depth {
  /**
   * @param {{[key: string]: string}} words
   * @param {(depth: number | null) => void} dive  told how deep; null for as deep as the film
   */
  constructor(words, dive) {
    this.words = words;
    this.dive = dive;
    this.element = make("div", "group");
    this.back = button("reset", words.filmed, () => dive(null));
    /** @type {HTMLInputElement | null} */
    this.input = null;
    /** @type {HTMLOutputElement | null} */
    this.told = null;
  }

  /**
   * Offer the layers of a stage's film.
   * @param {Stage} stage
   */
  offer(stage) {
    const number = divedIn(stage)[0];
    this.element.replaceChildren();
    this.input = this.told = null;
    if (number === undefined) return;
    const way = wayOf(stage.film, stage.page.panels[number]);
    const count = way ? way.told.stages.length : 0;
    const names = Array.from({ length: count * STOPS + 1 }, (_, k) => this.name(stage, k / STOPS));
    const made = slider(this.words.depth, names, 0, (k) => this.dive(k / STOPS));
    this.element.append(made, this.back);
    this.input = made.querySelector("input");
    this.told = made.querySelector("output");
  }

  /**
   * Return what happens at a depth, in words.
   * @param {Stage} stage
   * @param {number} depth
   * @returns {string}
   */
  name(stage, depth) {
    const way = wayOf(stage.film, stage.page.panels[divedIn(stage)[0]]);
    if (!way) return "";
    const { stages } = way.told;
    if (depth === 0) return this.words.input;
    const layer = Math.min(Math.ceil(depth) - 1, stages.length - 1);
    const own = stages[layer];
    const at = Math.ceil((depth - layer) * own.length - ENDED) - 1;
    const { kind } = own[Math.min(Math.max(at, 0), own.length - 1)];
    return `${layer + 1}: ${this.words[kind]}`;
  }

  /**
   * Show how deep a stage is at a time.
   * @param {Stage} stage
   * @param {Now} now
   */
  show(stage, now) {
    const number = divedIn(stage)[0];
    if (!this.input || !this.told || number === undefined) return;
    const { depth } = stage.choice(number);
    const film = stage.film.run(stage.page.panels[number].tile).depth(now).depth;
    const at = Math.round((depth ?? film) * STOPS);
    const name = this.name(stage, depth ?? film);
    this.back.hidden = depth === null;
    if (this.input.value === String(at) && this.told.textContent === name) return;
    this.input.value = String(at);
    this.input.setAttribute("aria-valuetext", name);
    this.told.textContent = name;
  }
}
