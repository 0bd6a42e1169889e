// Phase: shows the phase that a document holds, and what came of the cell that is pointed at.

import { textHeld } from "../../page/player/inflate.js";
import { make } from "../../page/player/widgets.js";
import { Pointed } from "./pointed.js";

/** @typedef {import("./pointed.js").Place} Place */

/**
 * A training: what it came to, and what opens it.
 * @typedef {{said: string, command: string, studio?: string}} Training
 */

/**
 * A cell: its settings, what its trainings came to, and those that are named.
 * @typedef {{settings: string, sentences: string[], trainings: Training[], more: string}} Cell
 */

/**
 * What a page tells of a phase; its cells count from the lower left, row by row.
 * @typedef {{format: number, title: string, opens: string, columns: number, rows: number,
 *   begin: Place, box: [number, number, number, number], cells: Cell[]}} PhaseTold
 */

/** The picture, with what is told beside it. */
class PhaseView {
  /**
   * @param {HTMLElement} root
   * @param {PhaseTold} held
   */
  constructor(root, held) {
    const { title, begin, opens } = held;
    const keys = "arrow keys go from cell to cell";
    this.held = held;
    this.pointed = new Pointed(root, { title, keys, one: "The cell" }, begin, this);
    this.sentences = make("div", "sentences");
    this.trainings = make("select", "trainings");
    this.trainings.setAttribute("aria-label", "Its trainings");
    this.more = make("p", "quiet");
    this.pointed.tellBeside(opens, this.sentences, this.trainings, this.more);
    this.trainings.addEventListener("change", () => this.choose());
    this.pointed.show(begin);
  }

  /**
   * @param {MouseEvent} event
   * @returns {Place | null}
   */
  under({ clientX, clientY }) {
    const { left, top, width } = this.pointed.sheet.getBoundingClientRect();
    const scale = width / this.pointed.sheet.viewBox.baseVal.width;
    const [x, y, wide, high] = this.held.box;
    const column = Math.floor((((clientX - left) / scale - x) / wide) * this.held.columns);
    const row = Math.floor(((y + high - (clientY - top) / scale) / high) * this.held.rows);
    const isIn = column >= 0 && column < this.held.columns && row >= 0 && row < this.held.rows;
    return isIn ? [column, row] : null;
  }

  /**
   * @param {number} column
   * @param {number} row
   * @returns {Place}
   */
  inside(column, row) {
    const { columns, rows } = this.held;
    return [Math.min(Math.max(column, 0), columns - 1), Math.min(Math.max(row, 0), rows - 1)];
  }

  /** @param {Place} cell */
  tell([column, row]) {
    const { held, pointed } = this;
    const { cells, columns } = held;
    const { settings, sentences, trainings, more } = cells[row * columns + column];
    pointed.root.dataset.cell = `${column},${row}`;
    pointed.settings.textContent = settings;
    this.sentences.replaceChildren(...sentences.map((said) => make("p", "sentence", said)));
    this.trainings.replaceChildren(...trainings.map(({ said }) => new Option(said)));
    this.trainings.hidden = trainings.length === 0;
    this.more.textContent = more;
    pointed.hint.textContent = pointed.isHeld
      ? "This cell is held; Escape lets it go."
      : "Click, or press an arrow, to hold a cell.";
    this.choose();
  }

  /** Tell what opens the training that is chosen. */
  choose() {
    const { cells, columns } = this.held;
    const { place } = this.pointed;
    const { trainings } = cells[place[1] * columns + place[0]];
    const { command = "", studio = "" } = trainings[this.trainings.selectedIndex] ?? {};
    this.pointed.offer(command, studio);
  }

  /**
   * @param {Place} cell
   * @returns {[number, number, number, number]}
   */
  boxOf([column, row]) {
    const { box, columns, rows } = this.held;
    const [wide, high] = [box[2] / columns, box[3] / rows];
    return [box[0] + column * wide, box[1] + box[3] - (row + 1) * high, wide, high];
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
