// Desk: what stands beside the picture: the knobs, what is going on, and what can be written down.

import { make } from "../../page/player/widgets.js";
import { textButton } from "./button.js";
import { Knob } from "./knob.js";

/** @typedef {import("./knob.js").Told} Told */
/** @typedef {import("./link.js").Heard} Heard */

/**
 * What is done when something of the desk is used.
 * @typedef {{turned: (knob: Knob) => void, write: (kind: string) => void, stop: () => void,
 *   keep: () => void, brushes: import("./brushes.js").Brushes,
 *   grips: import("./grips.js").Grips}} Uses
 */

/** What can be said to be wrong beside it. @typedef {{blame: (text: string) => void}} Turned */

/** What can be written down, and what is said of it. */
const KINDS = [
  ["film", "Film"],
  ["page", "Page"],
  ["still", "Still"],
  ["scene", "Scene"],
  ["command", "Command"],
];

const UNTOLD = 250; // milliseconds after which it is said what is going on

/** The desk. */
export class Desk {
  /**
   * @param {HTMLElement} element
   * @param {Uses} uses
   */
  constructor(element, uses) {
    this.element = element;
    this.uses = uses;
    /** @type {Map<string, Knob>} */
    this.knobs = new Map();
    this.name = make("h2", "scene");
    this.state = make("p", "state");
    this.state.setAttribute("role", "status");
    this.bar = make("progress", "bar");
    this.bar.hidden = true;
    this.stop = textButton("Stop", uses.stop);
    this.stop.hidden = true;
    this.fault = make("p", "fault");
    this.fault.setAttribute("role", "alert");
    this.own = make("div", "knobs");
    this.further = make("details", "further");
    this.others = make("div", "knobs");
    this.further.append(make("summary", "", "More"), this.others);
    this.further.hidden = true;
    this.kept = make("section", "kept");
    this.keep = textButton("Keep this run", uses.keep);
    this.keep.classList.add("keep");
    this.keep.title = "Its lines stay, to compare the next with";
    this.written = make("ul", "written");
    this.writing = make("div", "writing");
    /** @type {Map<string, HTMLButtonElement>} */
    this.writers = new Map();
    for (const [kind, name] of KINDS) {
      this.writers.set(
        kind,
        textButton(name, () => uses.write(kind)),
      );
    }
    this.writing.append(...this.writers.values());
    const going = make("div", "going");
    going.append(this.state, this.bar, this.stop);
    /** What is done with a film, once there is one. */
    this.deeds = make("div", "deeds");
    this.deeds.hidden = true;
    this.deeds.append(
      ...[uses.brushes.element, uses.grips.element, this.keep, this.kept],
      ...[make("h3", "", "Write it down"), this.writing, this.written],
    );
    element.append(this.name, this.fault, going, this.own, this.deeds, this.further);
    this.telling = 0;
  }

  /**
   * Offer the knobs of a scene; those of a name that was known stay as they are turned.
   * @param {Told[]} told
   */
  offer(told) {
    const before = this.knobs;
    this.knobs = new Map();
    for (const each of told) {
      const known = before.get(each.name);
      const same = known && JSON.stringify(known.told) === JSON.stringify(each);
      const value = same ? known.value : each.default;
      this.knobs.set(each.name, same ? known : new Knob(each, value, this.uses.turned));
    }
    const all = [...this.knobs.values()];
    this.own.replaceChildren(...all.filter((k) => !k.told.more).map((k) => k.element));
    this.others.replaceChildren(...all.filter((k) => k.told.more).map((k) => k.element));
    this.further.hidden = this.others.childElementCount === 0;
    if (all.every((k) => k.told.more)) this.further.open = true;
  }

  /**
   * Return the values that are not as the scene has them, by name.
   * @returns {{[name: string]: any}}
   */
  values() {
    const turned = [...this.knobs].filter(([, { value, told }]) => value !== told.default);
    return Object.fromEntries(turned.map(([name, { value }]) => [name, value]));
  }

  /**
   * Say what is going on, if it still is in a moment; "" for nothing.
   * @param {string} text
   * @param {number} [share]  how much of it is done
   */
  say(text, share) {
    clearTimeout(this.telling);
    const tell = () => {
      this.state.textContent = text;
      this.bar.hidden = share === undefined;
      if (share !== undefined) this.bar.value = share;
      this.stop.hidden = share === undefined;
    };
    if (text && !this.state.textContent) this.telling = window.setTimeout(tell, UNTOLD);
    else tell();
  }

  /**
   * Say what is wrong: beside what was turned last, if something was; "" for nothing.
   * @param {string} text
   * @param {Turned | null} turned
   */
  blame(text, turned) {
    for (const each of [...this.knobs.values(), this.uses.brushes, this.uses.grips]) {
      each.blame(each === turned ? text : "");
    }
    this.fault.textContent = turned ? "" : text;
  }

  /**
   * Tell of something that was written down, or is being written.
   * @param {Heard} heard
   */
  tell(heard) {
    const { told, kind = "" } = heard;
    const before = this.written.querySelector(`[data-under-way="${kind}"]`);
    const line = make("li", told);
    const underWay = told === "writing";
    if (underWay) line.dataset.underWay = kind;
    else this.written.querySelector(".refused")?.remove();
    const writer = this.writers.get(kind);
    if (writer) writer.disabled = underWay;
    line.append(...writtenOf(heard));
    if (before) before.replaceWith(line);
    else this.written.prepend(line);
    line.scrollIntoView({ block: "nearest" });
  }
}

/**
 * Return what is told of something that is written: how far it is, where it is, what it says.
 * @param {Heard} heard
 * @returns {(HTMLElement | string)[]}
 */
function writtenOf({ told, kind, text, link, name, stage, done = 0, total = 1 }) {
  if (told === "writing") {
    const bar = make("progress", "bar");
    bar.value = done / total;
    return [make("span", "", `${kind}: ${stage}`), bar];
  }
  if (told !== "written") return [text ?? ""];
  const said = text ? [make("code", "", text)] : [];
  if (!link || !name) return said;
  const to = make("a", "", name);
  to.href = link;
  to.target = "_blank";
  to.rel = "noopener";
  return [to, ...said];
}
