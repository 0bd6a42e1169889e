// Map: shows the map that a document holds, and of the pixel that is pointed at what it came to.

import { Arrays } from "../../page/player/decode.js";
import { bytesHeld, textHeld } from "../../page/player/inflate.js";
import { make } from "../../page/player/widgets.js";
import { Atlas } from "./atlas.js";
import { Pointed } from "./pointed.js";

/** @typedef {import("./pointed.js").Place} Place */

const SHIFTED = 10; // pixels that an arrow goes with Shift
const AROUND = 6; // of the mark around a pixel, in pixels of the sheet

/** The map, with what is told beside it. */
class MapView {
  /**
   * @param {HTMLElement} root
   * @param {Atlas} atlas
   */
  constructor(root, atlas) {
    const { title, begin } = atlas.told;
    const keys = `arrow keys go from pixel to pixel, with Shift by ${SHIFTED}`;
    this.atlas = atlas;
    this.pointed = new Pointed(root, { title, keys, one: "The pixel" }, begin, this);
    this.pointed.shifted = SHIFTED;
    this.map = /** @type {SVGImageElement} */ (root.querySelector(".map"));
    this.sentence = make("p", "sentence");
    this.border = make("p", "quiet");
    this.pointed.tellBeside("This films it:", this.sentence, this.border);
    window.addEventListener("hashchange", () => this.follow());
    this.follow();
  }

  /** Go where the address says, else where the border is. */
  follow() {
    const found = /^#pixel=(\d{1,6}),(\d{1,6})$/.exec(window.location.hash);
    const height = this.atlas.told.size[1];
    const { pointed } = this;
    if (found) pointed.hold(this.inside(Number(found[1]), height - 1 - Number(found[2])));
    else pointed.show(pointed.place);
  }

  /**
   * @param {MouseEvent} event
   * @returns {Place | null}
   */
  under({ clientX, clientY }) {
    const { left, right, top, bottom, width, height } = this.map.getBoundingClientRect();
    if (clientX < left || clientX >= right || clientY < top || clientY >= bottom) return null;
    const [columns, rows] = this.atlas.told.size;
    const column = Math.floor(((clientX - left) / width) * columns);
    return this.inside(column, Math.floor(((bottom - clientY) / height) * rows));
  }

  /**
   * @param {number} column
   * @param {number} row
   */
  inside(column, row) {
    return this.atlas.inside(column, row);
  }

  /** Say in the address which pixel is held. */
  kept() {
    try {
      window.history.replaceState(null, "", `#pixel=${this.pointed.root.dataset.pixel}`);
    } catch {
      // a frame without an address of its own
    }
  }

  /** @param {Place} pixel */
  tell(pixel) {
    const { atlas, pointed } = this;
    const [column, row] = pixel;
    const named = `${column},${atlas.told.size[1] - 1 - row}`;
    pointed.root.dataset.pixel = named;
    pointed.settings.textContent = atlas.settings(pixel);
    this.sentence.textContent = `${atlas.sentence(pixel)} ${atlas.moment(pixel)}`.trimEnd();
    this.border.textContent = atlas.onBorder(pixel)
      ? "On the border rounding decides: a film that comes out on the other side says so."
      : "";
    pointed.offer(atlas.command(pixel), atlas.command(pixel, "studio"));
    pointed.hint.textContent = pointed.isHeld
      ? `Pixel ${named} is held; Escape lets it go.`
      : `Pixel ${named}. Click, or press an arrow, to hold one.`;
  }

  /**
   * @param {Place} pixel
   * @returns {[number, number, number, number]}
   */
  boxOf([column, row]) {
    const [columns, rows] = this.atlas.told.size;
    const box = ["x", "y", "width", "height"].map((name) => Number(this.map.getAttribute(name)));
    const x = box[0] + ((column + 0.5) / columns) * box[2];
    const y = box[1] + box[3] - ((row + 0.5) / rows) * box[3];
    return [x - AROUND, y - AROUND, 2 * AROUND, 2 * AROUND];
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
