// Grips: what of a picture is taken hold of: units, which are looked at, and weights, which are turned.

import { make } from "../../page/player/widgets.js";
import { textButton } from "./button.js";
import { awayFrom, gripOf, nameOf } from "./grip.js";
import { Knob, sliderOf } from "./knob.js";
import { layOn, pointedIn } from "./panels.js";

/** @typedef {import("../../page/player/marks.js").Drawing} Drawing */
/** @typedef {import("../../page/player/pads.js").Place} Place */
/** @typedef {import("../../page/player/stage.js").Stage} Stage */

/**
 * A part of a panel that stands for a unit, or for the weight by which it hears a `source`, at a
 * `place` among all parameters, as `nnanim.studio.handles` tells it.
 * @typedef {{layer: string, unit: number, outline: [number, number][], source?: number,
 *   place?: number}} Handle
 */

/**
 * Weights that are turned at a moment: Linear, unit, source, value.
 * @typedef {[string, number, number, number]} Weight
 * @typedef {{moment: number, weights: Weight[]}} Hand
 */

/**
 * What is told: weights are turned; a training goes on from them, or they are let go; a unit is to
 * be looked at; another handle is pointed at.
 * @typedef {{turned: () => void, resumed: () => void, look: (handle: Handle) => void,
 *   pointed: () => void}} Uses
 */

const EDGE_REACH = 8; // pixels of CSS: how near an edge is taken hold of
const LEAST_REACH = 4; // of a weight, that a slider reaches
const MOST_HANDS = 8; // as `nnanim.studio.asked` has it

/** What is taken hold of, and what was done with it. */
export class Grips {
  /** @param {Uses} uses */
  constructor(uses) {
    this.uses = uses;
    /** @type {Hand[]} Those from which a training went on. */
    this.hands = [];
    /** @type {Hand | null} The network that is held. */
    this.held = null;
    /** @type {Map<string, Knob>} */
    this.knobs = new Map();
    /** @type {Stage | null} */
    this.stage = null;
    /** @type {Handle[][]} */
    this.handles = [];
    /** @type {{number: number, handle: Handle} | null} What is pointed at. */
    this.picked = null;
    this.moment = () => 0;
    this.element = make("section", "grips");
    this.element.hidden = true;
    this.told = make("p", "count");
    this.turned = make("div", "knobs");
    this.resume = textButton("Resume training from here", () => this.goOn());
    this.release = textButton("Let go", () => this.letGo());
    const tools = make("div", "tools");
    tools.append(this.resume, this.release);
    this.fault = make("p", "fault");
    this.fault.setAttribute("role", "alert");
    this.element.append(make("h3", "", "Weights"), this.told, this.turned, tools, this.fault);
  }

  /**
   * Offer what can be taken hold of in the panels of a stage.
   * @param {Stage} stage
   */
  offer(stage) {
    this.stage = stage;
    this.element.hidden = this.handles.every((each) => each.length === 0);
    this.handles.forEach((each, number) => {
      const { title } = stage.page.panels[number];
      if (each.length) layOn(stage, number, gripOf(this, number, title));
    });
    this.tell();
  }

  /** What the studio is told; nothing where no hand was laid on. */
  said() {
    const hands = this.held ? [...this.hands, this.held] : this.hands;
    return hands.length ? { hands, held: this.held !== null } : {};
  }

  /**
   * Return the handle at a place of the screen, units before weights.
   * @param {number} number
   * @param {Place} place
   * @returns {Handle | null}
   */
  at(number, place) {
    const at = pointedIn(this.stage, number, place);
    if (!at) return null;
    /** @type {Handle | null} */
    let found = null;
    let least = EDGE_REACH * at.ratio;
    for (const handle of this.handles[number] ?? []) {
      const away = awayFrom(handle, at);
      if (handle.source === undefined && away === 0) return handle;
      if (away < least) [found, least] = [handle, away];
    }
    return found;
  }

  /**
   * Point at a handle, or at none.
   * @param {number} number
   * @param {Handle | null} handle
   */
  point(number, handle) {
    if (handle === (this.picked?.handle ?? null)) return;
    this.picked = handle && { number, handle };
    this.uses.pointed();
  }

