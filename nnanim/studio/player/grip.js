// Grip: what lies over a panel of units and weights, and is pointed at, clicked and turned.

import { isTaken, make } from "../../page/player/widgets.js";

/** @typedef {import("./grips.js").Grips} Grips */
/** @typedef {import("./grips.js").Handle} Handle */

const NOTCH = 100; // of a wheel, in its own units
const TURN = 0.1; // of a weight, by a notch or a key
const INNER = /[.]\d+$/; // where in its layer a Linear stands
const STILL_PRESS = 4; // pixels that a pointer may move in a press

/** @type {{[key: string]: number}} */
const NEXT = { ArrowRight: 1, ArrowLeft: -1 };
/** @type {{[key: string]: number}} */
const UP = { ArrowUp: 1, ArrowDown: -1 };

/**
 * Return what lies over a panel.
 * @param {Grips} grips
 * @param {number} number
 * @param {string} title
 * @returns {HTMLElement}
 */
export function gripOf(grips, number, title) {
  const grip = make("div", "grip");
  const tip = make("div", "tip");
  tip.hidden = true;
  grip.append(tip);
  grip.tabIndex = 0;
  grip.setAttribute("role", "application");
  grip.setAttribute(
    "aria-label",
    `${title}: left and right for a unit or a weight, up and down turn it, Enter takes it`,
  );
  const tell = () => {
    const handle = grips.picked?.number === number ? grips.picked.handle : null;
    tip.hidden = !handle;
    grip.classList.toggle("over", handle !== null);
    if (handle) tip.textContent = told(grips, handle);
  };
  const point = (/** @type {MouseEvent} */ event) => {
    grips.point(number, grips.at(number, event));
    tell();
    tip.style.transform = `translate(${event.clientX + 16}px, ${event.clientY + 16}px)`;
  };
  let [x, y] = [0, 0];
  grip.addEventListener("pointermove", point);
  grip.addEventListener("pointerdown", (event) => ([x, y] = [event.clientX, event.clientY]));
  grip.addEventListener("pointerleave", () => {
    grips.point(number, null);
    tell();
  });
  grip.addEventListener("click", (event) => {
    const handle = grips.at(number, event);
    if (handle && Math.hypot(event.clientX - x, event.clientY - y) <= STILL_PRESS) {
      grips.use(handle);
    }
  });
  const wheel = (/** @type {WheelEvent} */ event) => {
    const handle = grips.at(number, event);
    if (event.ctrlKey || handle?.source === undefined) return;
    event.preventDefault();
    grips.turn(handle, (-TURN * event.deltaY) / NOTCH);
    point(event);
  };
  grip.addEventListener("wheel", wheel, { passive: false });
  grip.addEventListener("keydown", (event) => {
    if (isTaken(event) || !byKey(grips, number, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    tell();
    const { left, top } = grip.getBoundingClientRect();
    tip.style.transform = `translate(${left}px, ${top}px)`;
  });
  return grip;
}

/**
 * Return what is said of a handle.
 * @param {Grips} grips
 * @param {Handle} handle
 * @returns {string}
 */
function told(grips, handle) {
  if (handle.source === undefined) return nameOf(handle);
  return `${nameOf(handle)}: ${grips.valueOf(handle).toFixed(3).replace("-", "−")}`;
}

/**
 * Do what a key says; return whether it says something.
 * @param {Grips} grips
 * @param {number} number
 * @param {string} key
 * @returns {boolean}
 */
function byKey(grips, number, key) {
  const all = grips.handles[number];
  const picked = grips.picked?.number === number ? grips.picked.handle : null;
  const next = NEXT[key];
  if (next) {
    const now = picked ? all.indexOf(picked) : next > 0 ? -1 : 0;
    grips.point(number, all[(now + next + all.length) % all.length]);
  } else if (!picked) return false;
  else if (key === "Enter") grips.use(picked);
  else if (key in UP && picked.source !== undefined) grips.turn(picked, TURN * UP[key]);
  else return false;
  return true;
}

/**
 * Return what a unit or a weight is called.
 * @param {Handle} handle
 * @returns {string}
 */
export function nameOf({ layer, unit, source }) {
  const heard = source === undefined ? "" : ` hears ${source + 1}`;
  return `${layer.replace(INNER, "")} unit ${unit + 1}${heard}`;
}

/**
 * Return how many pixels a handle is away from a place: 0 inside it, infinitely many beside a box.
 * @param {Handle} handle
 * @param {import("../../page/player/pads.js").Pointed} at
 * @returns {number}
 */
export function awayFrom({ outline }, { plot, x, y }) {
  const [sx, tx, sy, ty] = plot.mapping;
  const corners = outline.map((corner) => [sx * corner[0] + tx - x, sy * corner[1] + ty - y]);
  if (corners.length === 2) return awayFromLine(corners);
  return isInside(corners) ? 0 : Infinity;
}

/**
 * Return how far the origin is from a line between two ends.
 * @param {number[][]} ends
 * @returns {number}
 */
function awayFromLine([[ax, ay], [bx, by]]) {
  const [dx, dy] = [bx - ax, by - ay];
  const share = Math.min(Math.max(-(ax * dx + ay * dy) / (dx * dx + dy * dy || 1), 0), 1);
  return Math.hypot(ax + share * dx, ay + share * dy);
}

/**
 * Return whether the origin is inside a box of such corners.
 * @param {number[][]} corners
 * @returns {boolean}
 */
function isInside(corners) {
  return [0, 1].every((axis) => {
    const along = corners.map((corner) => corner[axis]);
    return Math.min(...along) <= 0 && Math.max(...along) >= 0;
  });
}
