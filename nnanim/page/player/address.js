// Address: what of a page is looked at, in the part of its address after the hash, and back.

/** @typedef {import("./contents.js").Contents} Contents */
/** @typedef {import("./clock.js").Clock} Clock */
/** @typedef {import("./contents.js").Page} Page */
/** @typedef {import("./sight.js").Chosen} Chosen */
/** @typedef {import("./stage.js").Stage} Stage */

/**
 * Return what an address says, by name.
 * @param {string} hash
 * @returns {Map<string, string>}
 */
export function readAddress(hash) {
  return new Map(new URLSearchParams(hash.replace(/^#/, "")));
}

/**
 * Return the address of what is said, in order.
 * @param {Map<string, string>} said
 * @returns {string}
 */
export function addressOf(said) {
  return [...said].map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
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
  if (Number.isFinite(epoch)) return clock.timeAt(epoch);
  return Number.isFinite(t) ? t : null;
}

/**
 * Return the layer and the units that an address asks each panel for that can show them.
 * @param {Page} page
 * @param {Map<string, string>} said
 * @returns {Map<number, Chosen>}
 */
export function chosenAt(page, said) {
  /** @type {Map<number, Chosen>} */
  const found = new Map();
  const layer = said.get("layer") ?? "";
  const wanted = (said.get("units") ?? "").split(",").map((unit) => Number(unit) - 1);
  page.panels.forEach((panel, number) => {
    const shown = page.networks[panel.tile]?.shown[layer];
    if (!shown || panel.layer === null || !panel.units) return;
    const count = panel.units.length;
    if (shown.units < count) return;
    const fits = wanted.length === count && wanted.every((unit) => unit in shown.limits);
    found.set(number, { layer, units: fits ? wanted : panel.units.map((_, axis) => axis) });
  });
  return found;
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
  for (const { chosen } of choices.values()) {
    if (!chosen) continue;
    said.set("layer", chosen.layer);
    said.set("units", chosen.units.map((unit) => unit + 1).join());
  }
  return said;
}
