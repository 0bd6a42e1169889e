// Phase: shows the phase that a document holds, and what came of the cell that is pointed at.

import { textHeld } from "../../page/player/inflate.js";
import { make } from "../../page/player/widgets.js";
import { copyText } from "./copying.js";

/**
 * A training: what it came to, and what opens it.
 * @typedef {{said: string, command: string}} Training
 */

/**
 * A cell: its settings, what its trainings came to, and those that are named.
 * @typedef {{settings: string, sentences: string[], trainings: Training[], more: string}} Cell
 */

/**
 * What a page tells of a phase; its cells count from the lower left, row by row.
 * @typedef {{format: number, title: string, opens: string, columns: number, rows: number,
 *   begin: [number, number], box: [number, number, number, number], cells: Cell[]}} PhaseTold
 */

const CELL_SHAPES = "http://www.w3.org/2000/svg";

/** @type {Record<string, [number, number]>} */
const CELLS_ON = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** The picture, with what is told beside it. */
class PhaseView {
  /**
   * @param {HTMLElement} root
   * @param {PhaseTold} told
   */
  constructor(root, told) {
    this.root = root;
    this.held = told;
    this.isHeld = false;
    /** @type {[number, number]} */
    this.cell = told.begin;
    this.sheet = /** @type {SVGSVGElement} */ (root.querySelector(".furniture"));
    this.marks = ["here under", "here"].map((kind) => {
      const mark = document.createElementNS(CELL_SHAPES, "rect");
      mark.setAttribute("class", kind);
      return mark;
    });
    this.sheet.append(...this.marks);
    this.frame = make("div", "atlas");
    this.frame.tabIndex = 0;
    this.frame.setAttribute("role", "application");
    this.frame.setAttribute("aria-label", `${told.title}: arrow keys go from cell to cell`);
    this.frame.append(this.sheet);
    this.told = make("section", "told");
    this.told.setAttribute("aria-live", "polite");
    this.told.setAttribute("aria-label", "The cell");
    this.settings = make("p", "settings");
    this.sentences = make("div", "sentences");
    this.trainings = make("select", "trainings");
    this.trainings.setAttribute("aria-label", "Its trainings");
    this.more = make("p", "quiet");
    this.command = make("code", "command");
    this.copy = make("button", "copy", "Copy");
    this.copy.type = "button";
    this.hint = make("p", "quiet hint");
    this.told.append(this.settings, this.sentences, this.trainings, this.more);
    this.told.append(make("p", "quiet", told.opens), this.command, this.copy);
    this.told.append(make("p", ""), this.hint);
    root.append(make("h1", "heading", told.title), this.frame, this.told);
    this.listen();
    this.show(this.cell);
  }

  listen() {
    const { frame } = this;
    frame.addEventListener("pointermove", (event) => {
      const under = this.under(event);
      if (!this.isHeld && under) this.show(under);
    });
    frame.addEventListener("click", (event) => {
      const under = this.under(event);
      if (under) this.hold(under);
    });
    frame.addEventListener("keydown", (event) => this.press(event));
    this.trainings.addEventListener("change", () => this.choose());
    this.copy.addEventListener("click", () => copyText(this.copy, this.command));
  }

  /**
   * Return the cell under the pointer; null beside them.
   * @param {MouseEvent} event
   * @returns {[number, number] | null}
   */
  under({ clientX, clientY }) {
    const { left, top, width } = this.sheet.getBoundingClientRect();
    const scale = width / this.sheet.viewBox.baseVal.width;
    const [x, y, wide, high] = this.held.box;
    const column = Math.floor((((clientX - left) / scale - x) / wide) * this.held.columns);
    const row = Math.floor(((y + high - (clientY - top) / scale) / high) * this.held.rows);
    const isIn = column >= 0 && column < this.held.columns && row >= 0 && row < this.held.rows;
    return isIn ? [column, row] : null;
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") {
      this.isHeld = false;
      this.show(this.cell);
    } else if (event.key in CELLS_ON) {
      event.preventDefault();
      const [across, up] = CELLS_ON[event.key];
      const column = Math.min(Math.max(this.cell[0] + across, 0), this.held.columns - 1);
      this.hold([column, Math.min(Math.max(this.cell[1] + up, 0), this.held.rows - 1)]);
    }
  }

  /**
   * Stay at a cell, whatever the pointer passes.
   * @param {[number, number]} cell
   */
  hold(cell) {
    this.isHeld = true;
    this.show(cell);
  }

  /**
   * Tell of a cell.
   * @param {[number, number]} cell
   */
  show(cell) {
    this.cell = cell;
    const [column, row] = cell;
    const { cells, columns } = this.held;
    const { settings, sentences, trainings, more } = cells[row * columns + column];
    this.root.dataset.cell = `${column},${row}`;
    this.settings.textContent = settings;
    this.sentences.replaceChildren(...sentences.map((said) => make("p", "sentence", said)));
    this.trainings.replaceChildren(...trainings.map(({ said }) => new Option(said)));
    this.trainings.hidden = trainings.length === 0;
    this.more.textContent = more;
    this.hint.textContent = this.isHeld
      ? "This cell is held; Escape lets it go."
      : "Click, or press an arrow, to hold a cell.";
    this.choose();
    this.mark(cell);
  }

  /** Tell what opens the training that is chosen. */
  choose() {
    const { cells, columns } = this.held;
    const { trainings } = cells[this.cell[1] * columns + this.cell[0]];
    this.command.textContent = trainings[this.trainings.selectedIndex]?.command ?? "";
    this.copy.textContent = "Copy";
  }

  /** @param {[number, number]} cell */
  mark([column, row]) {
    const { box, columns, rows } = this.held;
    const [wide, high] = [box[2] / columns, box[3] / rows];
    for (const mark of this.marks) {
      mark.setAttribute("x", String(box[0] + column * wide));
      mark.setAttribute("y", String(box[1] + box[3] - (row + 1) * high));
      mark.setAttribute("width", String(wide));
      mark.setAttribute("height", String(high));
    }
  }
}

/** Show the phase of a document. */
async function showPhase() {
  const root = document.getElementById("nnanim");
  if (!root) return;
  const view = new PhaseView(root, JSON.parse(await textHeld("contents")));
  root.dataset.ready = String(view.held.format);
}

showPhase();
