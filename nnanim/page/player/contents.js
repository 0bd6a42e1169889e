// Contents: what a page holds, as it is written in its JSON.

/** @typedef {import("./decode.js").Ref} Ref */
/** @typedef {import("./activations.js").Layer} Layer */
/** @typedef {import("./points.js").Shape} Shape */

/**
 * A value that stays, that changes from sample to sample, or that is mixed between them.
 * @template T
 * @typedef {T | {of: T[], which: Ref} | {sampled: Ref}} Value
 */

/** @typedef {{constant: Ref, lengths?: number[], closed?: boolean}} Constant */
/** @typedef {{sampled: Ref, frame: Ref, lengths?: number[], closed?: boolean}} Sampled */
/** @typedef {{ragged: {points: Ref, paths: Ref, frames: Ref}, frame: Ref, closed?: boolean}} Ragged */
/** @typedef {Constant | Sampled | Ragged} Kept */

/**
 * What the player computes from a network.
 * @typedef {{recipe: "data" | "lines" | "boundary" | "field" | "box" | "ghost", network: number,
 *   layer: string, columns?: number[], rows?: Ref, lengths?: number[], lines?: number[],
 *   from?: string, class?: number, extent?: number[], side?: [number, number],
 *   passed?: {mirror: import("./passage.js").Mirror, thumb?: [number, number, number[]]}}} Recipe
 */

/** @typedef {Kept | Recipe} Source */

/**
 * A mark as `nnanim.marks` has it.
 * @typedef {{kind: "points" | "lines" | "polygons" | "image" | "bars" | "text" | "plane" | "cells"
 *     | "heights",
 *   shown?: [number, number][], xy?: Source, paths?: Source, field?: Source, heights?: Source,
 *   positions?: Source, normal?: Source, offset?: Value<number>, weight?: Source, bias?: Source,
 *   marks?: Mark[],
 *   color?: Value<string> | string[], index?: Source, values?: Source, scale?: string,
 *   low?: Value<number>, high?: Value<number>, size?: Value<number>, width?: Value<number>,
 *   base?: Value<number>, alpha?: Value<number>, shape?: Shape, extent?: Value<number[]>,
 *   text?: Value<string>, bold?: boolean, name?: string}} Mark
 */

/**
 * A camera as `nnanim.camera` has it.
 * @typedef {{azimuth: number, elevation: number, perspective: number, box: [number, number][],
 *   names: string[], orbit: number, decimal: string}} View
 */

/**
 * @typedef {{title: string, box: [number, number, number, number], x: [number, number],
 *   y: [number, number], around?: [number, number, number, number], camera: View | null,
 *   axis: {x: string, y: string}, tile: number, layer: string | null, units: number[],
 *   marks: Mark[], under?: Mark[]}} Panel
 */

/**
 * @typedef {{inputs: Ref, labels?: Ref, targets?: Ref, class_names: string[], axis_names: string[],
 *   scaling: [number, number][]}} Samples
 */

/**
 * @typedef {{layers: Layer[], rows: {[name: string]: number}, hidden: string[],
 *   shown: {[name: string]: {title: string, units: number, limits: [number, number][]}},
 *   inputs: number, scores: string, parameters: Ref, state: Ref, data: Samples | null,
 *   decision: import("./decision.js").Decision | null, lines: {points: Ref, lengths: number[]},
 *   boundary: Ragged | null, passage?: import("./passage.js").Told}} Trained
 */

/**
 * @typedef {{title: string, caption: string, alt: string, picked: number[],
 *   size: [number, number], stroke: number, small: number, seconds: number, times: Ref,
 *   moments: Ref, epochs: number, jumps: number[], fades: [number, number][], shares: [number, number],
 *   acts: {begin: number, end: number, caption: string, chapter: string}[],
 *   events: {t: number, moment: number, text: string}[],
 *   strip: [number, number, number, number] | null, networks: (Trained | null)[], panels: Panel[],
 *   overlay: Mark[], thinned: string}} Page
 */

/**
 * @typedef {{name: string, roles: {[role: string]: string}, transparent: boolean}} Theme
 */

/**
 * A scale as a table of colours, or as stops between which it is linear.
 * @typedef {{table: Ref} | {stops: [number, string, number][]}} Scale
 */

/**
 * Letters: how far each takes the pen, and its outline.
 * @typedef {{[letter: string]: [number, string]}} Outlines
 */

/**
 * @typedef {{format: number, version: string, themes: Theme[],
 *   glyphs: {em: number, regular: Outlines, bold: Outlines},
 *   scales: {[name: string]: Scale}, knobs: {name: string, values: string[]}[],
 *   words: {[key: string]: string}, pages: Page[]}} Contents
 */

export {};
