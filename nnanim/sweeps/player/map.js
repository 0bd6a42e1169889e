// Map: shows the map that a document holds, and of the pixel that is pointed at what it came to.

import { Arrays } from "../../page/player/decode.js";
import { bytesHeld, textHeld } from "../../page/player/inflate.js";
import { make } from "../../page/player/widgets.js";
import { Atlas } from "./atlas.js";
import { copyText } from "./copying.js";

/** @typedef {import("./atlas.js").Pixel} Pixel */

const SHAPES = "http://www.w3.org/2000/svg";
const SHIFTED = 10; // pixels that an arrow goes with Shift
const AROUND = 6; // of the mark around a pixel, in pixels of the sheet

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** The map, with what is told beside it. */
class MapView {
  /**
   * @param {HTMLElement} root
   * @param {Atlas} atlas
   */
  constructor(root, atlas) {
    this.root = root;
    this.atlas = atlas;
    this.isHeld = false;
    /** @type {Pixel} */
    this.pixel = atlas.told.begin;
    this.sheet = /** @type {SVGSVGElement} */ (root.querySelector(".furniture"));
    this.map = /** @type {SVGImageElement} */ (root.querySelector(".map"));
    this.marks = ["here under", "here"].map((kind) => {
      const mark = document.createElementNS(SHAPES, "rect");
      mark.setAttribute("class", kind);
      return mark;
    });
    this.sheet.append(...this.marks);
    this.frame = make("div", "atlas");
    this.frame.tabIndex = 0;
    this.frame.setAttribute("role", "application");
    this.frame.setAttribute(
      "aria-label",
      `${atlas.told.title}: arrow keys go from pixel to pixel, with Shift by ${SHIFTED}`,
    );
    this.frame.append(this.sheet);
    this.told = make("section", "told");
    this.told.setAttribute("aria-live", "polite");
    this.told.setAttribute("aria-label", "The pixel");
    this.settings = make("p", "settings");
    this.sentence = make("p", "sentence");
    this.border = make("p", "quiet");
    this.command = make("code", "command");
    this.copy = make("button", "copy", "Copy");
    this.copy.type = "button";
    this.hint = make("p", "quiet hint");
    const asked = make("p", "quiet", "This films it:");
    this.told.append(this.settings, this.sentence, this.border, asked, this.command);
    this.told.append(this.copy, make("p", ""), this.hint);
    root.append(make("h1", "heading", atlas.told.title), this.frame, this.told);
    this.listen();
    this.follow();
  }

  listen() {
    const { frame } = this;
    frame.addEventListener("pointermove", (event) => {
      if (!this.isHeld && this.isOver(event)) this.show(this.under(event));
    });
    frame.addEventListener("click", (event) => {
      if (this.isOver(event)) this.hold(this.under(event));
    });
    frame.addEventListener("keydown", (event) => this.press(event));
    this.copy.addEventListener("click", () => copyText(this.copy, this.command));
    window.addEventListener("hashchange", () => this.follow());
  }

  /** Go where the address says, else where the border is. */
  follow() {
    const found = /^#pixel=(\d{1,6}),(\d{1,6})$/.exec(window.location.hash);
    const height = this.atlas.told.size[1];
    if (found) this.hold(this.atlas.inside(Number(found[1]), height - 1 - Number(found[2])));
    else this.show(this.pixel);
  }

  /** @param {MouseEvent} event */
  isOver({ clientX, clientY }) {
    const { left, right, top, bottom } = this.map.getBoundingClientRect();
    return clientX >= left && clientX < right && clientY >= top && clientY < bottom;
  }

  /**
   * @param {MouseEvent} event
   * @returns {Pixel}
   */
  under({ clientX, clientY }) {
    const { left, bottom, width, height } = this.map.getBoundingClientRect();
    const [columns, rows] = this.atlas.told.size;
    const column = Math.floor(((clientX - left) / width) * columns);
    return this.atlas.inside(column, Math.floor(((bottom - clientY) / height) * rows));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    if (altKey || ctrlKey || metaKey) return;
    if (key === "Escape") {
      this.isHeld = false;
      this.show(this.pixel);
    } else if (key in ARROWS) {
      event.preventDefault();
      const far = shiftKey ? SHIFTED : 1;
      const [across, up] = ARROWS[key];
      this.hold(this.atlas.inside(this.pixel[0] + far * across, this.pixel[1] + far * up));
    }
  }

  /**
   * Stay at a pixel, whatever the pointer passes.
   * @param {Pixel} pixel
   */
  hold(pixel) {
    this.isHeld = true;
    this.show(pixel);
    try {
      window.history.replaceState(null, "", `#pixel=${this.root.dataset.pixel}`);
    } catch {
      // a frame without an address of its own
    }
  }

  /**
   * Tell of a pixel.
   * @param {Pixel} pixel
   */
  show(pixel) {
    this.pixel = pixel;
    const { atlas } = this;
    const [column, row] = pixel;
    this.root.dataset.pixel = `${column},${atlas.told.size[1] - 1 - row}`;
    this.settings.textContent = atlas.settings(pixel);
    this.sentence.textContent = atlas.sentence(pixel);
    this.border.textContent = atlas.onBorder(pixel)
      ? "On the border: rounding decides here, so its film may come out on the other side."
      : "";
    this.command.textContent = atlas.command(pixel);
    this.copy.textContent = "Copy";
    this.hint.textContent = this.isHeld
      ? `Pixel ${this.root.dataset.pixel} is held; Escape lets it go.`
      : `Pixel ${this.root.dataset.pixel}. Click, or press an arrow, to hold one.`;
    this.mark(pixel);
  }

  /** @param {Pixel} pixel */
  mark([column, row]) {
    const [columns, rows] = this.atlas.told.size;
    const box = ["x", "y", "width", "height"].map((name) => Number(this.map.getAttribute(name)));
    const x = box[0] + ((column + 0.5) / columns) * box[2];
    const y = box[1] + box[3] - ((row + 0.5) / rows) * box[3];
    for (const mark of this.marks) {
      mark.setAttribute("x", String(x - AROUND));
      mark.setAttribute("y", String(y - AROUND));
      mark.setAttribute("width", String(2 * AROUND));
      mark.setAttribute("height", String(2 * AROUND));
    }
  }
}

/** Show the map of a document. */
async function showMap() {
  const root = document.getElementById("nnanim");
  if (!root) return;
  const told = JSON.parse(await textHeld("contents"));
  const view = new MapView(root, new Atlas(told, new Arrays(await bytesHeld("arrays"))));
  root.dataset.ready = String(view.atlas.told.format);
}

showMap();
