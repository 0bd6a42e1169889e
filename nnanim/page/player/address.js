// Address: what of a page is looked at, in the part of its address after the hash, and back.

import { divedIn, wayOf } from "./dive.js";

/** @typedef {import("./contents.js").Contents} Contents */
/** @typedef {import("./clock.js").Clock} Clock */
/** @typedef {import("./contents.js").Page} Page */
/** @typedef {import("./sight.js").Chosen} Chosen */
/** @typedef {import("./stage.js").Stage} Stage */

const TOLD = 400; // milliseconds without a change, after which the address tells of it

/** What the address says of what is looked at, told by the page or to it. */
export class Address {
  /**
   * @param {(said: Map<string, string>) => void} follow  told what another address says
   */
  constructor(follow) {
    this.said = readAddress(location.hash);
    /** What is about to be told. */
    this.telling = 0;
    window.addEventListener("hashchange", () => {
      const said = readAddress(location.hash);
      // In a frame, what the page itself has told comes back as if it were news.
      if (addressOf(said) === addressOf(this.said)) return;
      this.said = said;
      follow(said);
    });
  }

  /**
   * Tell what is looked at, as soon as it rests.
   * @param {() => Map<string, string>} look
   */
  tell(look) {
    clearTimeout(this.telling);
    this.telling = window.setTimeout(() => {
      this.said = look();
      writeAddress(this.said);
    }, TOLD);
  }
}

/**
 * Return what an address says, by name.
 * @param {string} hash
 * @returns {Map<string, string>}
 */
function readAddress(hash) {
  return new Map(new URLSearchParams(hash.replace(/^#/, "")));
}

/**
 * Return the address of what is said, in order.
 * @param {Map<string, string>} said
 * @returns {string}
 */
function addressOf(said) {
  return [...said].map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
}

/**
 * Let the address tell what is said, without a step of the reader's way back; it may be shown in a
 * frame, whose own address is not the one that it takes others from.
 * @param {Map<string, string>} said
 */
function writeAddress(said) {
  const address = `${location.href.split("#")[0]}#${addressOf(said)}`;
  try {
    history.replaceState(null, "", address);
  } catch {
    location.replace(address);
  }
}

/**
 * Return the number of the page that an address asks for, by the knobs' names and values.
 * @param {Contents} contents
 * @param {Map<string, string>} said
 * @returns {number}
 */
export function pageAt({ knobs, pages }, said) {
  const wanted = knobs.map(({ name, values }, k) => {
    const found = values.findIndex((value) => String(value) === said.get(name));
    return found < 0 ? pages[0].picked[k] : found;
  });
  const found = pages.findIndex(({ picked }) => picked.every((value, k) => value === wanted[k]));
  return Math.max(found, 0);
}

/**
 * Return the time that an address asks for, by itself or by an epoch; null where it asks for none.
 * @param {Clock} clock
 * @param {Map<string, string>} said
 * @returns {number | null}
 */
export function timeAt(clock, said) {
  const [t, epoch] = [parseFloat(said.get("t") ?? ""), parseFloat(said.get("epoch") ?? "")];
  if (Number.isFinite(epoch)) return clock.sampledFrom(clock.timeAt(epoch));
  return Number.isFinite(t) ? t : null;
}

/**
 * Let the panels of a stage show what an address asks for: layers and units, and how deep in them.
 * @param {Stage} stage
 * @param {Map<string, string>} said
 */
export function chooseIn(stage, said) {
  chosenAt(stage.page, said).forEach((chosen, panel) => stage.choose(panel, chosen));
  const depth = parseFloat(said.get("depth") ?? "");
  const way = wayOf(stage.film, stage.page.panels[divedIn(stage)[0] ?? 0]);
  const most = way ? way.told.stages.length : 0;
  stage.dive(Number.isFinite(depth) ? Math.min(Math.max(depth, 0), most) : null);
}

/**
 * Return the layer and the units that an address asks each panel for: null for those of the film.
 * @param {Page} page
 * @param {Map<string, string>} said
 * @returns {(Chosen | null)[]}
 */
function chosenAt(page, said) {
  const layer = said.get("layer") ?? "";
  const told = said.get("units");
  const units = told === undefined ? null : told.split(",").map((unit) => Number(unit) - 1);
  return page.panels.map((panel) => {
    const shown = page.networks[panel.tile]?.shown[layer];
    const known = shown && panel.layer !== null && panel.units;
    return known ? chosenOf(panel, layer, shown.units, units) : null;
  });
}

/**
 * Return a choice of a panel, if it can show that and the film does not.
 * @param {import("./contents.js").Panel} panel
 * @param {string} layer
 * @param {number} count  of the layer's units
 * @param {number[] | null} units
 * @returns {Chosen | null}
 */
function chosenOf(panel, layer, count, units) {
  const filmed = layer === panel.layer ? panel.units : panel.units.map((_, axis) => axis);
  const wanted = units ?? filmed;
  const fits = wanted.length === filmed.length && wanted.every((unit) => unit >= 0 && unit < count);
  const same = layer === panel.layer && wanted.join() === filmed.join();
  return fits && !same ? { layer, units: wanted } : null;
}

/**
 * Return what an address is to say of what is looked at.
 * @param {Contents} contents
 * @param {Stage} stage
 * @param {number} t
 * @returns {Map<string, string>}
 */
export function saidOf({ knobs }, { page, choices }, t) {
  /** @type {Map<string, string>} */
  const said = new Map([["t", t.toFixed(2)]]);
  knobs.forEach(({ name, values }, k) => said.set(name, String(values[page.picked[k]])));
  for (const { chosen, depth } of choices.values()) {
    if (depth !== null) said.set("depth", depth.toFixed(2));
    if (!chosen) continue;
    said.set("layer", chosen.layer);
    said.set("units", chosen.units.map((unit) => unit + 1).join());
  }
  return said;
}
