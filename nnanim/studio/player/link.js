// Link: what the page says to the studio, and what it hears, once it has told the token.

import { Arrays } from "../../page/player/decode.js";

/** @typedef {import("../../page/player/contents.js").Contents} Contents */

/**
 * The contents of a film that was asked for by a number, at a stage: "first" is exact at the time
 * that is shown, "growing" as far as a training has come, "whole" all of it.
 * @typedef {{told: "film", number: number, stage: "first" | "growing" | "whole",
 *   contents: Contents, arrays: Arrays, furniture: SVGSVGElement[],
 *   handles: import("./grips.js").Handle[][],
 *   graph: import("./canvas.js").Graph | null}} Filmed
 */

/**
 * What else is heard; which of these there are goes by what is told.
 * @typedef {{told: string, number: number, text?: string, name?: string, kind?: string,
 *   names?: string[], link?: string, stage?: string, done?: number, total?: number,
 *   knobs?: import("./knob.js").Told[]}} Heard
 */

/**
 * Who hears: of films, of all else, and of the end.
 * @typedef {{film: (film: Filmed) => void, hear: (heard: Heard) => void, end: () => void,
 *   open: () => void}} Ears
 */

/** A way to the studio. */
export class Link {
  /**
   * @param {{token: string, scene?: string}} first  what is said first
   * @param {Ears} ears
   */
  constructor(first, ears) {
    this.ears = ears;
    const way = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${way}://${location.host}/tab`);
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("open", () => {
      this.socket.send(JSON.stringify(first));
      ears.open();
    });
    this.socket.addEventListener("close", () => ears.end());
    this.socket.addEventListener("message", ({ data }) => this.take(data));
  }

  /**
   * Say something.
   * @param {{[name: string]: unknown}} said
   */
  say(said) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(said));
  }

  /**
   * Take what is heard.
   * @param {string | ArrayBuffer} heard
   */
  take(heard) {
    if (typeof heard === "string") this.ears.hear(JSON.parse(heard));
    else this.ears.film(filmIn(heard));
  }
}

/**
 * Return the film that a message holds.
 * @param {ArrayBuffer} message
 * @returns {Filmed}
 */
function filmIn(message) {
  const [head] = new Uint32Array(message, 0, 2);
  const told = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 8, head)));
  const arrays = new Arrays(message.slice(8 + head));
  return { ...told, arrays, furniture: told.furniture.map(drawn) };
}

/**
 * Return an SVG that a text holds.
 * @param {string} text
 * @returns {SVGSVGElement}
 */
function drawn(text) {
  const found = new DOMParser().parseFromString(text, "text/html").querySelector("svg");
  if (!found) throw new Error("no picture");
  return document.importNode(found, true);
}
