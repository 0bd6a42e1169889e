// Brushes: what points are painted, moved and erased with: a brush for each class, or one for numbers.

import { make } from "../../page/player/widgets.js";
import { boardOf } from "./board.js";
import { strokeOn } from "./brushwork.js";
import { textButton } from "./button.js";
import { canvasOf } from "./canvas.js";
import { MOST_POINTS, Steps, UNPAINTED, stepOf } from "./painting.js";
import { layOn, pointedIn } from "./panels.js";
import { Valuing } from "./valuing.js";

/** @typedef {import("../../page/player/pads.js").Place} Place */
/** @typedef {import("../../page/player/pads.js").Pointed} Pointed */
/** @typedef {import("../../page/player/stage.js").Stage} Stage */
/** @typedef {import("./painting.js").Painting} Painting */
/** @typedef {import("./painting.js").Seen} Seen */
/** @typedef {import("./brushwork.js").Stroke} Stroke */
/** @typedef {import("./brushwork.js").Tool} Tool */

/**
 * What is told: something else is painted, of all classes or not yet; a brush is taken up or laid down; points are to be saved.
 * @typedef {{painted: (whole: boolean) => void, taken: () => void, save: () => void}} Uses
 */

/** The brushes, and all that is painted with them. */
export class Brushes {
  /** @param {Uses} uses */
  constructor(uses) {
    this.uses = uses;
    this.steps = new Steps();
    /** @type {Tool | null} What is in hand. */
    this.tool = null;
    /** @type {Stroke | null} */
    this.stroke = null;
    /** @type {Stage | null} */
    this.stage = null;
    /** @type {import("./canvas.js").Graph | null} What the film is told of with which it is made. */
    this.graph = null;
    /** @type {import("./canvas.js").Canvas | null} */
    this.known = null;
    this.valuing = new Valuing();
    /** With which the film was made that is shown. */
    this.shown = UNPAINTED;
    this.element = make("section", "paint");
    this.element.hidden = true;
    this.classes = make("div", "tools");
    this.tools = make("div", "tools");
    this.undo = textButton("Undo", () => this.go(true));
    this.redo = textButton("Redo", () => this.go(false));
    this.clear = textButton("Clear", () => this.put({ ...UNPAINTED, kept: false }));
    this.reset = textButton("Reset", () => this.put(UNPAINTED));
    this.save = textButton("Save", uses.save);
    [this.undo.title, this.redo.title] = ["Ctrl Z", "Ctrl Shift Z"];
    this.clear.title = "No points at all, to paint your own";
    this.reset.title = "The scene's own points";
    this.save.title = "Write the points as CSV beside the scene";
    this.count = make("p", "count");
    this.fault = make("p", "fault");
    this.fault.setAttribute("role", "alert");
    this.tools.append(
      this.toggle("Move", "move"),
      this.toggle("Erase", "erase"),
      this.undo,
      this.redo,
    );
    const whole = make("div", "tools");
    whole.append(this.clear, this.reset, this.save);
    this.all = make("div", "");
    this.all.append(this.classes, this.valuing.element, this.tools, whole);
    this.element.append(make("h3", "", "Paint data"), this.all, this.count, this.fault);
    window.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) {
      window.addEventListener(end, () => this.lift());
    }
    document.addEventListener("keydown", (event) => this.key(event));
    this.tell();
  }

  /** What is painted. @returns {Painting} */
  get painting() {
    return this.steps.present;
  }

  /** What is painted on; null before there is a film. */
  get canvas() {
    const { stage, known, graph } = this;
    if (stage && known?.film !== stage.film) this.known = canvasOf(stage.page, stage.film, graph);
    return this.known;
  }

  /**
   * Offer the brushes for what a stage shows, and lay over its panels what is painted on.
   * @param {Stage} stage
   */
  offer(stage) {
    this.stage = stage;
    const { canvas } = this;
    if (!canvas) return;
    const { why, names, panels } = canvas;
    this.element.hidden = false;
    this.all.hidden = why !== "";
    if (why) this.count.textContent = why;
    if (why) return;
    const known = [...this.classes.children].map((each) => each.textContent);
    if (known.join("\n") !== names.join("\n")) {
      this.classes.replaceChildren(...names.map((name, k) => this.toggle(name, k)));
    }
    this.valuing.offer(canvas);
    for (const number of panels) {
      layOn(stage, number, boardOf(this, number, stage.page.panels[number].title));
    }
    this.tell();
  }

  /**
   * Return a button that takes up a tool, or lays it down.
   * @param {string} name
   * @param {Tool} tool
   * @returns {HTMLButtonElement}
   */
  toggle(name, tool) {
    const button = textButton(name, () => this.take(this.tool === tool ? null : tool));
    button.dataset.tool = String(tool);
    const color = { class: `var(--class${tool})`, graph: "var(--class1)", value: "" };
    const own = typeof tool === "number" && this.canvas ? color[this.canvas.kind] : "";
    if (own) button.style.setProperty("--own", own);
    return button;
  }

  /**
   * Take up a tool; null lays it down.
   * @param {Tool | null} tool
   */
  take(tool) {
    this.tool = tool;
    this.lift();
    this.uses.taken();
    this.tell();
  }

  /** What is seen of what is painted. @returns {Seen[]} */
  get seen() {
    return this.canvas?.seen(this.shown, this.painting) ?? [];
  }

  /**
   * Return the place in a panel at which a pointer is.
   * @param {number} number
   * @param {Place} place
   */
  pointed(number, place) {
    return this.canvas?.inUnits(pointedIn(this.stage, number, place)) ?? null;
  }

  /**
   * Begin a stroke.
   * @param {number} number
   * @param {Place} place
   */
  press(number, place) {
    const at = this.pointed(number, place);
    const { tool, canvas } = this;
    if (tool === null || !at || !canvas) return;
    this.steps.begin();
    const { kind } = canvas;
    const third = kind === "class" ? Number(tool) : this.valuing.value;
    const { mapping } = at.plot;
    const spreads = kind !== "graph";
    this.stroke = { tool, number, mapping, last: null, held: null, third, spreads };
    this.draw(at);
  }

  /**
   * Go on with a stroke.
   * @param {Place} place
   */
  drag(place) {
    const at = this.stroke && this.pointed(this.stroke.number, place);
    if (at) this.draw(at);
  }

  /** End a stroke. */
  lift() {
    if (!this.stroke) return;
    this.stroke = null;
    this.steps.end();
    this.tell();
  }

  /**
   * Use the tool at a place by keys: a point that is moved is taken hold of, and let go again.
   * @param {number} number
   * @param {Place} place
   */
  useAt(number, place) {
    const begun = this.stroke === null;
    if (begun) this.press(number, place);
    if (!begun || this.tool !== "move") this.lift();
  }

  /**
   * Draw with the tool at a place.
   * @param {Pointed} at
   */
  draw(at) {
    if (!this.stroke) return;
    const next = strokeOn(this.stroke, this.painting, () => this.seen, at);
    if (!next) this.blame(`${MOST_POINTS.toLocaleString("en")} painted points are the most.`);
    else if (next !== this.painting) this.set(next);
  }

  /**
   * Let something else be painted.
   * @param {Painting} painting
   */
  set(painting) {
    this.steps.present = painting;
    this.change();
  }

  /**
   * Let something else be painted, as a step of its own.
   * @param {Painting} painting
   */
  put(painting) {
    this.steps.begin();
    this.set(painting);
  }

  /**
   * Undo a step, or do it again.
   * @param {boolean} back
   */
  go(back) {
    this.lift();
    if (this.steps.go(back)) this.change();
  }

  /** Tell that something else is painted. */
  change() {
    this.blame("");
    this.tell();
    this.uses.painted(this.lacking.length === 0);
  }

  /**
   * Do what a key says, wherever no text is written.
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (event.key === "Escape" && this.tool !== null) this.take(null);
    const back = stepOf(event);
    if (back === null) return;
    event.preventDefault();
    this.go(back);
  }

  /** Tell what is in hand and what is painted. */
  tell() {
    const { steps, painting, tool } = this;
    for (const button of this.element.querySelectorAll("[data-tool]")) {
      const own = button instanceof HTMLElement && button.dataset.tool === String(tool);
      button.setAttribute("aria-pressed", String(own));
    }
    this.undo.disabled = steps.past.length === 0;
    this.redo.disabled = steps.future.length === 0;
    this.reset.disabled = painting === UNPAINTED;
    this.clear.disabled = !painting.kept && painting.points.length === 0;
    this.count.textContent = painting === UNPAINTED ? "" : [...this.told()].join(", ");
  }

  /** Give what is painted, in words. */
  *told() {
    const { kept, without, points } = this.painting;
    yield `${points.length.toLocaleString("en")} painted`;
    yield kept ? "beside the scene's own" : "alone";
    if (kept && without.size) yield `${without.size.toLocaleString("en")} of these erased`;
    yield* this.lacking;
  }

  /** Of what there is no point: nothing is trained before there is one. */
  get lacking() {
    if (this.painting.kept && !this.shown.kept) return []; // as far as it is known
    return this.canvas?.lacking(this.seen) ?? [];
  }

  /**
   * Say what is wrong with what is painted; "" for nothing.
   * @param {string} text
   */
  blame(text) {
    this.fault.textContent = text;
  }
}
