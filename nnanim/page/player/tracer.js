// Tracer: says what a point is that is pointed at, and draws its way through the training.

import { nearestSample, pathOf, toldOf } from "./trace.js";
import { make } from "./widgets.js";

/** @typedef {import("./clock.js").Now} Now */
/** @typedef {import("./contents.js").Panel} Panel */
/** @typedef {import("./network.js").Units} Units */
/** @typedef {import("./pads.js").Pointed} Pointed */
/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./trace.js").Sample} Sample */
/** @typedef {import("./tile.js").Plot} Plot */
/** @typedef {import("./camera.js").Camera} Camera */

const POINTING = 14; // pixels of CSS, from a point

/** What is pointed at, and what is pinned. */
export class Tracer {
  /**
   * @param {Stage} stage
   * @param {{[key: string]: string}} words
   * @param {() => void} change  told when the picture is to be another
   */
  constructor(stage, words, change) {
    this.stage = stage;
    this.words = words;
    this.change = change;
    this.every = 1;
    /** @type {Sample | null} */
    this.sample = null;
    this.pinned = false;
    this.tip = make("div", "tip");
    this.tip.setAttribute("role", "status");
    this.tip.hidden = true;
    /** @type {Map<number, Units | null>} */
    this.paths = new Map();
  }

  /**
   * Say what is pointed at, unless a point is pinned.
   * @param {Pointed | null} at
   */
  point(at) {
    if (!this.pinned) this.trace(at);
  }

  /**
   * Pin the point that is pressed, or release it.
   * @param {Pointed} at
   */
  press(at) {
    this.pinned = false;
    this.trace(at);
    this.pinned = this.sample !== null;
    this.tip.classList.toggle("pinned", this.pinned);
  }

  /** Trace nothing. */
  release() {
    this.pinned = false;
    this.trace(null);
  }

  /** Forget the ways of the point, as when panels show another layer. */
  forget() {
    this.paths.clear();
  }

  /**
   * Pin the point that comes so many after the one that is traced, or the nearest to a place.
   * @param {Pointed} at
   * @param {number} by
   */
  next(at, by) {
    const { film } = this.stage;
    const nearest = nearestSample(film, at.plot, at.x, at.y, Infinity, this.every);
    if (!nearest) return;
    const { network } = nearest;
    const count = film.run(network).count(undefined);
    const follows = this.sample?.network === network && this.sample.sample + by + count;
    this.hold(follows ? { network, sample: follows % count } : nearest, at);
    this.pinned = true;
    this.tip.classList.add("pinned");
  }

  /**
   * Trace what is at a place.
   * @param {Pointed | null} at
   */
  trace(at) {
    const { film } = this.stage;
    const reach = POINTING * (at?.ratio ?? 1);
    this.hold(at && nearestSample(film, at.plot, at.x, at.y, reach, this.every), at);
  }

  /**
   * Trace a sample that is pointed at, or none.
   * @param {Sample | null} found
   * @param {Pointed | null} at
   */
  hold(found, at) {
    const same = found?.sample === this.sample?.sample && found?.network === this.sample?.network;
    if (!same) {
      this.sample = found;
      this.forget();
      this.change();
    }
    this.tip.hidden = !found;
    if (found && at) this.putTip(at);
  }

  /**
   * Put what is said beside a place, where the window has room.
   * @param {Pointed} at
   */
  putTip(at) {
    const { clientWidth, clientHeight } = document.documentElement;
    const left = Math.min(at.left + 16, clientWidth - this.tip.offsetWidth - 8);
    const below = at.top + 20 + this.tip.offsetHeight < clientHeight;
    const top = below ? at.top + 20 : at.top - 12 - this.tip.offsetHeight;
    this.tip.style.transform = `translate(${Math.max(left, 8)}px, ${Math.max(top, 8)}px)`;
  }

  /**
   * Say what the traced point is at a time.
   * @param {Now} now
   */
  say(now) {
    if (!this.sample) return;
    const lines = toldOf(this.stage.film, this.sample, now, this.words);
    this.tip.replaceChildren(...lines.map((line, k) => make("p", k === 0 ? "first" : "", line)));
  }

  /**
   * Draw the traced point's way through the training, and where it is now, in a panel.
   * @param {CanvasRenderingContext2D} context
   * @param {number} number
   * @param {Panel} panel
   * @param {Plot} plot
   * @param {Camera | null} camera
   * @param {Now} now
   * @param {number} ratio
   */
  draw(context, number, panel, plot, camera, now, ratio) {
    if (!this.sample) return;
    if (!this.paths.has(number)) {
      const choice = this.stage.choice(number);
      this.paths.set(number, pathOf(this.stage.film, panel, choice, this.sample));
    }
    const path = this.paths.get(number);
    if (!path) return;
    const [x, y] = camera ? seenBy(camera, path) : path;
    const [sx, tx, sy, ty] = plot.mapping;
    context.save();
    context.setTransform(1, 0, 0, 1, plot.box[0], plot.box[1]);
    context.beginPath();
    context.rect(0, 0, plot.box[2], plot.box[3]);
    context.clip();
    const ink = this.stage.paint.css("ink");
    context.strokeStyle = ink;
    context.lineJoin = context.lineCap = "round";
    const line = (
      /** @type {number} */ from,
      /** @type {number} */ to,
      /** @type {number} */ alpha,
    ) => {
      context.globalAlpha = alpha;
      context.beginPath();
      for (let k = from; k <= to; k++) context.lineTo(sx * x[k] + tx, sy * y[k] + ty);
      context.stroke();
    };
    context.lineWidth = 1.5 * ratio;
    line(now.sample, x.length - 1, 0.35);
    line(0, now.sample, 0.9);
    const next = Math.min(now.sample + 1, x.length - 1);
    const between = (/** @type {Float32Array} */ values) =>
      values[now.sample] + now.share * (values[next] - values[now.sample]);
    context.globalAlpha = 1;
    context.lineWidth = 2 * ratio;
    context.beginPath();
    context.arc(sx * between(x) + tx, sy * between(y) + ty, 6 * ratio, 0, 2 * Math.PI);
    context.stroke();
    context.restore();
  }
}

/**
 * Return where a path in space is seen.
 * @param {Camera} camera
 * @param {Units} path
 * @returns {Units}
 */
function seenBy(camera, path) {
  const { x, y } = camera.seen(path);
  return [x, y];
}
