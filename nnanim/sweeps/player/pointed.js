// Pointed: a picture of cells, one of which is pointed at or held, and the words beside it.

import { make } from "../../page/player/widgets.js";
import { copyText } from "./copying.js";

/** A cell: its column from the left and its row from the lower edge.
 * @typedef {[number, number]} Place
 */

/**
 * The cells: which one is under the pointer, null beside them; the nearest that there is; where one
 * is marked, its left, top, width and height in pixels of the sheet; how what came of it is told.
 * @typedef {{
 *   under: (event: MouseEvent) => Place | null,
 *   inside: (column: number, row: number) => Place,
 *   boxOf: (place: Place) => [number, number, number, number],
 *   tell: (place: Place) => void,
 *   kept?: () => void,
 * }} Cells
 */

const SHAPES = "http://www.w3.org/2000/svg";

/** @type {Record<string, Place>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** What a picture of cells has, whatever they are of. */
export class Pointed {
  /**
   * @param {HTMLElement} root
   * @param {{title: string, keys: string, one: string}} named
   * @param {Place} place
   * @param {Cells} cells
   */
  constructor(root, named, place, cells) {
    this.root = root;
    this.cells = cells;
    this.place = place;
    this.isHeld = false;
    this.shifted = 1; // cells that an arrow goes with Shift
    this.sheet = /** @type {SVGSVGElement} */ (root.querySelector(".furniture"));
    this.marks = ["here under", "here"].map((kind) => {
      const mark = document.createElementNS(SHAPES, "rect");
      mark.setAttribute("class", kind);
      return mark;
    });
    this.sheet.append(...this.marks);
    this.frame = make("div", "atlas");
    this.frame.tabIndex = 0;
    this.frame.setAttribute("role", "application");
    this.frame.setAttribute("aria-label", `${named.title}: ${named.keys}`);
    this.frame.append(this.sheet);
    this.told = make("section", "told");
    this.told.setAttribute("aria-live", "polite");
    this.told.setAttribute("aria-label", named.one);
    this.settings = make("p", "settings");
    this.command = make("code", "command");
    this.copy = copying(this.command);
    this.studio = make("code", "studio");
    this.copyStudio = copying(this.studio);
    this.live = make("div", "live");
    this.live.append(make("p", "quiet", "This trains it anew in the studio:"), this.studio);
    this.live.append(this.copyStudio, make("p", ""));
    this.hint = make("p", "quiet hint");
    root.append(make("h1", "heading", named.title), this.frame, this.told);
  }

  /**
   * Put what is told of a cell beside the picture, and say what its command is for.
   * @param {string} opens
   * @param {HTMLElement[]} parts
   */
  tellBeside(opens, ...parts) {
    this.told.append(this.settings, ...parts, make("p", "quiet", opens), this.command);
    this.told.append(this.copy, make("p", ""), this.live, this.hint);
    this.listen();
  }

  listen() {
    const { frame } = this;
    frame.addEventListener("pointermove", (event) => {
      const under = this.cells.under(event);
      if (!this.isHeld && under) this.show(under);
    });
    frame.addEventListener("click", (event) => {
      const under = this.cells.under(event);
      if (under) this.hold(under);
    });
    frame.addEventListener("keydown", (event) => this.press(event));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    if (altKey || ctrlKey || metaKey) return;
    if (key === "Escape") {
      this.isHeld = false;
      this.show(this.place);
    } else if (key in ARROWS) {
      event.preventDefault();
      const far = shiftKey ? this.shifted : 1;
      const [across, up] = ARROWS[key];
      this.hold(this.cells.inside(this.place[0] + far * across, this.place[1] + far * up));
    }
  }

  /**
   * Stay at a cell, whatever the pointer passes.
   * @param {Place} place
   */
  hold(place) {
    this.isHeld = true;
    this.show(place);
    this.cells.kept?.();
  }

  /**
   * Say by which commands a cell's training is had; "" where there is none.
   * @param {string} command
   * @param {string} studio
   */
  offer(command, studio) {
    this.command.textContent = command;
    this.studio.textContent = studio;
    this.live.hidden = studio === "";
    for (const copy of [this.copy, this.copyStudio]) copy.textContent = "Copy";
  }

  /**
   * Tell of a cell, and mark it.
   * @param {Place} place
   */
  show(place) {
    this.place = place;
    this.cells.tell(place);
    const [x, y, width, height] = this.cells.boxOf(place);
    for (const mark of this.marks) {
      for (const [name, value] of Object.entries({ x, y, width, height })) {
        mark.setAttribute(name, String(value));
      }
    }
  }
}

/**
 * Return a button that copies what an element holds.
 * @param {HTMLElement} from
 * @returns {HTMLButtonElement}
 */
function copying(from) {
  const button = make("button", "copy", "Copy");
  button.type = "button";
  button.addEventListener("click", () => copyText(button, from));
  return button;
}
