// Scrubber: the strip, along which a reader moves through the training; its events and captions are
// marks on it. A page without a strip has a track of the film's time in its place.

import { make } from "./widgets.js";

/** @typedef {import("./contents.js").Page} Page */
/** @typedef {import("./clock.js").Clock} Clock */
/** @typedef {import("./clock.js").Now} Now */

/** A mark on it. @typedef {{t: number, text: string, kind: "event" | "caption"}} Notch */

const STEPS = 100; // of the film, that the arrow keys take
const LEAP = 10; // steps, that the arrow keys take with Shift

/** A slider over the strip, or over a track. */
export class Scrubber {
  /**
   * @param {Page} page
   * @param {Clock} clock
   * @param {{[key: string]: string}} words
   * @param {(t: number) => void} move  told where the reader went
   */
  constructor(page, clock, words, move) {
    this.page = page;
    this.clock = clock;
    this.words = words;
    this.move = move;
    this.t = 0;
    this.element = make("div", page.strip ? "scrubber over" : "scrubber track");
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "slider");
    this.element.setAttribute("aria-label", words.training);
    this.element.setAttribute("aria-valuemin", "0");
    this.element.setAttribute("aria-valuemax", String(page.epochs));
    this.head = make("span", "head");
    this.hint = make("span", "hint");
    this.hint.setAttribute("aria-hidden", "true");
    this.notches = notchesOf(page);
    this.element.append(this.head, ...this.notches.map((notch) => this.notch(notch)), this.hint);
    this.listen();
  }

  /**
   * Return a mark's element.
   * @param {Notch} notch
   * @returns {HTMLElement}
   */
  notch({ t, text, kind }) {
    const element = make("span", `notch ${kind}`);
    element.style.left = `${100 * this.across(t)}%`;
    element.title = text;
    element.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      this.move(t);
    });
    return element;
  }

  /**
   * Return where along it a time is, from 0 to 1.
   * @param {number} t
   * @returns {number}
   */
  across(t) {
    const { panels, strip, seconds } = this.page;
    if (!strip) return seconds > 0 ? t / seconds : 0;
    const [low, high] = panels[panels.length - 1].x;
    return (this.clock.at(t).moment - low) / (high - low);
  }

  /**
   * Return the time that is a share of the way along it.
   * @param {number} share
   * @returns {number}
   */
  timeAt(share) {
    const { panels, strip, seconds, epochs } = this.page;
    if (!strip) return Math.min(Math.max(share, 0), 1) * seconds;
    const [low, high] = panels[panels.length - 1].x;
    return this.clock.timeAt(Math.min(Math.max(low + share * (high - low), 0), epochs));
  }

  /** Listen to pointers and wheels. */
  listen() {
    const { element } = this;
    const share = (/** @type {MouseEvent} */ event) => {
      const { left, width } = element.getBoundingClientRect();
      return (event.clientX - left) / width;
    };
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      element.focus({ preventScroll: true });
      this.move(this.timeAt(share(event)));
    });
    element.addEventListener("pointermove", (event) => {
      this.showHint(share(event));
      if (element.hasPointerCapture(event.pointerId)) this.move(this.timeAt(share(event)));
    });
    element.addEventListener("pointerleave", () => element.classList.remove("hinted"));
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  /**
   * Move by a wheel.
   * @param {WheelEvent} event
   */
  wheel(event) {
    if (event.ctrlKey) return;
    event.preventDefault();
    const way = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
    this.step(Math.sign(way));
  }

  /**
   * Show which epoch is under the pointer.
   * @param {number} share
   */
  showHint(share) {
    const bounded = Math.min(Math.max(share, 0), 1);
    this.hint.textContent = this.epoch(this.clock.at(this.timeAt(share)));
    this.hint.style.left = `${100 * bounded}%`;
    this.element.classList.add("hinted");
  }

  /**
   * Move by so many steps.
   * @param {number} steps
   */
  step(steps) {
    const { seconds } = this.page;
    this.move(Math.min(Math.max(this.t + (steps * seconds) / STEPS, 0), seconds));
  }

  /**
   * Move to the mark before or after.
   * @param {number} way  -1 or 1
   */
  leap(way) {
    const times = [0, ...this.notches.map(({ t }) => t), this.page.seconds].sort((a, b) => a - b);
    const next =
      way > 0 ? times.find((t) => t > this.t + 1e-6) : times.findLast((t) => t < this.t - 1e-6);
    if (next !== undefined) this.move(next);
  }

  /**
   * Move as a key says; return whether it says anything.
   * @param {KeyboardEvent} event
   * @returns {boolean}
   */
  key(event) {
    const step = event.shiftKey ? LEAP : 1;
    /** @type {{[key: string]: () => void}} */
    const keys = {
      ArrowLeft: () => this.step(-step),
      ArrowDown: () => this.step(-step),
      ArrowRight: () => this.step(step),
      ArrowUp: () => this.step(step),
      PageUp: () => this.leap(-1),
      PageDown: () => this.leap(1),
      Home: () => this.move(0),
      End: () => this.move(this.page.seconds),
    };
    if (!(event.key in keys)) return false;
    keys[event.key]();
    return true;
  }

  /**
   * Return a time's epoch in words.
   * @param {Now} now
   * @returns {string}
   */
  epoch({ moment }) {
    const digits = this.page.epochs < 20 ? 100 : moment < 10 ? 10 : 1;
    const number = String(Math.floor(moment * digits + 1e-6) / digits);
    return this.words.epoch.replace("{n}", number.replace(".", this.words.decimal));
  }

  /**
   * Show a time.
   * @param {Now} now
   */
  show(now) {
    this.t = now.t;
    this.head.style.left = `${100 * this.across(now.t)}%`;
    const caption = this.clock.caption(now.t);
    const text = caption ? `${this.epoch(now)}, ${caption}` : this.epoch(now);
    this.element.setAttribute("aria-valuenow", String(Number(now.moment.toPrecision(6))));
    this.element.setAttribute("aria-valuetext", text);
  }
}

/**
 * Return the events of a page, and where it begins to say something.
 * @param {Page} page
 * @returns {Notch[]}
 */
function notchesOf({ events, acts }) {
  /** @type {Notch[]} */
  const happened = events.map(({ t, text }) => ({ t, text, kind: "event" }));
  /** @type {Notch[]} */
  const said = acts
    .filter(({ caption, chapter }) => caption || chapter)
    .map(({ begin, caption, chapter }) => ({
      t: begin,
      text: chapter || caption,
      kind: "caption",
    }));
  return [...said, ...happened];
}