  /**
   * Look at the unit, or offer the weight to be turned.
   * @param {Handle} handle
   */
  use(handle) {
    if (handle.source === undefined) this.uses.look(handle);
    else this.knobOf(handle);
    this.tell();
  }

  /**
   * Return the value of a weight, as it is turned or as the picture has it.
   * @param {Handle} handle
   * @returns {number}
   */
  valueOf(handle) {
    const knob = this.knobs.get(nameOf(handle));
    if (knob && this.held) return knob.value;
    const film = this.stage?.film;
    const run = film?.runs[0];
    if (!film || !run || !this.now) return 0;
    return run.parameters(this.now)[handle.place ?? 0];
  }

  /** What the clock shows. @type {import("../../page/player/clock.js").Now | null} */
  now = null;

  /**
   * Turn a weight by so much.
   * @param {Handle} handle
   * @param {number} by
   */
  turn(handle, by) {
    const knob = this.knobOf(handle);
    const { low, high } = knob.told;
    const value = Math.min(Math.max(this.valueOf(handle) + by, low), high);
    knob.turn(Number(value.toFixed(3)));
  }

  /**
   * Return what turns a weight.
   * @param {Handle} handle
   * @returns {Knob}
   */
  knobOf(handle) {
    const name = nameOf(handle);
    const known = this.knobs.get(name);
    if (known && this.held) return known;
    const value = Number(this.valueOf(handle).toFixed(3));
    const high = Math.max(LEAST_REACH, Math.ceil(2 * Math.abs(value)));
    const knob = new Knob(sliderOf(name, value, -high, high), value, (/** @type {Knob} */ turned) =>
      this.hold(handle, turned.value),
    );
    this.knobs.set(name, knob);
    return knob;
  }

  /**
   * Hold the network with a weight of that value.
   * @param {Handle} handle
   * @param {number} value
   */
  hold({ layer, unit, source = 0 }, value) {
    const { moment, weights } = this.held ?? { moment: this.moment(), weights: [] };
    const others = weights.filter(([l, u, s]) => l !== layer || u !== unit || s !== source);
    this.held = { moment, weights: [...others, [layer, unit, source, value]] };
    this.tell();
    this.uses.turned();
  }

  /** Let a training go on from the network that is held. */
  goOn() {
    if (!this.held) return;
    this.hands = [...this.hands, this.held];
    this.free();
    this.uses.resumed();
  }

  /** Let the network go that is held, or the training from turned weights. */
  letGo() {
    if (!this.held) this.hands = [];
    this.free();
    this.uses.turned();
  }

  /** Forget what is held. */
  free() {
    this.held = null;
    this.knobs.clear();
    this.blame("");
    this.tell();
  }

  /** Tell what is held. */
  tell() {
    this.turned.replaceChildren(...[...this.knobs.values()].map(({ element }) => element));
    const { held, hands } = this;
    this.resume.hidden = !held;
    this.resume.disabled = hands.length >= MOST_HANDS;
    this.release.hidden = !held && hands.length === 0;
    const epoch = (/** @type {Hand} */ hand) => `epoch ${Number(hand.moment.toFixed(1))}`;
    if (held) this.told.textContent = `Held at ${epoch(held)}: not as it was trained`;
    else if (hands.length) {
      const from = hands.map(epoch).join(", then ");
      this.told.textContent = `Trained on from weights turned at ${from}`;
    } else this.told.textContent = "Turn the wheel over a weight; click a unit to look at it";
  }

  /**
   * Say what is wrong with what is held; "" for nothing.
   * @param {string} text
   */
  blame(text) {
    this.fault.textContent = text;
  }

  /**
   * Return the marks of a panel with the handle that is pointed at.
   * @param {number} number
   * @param {Drawing[]} marks
   * @returns {Drawing[]}
   */
  over(number, marks) {
    const line = marks.find(({ kind }) => kind === "lines" || kind === "polygons");
    if (this.picked?.number !== number || !line) return marks;
    const { outline } = this.picked.handle;
    const path = outline.length > 2 ? [...outline, outline[0]] : outline;
    const at = [0, 1].map((axis) => Float32Array.from(path, (corner) => corner[axis]));
    const shown = { colors: ["ink"], index: null, values: null, size: 4, alpha: 0.9 };
    return [...marks, { ...line, ...shown, kind: "lines", at, starts: [0, path.length] }];
  }
}
