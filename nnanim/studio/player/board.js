// Board: what lies over a panel and is painted on, by pointers and by keys.

import { isTaken, make } from "../../page/player/widgets.js";

/** @typedef {import("../../page/player/pads.js").Pointed} Pointed */
/** @typedef {import("./painting.js").Point} Point */

const KEY_STEP = 0.02; // of a panel, that the cross goes by a key
const DIGITS = 4; // of a panel's span that are kept of a place

/** @type {{[key: string]: [number, number]}} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Return what lies over a panel.
 * @param {import("./brushes.js").Brushes} brushes
 * @param {number} number
 * @param {string} title
 * @returns {HTMLElement}
 */
export function boardOf(brushes, number, title) {
  const board = make("div", "board");
  const cross = make("div", "cross");
  const at = { x: 0.5, y: 0.5 };
  board.tabIndex = 0;
  board.setAttribute("role", "application");
  board.setAttribute("aria-label", `${title}: arrow keys move the brush, Enter uses it`);
  board.append(cross);
  board.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    brushes.press(number, event);
  });
  board.addEventListener("keydown", (event) => {
    const way = WAYS[event.key];
    if (isTaken(event) || (!way && event.key !== "Enter")) return;
    event.preventDefault();
    event.stopPropagation();
    if (way) {
      at.x = Math.min(Math.max(at.x + KEY_STEP * way[0], 0), 1);
      at.y = Math.min(Math.max(at.y + KEY_STEP * way[1], 0), 1);
      Object.assign(cross.style, { left: `${100 * at.x}%`, top: `${100 * at.y}%` });
    }
    const { left, top, width, height } = board.getBoundingClientRect();
    const place = { clientX: left + at.x * width, clientY: top + at.y * height };
    if (way) brushes.drag(place);
    else brushes.useAt(number, place);
  });
  return board;
}

/**
 * Return a point at a place, by chance up to so many pixels beside it.
 * @param {Pointed} at
 * @param {number} third  its class or its number
 * @param {number} spread
 * @returns {Point}
 */
export function placed({ plot, x, y, ratio }, third, spread) {
  const [sx, tx, sy, ty] = plot.mapping;
  const [, , width, height] = plot.box;
  const [angle, far] = [2 * Math.PI * Math.random(), spread * ratio * Math.sqrt(Math.random())];
  const right = Math.min(Math.max(x + far * Math.cos(angle), 0), width);
  const down = Math.min(Math.max(y + far * Math.sin(angle), 0), height);
  return [
    rounded((right - tx) / sx, width / Math.abs(sx)),
    rounded((down - ty) / sy, height / Math.abs(sy)),
    third,
  ];
}

/**
 * Return a number in so many digits that they tell places of a span apart.
 * @param {number} value
 * @param {number} span
 * @returns {number}
 */
function rounded(value, span) {
  const digits = DIGITS - Math.floor(Math.log10(span));
  return Number(value.toFixed(Math.min(Math.max(digits, 0), 12)));
}
