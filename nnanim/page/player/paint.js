// Paint: the colours of a theme by role, and scales as tables of 256.

import { packed } from "./blend.js";

/** @typedef {import("./contents.js").Contents} Contents */
/** @typedef {import("./contents.js").Theme} Theme */
/** @typedef {import("./decode.js").Arrays} Arrays */

/**
 * A scale's 256 colours: as words, their weights in [0, 256], and as red, green, blue and alpha in
 * [0, 1] one after the other.
 * @typedef {{colors: Uint32Array, weights: Uint16Array, rgba: Float32Array}} Table
 */

/** @typedef {[number, number, number, number]} Rgba  in [0, 255] */

/** What colours are in a theme. */
export class Paint {
  /**
   * @param {Theme} theme
   * @param {Contents["scales"]} scales
   * @param {Arrays} arrays
   */
  constructor(theme, scales, arrays) {
    this.theme = theme;
    this.scales = scales;
    this.arrays = arrays;
    this.classes = Object.keys(theme.roles).filter((role) => /^class\d+$/.test(role)).length;
    /** @type {Map<string, Table>} */
    this.tables = new Map();
  }

  /**
   * Return the colour of a role, or of one written as #rrggbb or #rrggbbaa, as CSS writes it.
   * @param {string} color
   * @returns {string}
   */
  css(color) {
    if (color.startsWith("#")) return color;
    const number = /^class(\d+)$/.exec(color);
    const role = number ? `class${Number(number[1]) % this.classes}` : color;
    return this.theme.roles[role] ?? this.theme.roles.ink;
  }

  /**
   * Return a colour's bytes.
   * @param {string} color
   * @returns {Rgba}
   */
  rgba(color) {
    const digits = `${this.css(color).slice(1)}ff`;
    const byte = (/** @type {number} */ k) => parseInt(digits.slice(2 * k, 2 * k + 2), 16);
    return [byte(0), byte(1), byte(2), byte(3)];
  }

  /**
   * Return a colour as a word.
   * @param {string} color
   * @returns {number}
   */
  word(color) {
    const [red, green, blue] = this.rgba(color);
    return packed(red, green, blue);
  }

  /**
   * Return the table of a scale.
   * @param {string} name
   * @returns {Table}
   */
  table(name) {
    const found = this.tables.get(name) ?? tableOf(this.bytes(name));
    this.tables.set(name, found);
    return found;
  }

  /**
   * Return a scale's 256 colours, four bytes each.
   * @param {string} name
   * @returns {ArrayLike<number>}
   */
  bytes(name) {
    const scale = this.scales[name];
    if ("table" in scale) return this.arrays.of(scale.table);
    const stops = scale.stops.map(([position, color, alpha]) => {
      const [red, green, blue, opaque] = this.rgba(color);
      return { position, channels: [red, green, blue, opaque * alpha] };
    });
    return Array.from({ length: 1024 }, (_, i) => {
      const at = Math.floor(i / 4) / 255;
      const next = stops.findIndex(({ position }) => position >= at);
      const after = stops[next < 0 ? stops.length - 1 : next];
      const before = stops[next < 0 ? stops.length - 1 : Math.max(next - 1, 0)];
      const span = after.position - before.position;
      const share = span > 0 ? Math.max(at - before.position, 0) / span : 1;
      const [from, to] = [before.channels[i % 4], after.channels[i % 4]];
      return Math.round(from + share * (to - from));
    });
  }
}

/**
 * Return whether a colour, as #rrggbb, is nearer to black than to white.
 * @param {string} color
 * @returns {boolean}
 */
export function isDark(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return 0.3 * red + 0.59 * green + 0.11 * blue < 128;
}

/**
 * Return the table of 256 colours.
 * @param {ArrayLike<number>} bytes
 * @returns {Table}
 */
function tableOf(bytes) {
  const numbers = Array.from({ length: 256 }, (_, k) => 4 * k);
  return {
    colors: Uint32Array.from(numbers, (k) => packed(bytes[k], bytes[k + 1], bytes[k + 2])),
    weights: Uint16Array.from(numbers, (k) => Math.round((bytes[k + 3] * 256) / 255)),
    rgba: Float32Array.from(bytes, (byte) => byte / 255),
  };
}
