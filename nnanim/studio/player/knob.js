// Knob: one value of the scene that can be turned, as a slider, a switch or a list.

import { make } from "../../page/player/widgets.js";

/**
 * A knob as `nnanim.scene.knobs` has it.
 * @typedef {{name: string, kind: "whole" | "number" | "switch" | "choice" | "list",
 *   default: any, low: number, high: number, log: boolean, choices: (string | number)[],
 *   bounded?: boolean, more: boolean}} Told
 */

const FINENESS = 200; // of a slider over numbers
const NAMES = /[_.]/g;

let made = 0;

/**
 * Return the name of a knob in words.
 * @param {string} name
 * @returns {string}
 */
export function spoken(name) {
  return name.replace(NAMES, " ");
}

/**
 * Return a slider over numbers.
 * @param {string} name
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @returns {Told}
 */
export function sliderOf(name, value, low, high) {
  return { kind: "number", name, default: value, low, high, log: false, choices: [], more: false };
}

/** A knob. */
export class Knob {
  /**
   * @param {Told} told
   * @param {any} value
   * @param {(knob: Knob) => void} turned
   */
  constructor(told, value, turned) {
    this.told = told;
    this.value = value;
    this.turned = turned;
    this.element = make("div", `knob ${told.kind}`);
    const label = make("label", "name", spoken(told.name));
    label.htmlFor = `knob${made++}`;
    label.title = told.name;
    this.shown = make("output", "value");
    this.input = this.control();
    this.input.id = label.htmlFor;
    this.fault = make("p", "fault");
    this.fault.setAttribute("role", "alert");
    this.element.append(label, this.shown, this.input, this.fault);
    this.element.addEventListener("dblclick", () => this.turn(told.default));
    this.show();
  }

  /**
   * Return what it is turned by.
   * @returns {HTMLInputElement | HTMLSelectElement}
   */
  control() {
    const { kind, choices } = this.told;
    if (kind === "choice") {
      const list = make("select", "");
      for (const choice of choices) list.append(make("option", "", String(choice)));
      list.addEventListener("change", () => this.turn(choices[list.selectedIndex]));
      return list;
    }
    const input = make("input", "");
    if (kind === "switch") {
      input.type = "checkbox";
      input.addEventListener("change", () => this.turn(input.checked));
      return input;
    }
    if (kind === "list") {
      input.type = "text";
      input.addEventListener("change", () => this.turn(input.value));
      return input;
    }
    input.type = "range";
    input.min = "0";
    input.max = String(this.steps);
    input.step = "1";
    input.addEventListener("input", () => this.turn(this.valueAt(Number(input.value))));
    return input;
  }

  /** How many steps a slider has. */
  get steps() {
    const { kind, low, high, log } = this.told;
    return kind === "whole" && !log ? high - low : FINENESS;
  }

  /**
   * Return the value at a step of the slider, in three digits.
   * @param {number} step
   * @returns {number}
   */
  valueAt(step) {
    const { kind, low, high, log } = this.told;
    const share = step / this.steps;
    const exact = log ? low * (high / low) ** share : low + share * (high - low);
    if (kind === "whole") return Math.round(exact);
    return Math.min(Math.max(Number(exact.toPrecision(3)), low), high);
  }

  /**
   * Return the step of the slider at a value.
   * @param {number} value
   * @returns {number}
   */
  stepAt(value) {
    const { low, high, log } = this.told;
    const share = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return Math.round(this.steps * share);
  }

  /**
   * Turn it to a value.
   * @param {any} value
   */
  turn(value) {
    if (value === this.value) return;
    this.value = value;
    this.show();
    this.turned(this);
  }

  /** Show its value. */
  show() {
    const { kind, choices } = this.told;
    const text = [this.value ?? "none"].flat().join(", ");
    this.shown.textContent = kind === "whole" || kind === "number" ? text : "";
    this.element.classList.toggle("turned", this.value !== this.told.default);
    if (this.input instanceof HTMLSelectElement) {
      this.input.selectedIndex = choices.indexOf(this.value);
    } else if (kind === "switch") {
      this.input.checked = Boolean(this.value);
    } else if (kind === "list") {
      this.input.value = text;
    } else {
      this.input.value = String(this.stepAt(this.value));
      this.input.setAttribute("aria-valuetext", text);
    }
  }

  /**
   * Say what is wrong with its value; "" for nothing.
   * @param {string} text
   */
  blame(text) {
    this.fault.textContent = text;
  }
}
