// Letters: texts on a canvas, in the outlines that a page brings along.

/** @typedef {CanvasRenderingContext2D} Context */
/** @typedef {import("./contents.js").Contents} Contents */

/** The letters of a page. */
export class Letters {
  /** @param {Contents["glyphs"]} glyphs */
  constructor(glyphs) {
    this.glyphs = glyphs;
    this.em = glyphs.em; // the height of letters, in units of outlines
    /** @type {Map<string, Path2D>} */
    this.paths = new Map();
  }

  /**
   * Return how wide a text is.
   * @param {Context} context
   * @param {string} text
   * @param {number} size
   * @param {boolean} [bold]
   * @returns {number}
   */
  width(context, text, size, bold = false) {
    const known = this.glyphs[bold ? "bold" : "regular"];
    const letters = Array.from(text);
    if (letters.every((letter) => known[letter])) {
      return letters.reduce((sum, letter) => sum + known[letter][0], 0) * (size / this.em);
    }
    context.font = fontOf(size, bold);
    return context.measureText(text).width;
  }

  /**
   * Write a text from the left end of its base line; with letters that the page does not bring
   * along, all of it in a font that is there.
   * @param {Context} context
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {number} size
   * @param {boolean} [bold]
   */
  write(context, text, x, y, size, bold = false) {
    const weight = bold ? "bold" : "regular";
    const known = this.glyphs[weight];
    const letters = Array.from(text);
    if (!letters.every((letter) => known[letter])) {
      context.font = fontOf(size, bold);
      context.fillText(text, x, y);
      return;
    }
    context.save();
    context.translate(x, y);
    context.scale(size / this.em, size / this.em);
    for (const letter of letters) {
      context.fill(this.path(weight, letter, known[letter][1]));
      context.translate(known[letter][0], 0);
    }
    context.restore();
  }

  /**
   * Return a letter's outline.
   * @param {string} weight
   * @param {string} letter
   * @param {string} outline
   * @returns {Path2D}
   */
  path(weight, letter, outline) {
    const key = `${weight} ${letter}`;
    const found = this.paths.get(key) ?? new Path2D(outline);
    this.paths.set(key, found);
    return found;
  }
}

/**
 * Return a font that is there, as a canvas names it.
 * @param {number} size
 * @param {boolean} bold
 * @returns {string}
 */
function fontOf(size, bold) {
  return `${bold ? "bold " : ""}${size}px "DejaVu Sans", system-ui, sans-serif`;
}
