// Player: a page that plays, as the reader's hands move it.

import { Address, chooseIn, pageAt, saidOf, timeAt } from "./address.js";
import { Controls } from "./controls.js";
import { Letters } from "./letters.js";
import { layPads } from "./pads.js";
import { Paint, isDark } from "./paint.js";
import { Playhead } from "./playhead.js";
import { savePicture } from "./saving.js";
import { Scrubber } from "./scrubber.js";
import { Stage } from "./stage.js";
import { Tracer } from "./tracer.js";
import { isTaken, make } from "./widgets.js";

/** @typedef {import("./contents.js").Contents} Contents */

/** A page in a browser. */
export class Player {
  /**
   * @param {HTMLElement} root
   * @param {Contents} contents
   * @param {import("./decode.js").Arrays} arrays
   */
  constructor(root, contents, arrays) {
    this.root = root;
    this.contents = contents;
    this.arrays = arrays;
    this.words = contents.words;
    root.querySelector(".poster")?.remove();
    this.furniture = Array.from(root.querySelectorAll("svg"));
    this.letters = new Letters(contents.glyphs);
    this.theme = 0;
    this.paint = this.painted();
    this.address = new Address((said) => this.follow(said));
    this.playhead = new Playhead(0, {
      draw: (t, every) => this.draw(t, every),
      played: (playing) => this.controls.showPlaying(playing),
    });
    this.controls = new Controls(
      {
        play: () => this.play(!this.playhead.playing),
        speed: (speed) => (this.playhead.speed = speed),
        theme: () => this.switchTheme(),
        save: () => this.save(),
        page: (picked) => this.pick(picked),
        choose: (panels, chosen) => this.choose(panels, chosen),
        dive: (depth) => this.dive(depth),
      },
      this.words,
    );
    this.heading = make("header", "heading");
    this.stage = this.staged(pageAt(contents, this.address.said));
    this.playhead.onto(this.stage.page.seconds);
    this.scrubber = this.scrubbed();
    this.tracer = this.traced();
    this.lay();
    this.listen();
    this.begin();
  }

  /**
   * Return the colours of the present theme, given to the style too.
   * @returns {Paint}
   */
  painted() {
    const theme = this.contents.themes[this.theme];
    for (const [role, color] of Object.entries(theme.roles)) {
      this.root.style.setProperty(`--${role}`, color);
    }
    this.root.classList.toggle("transparent", theme.transparent);
    this.root.style.colorScheme = isDark(theme.roles.ground) ? "dark" : "light";
    return new Paint(theme, this.contents.scales, this.arrays);
  }

  /**
   * Return the stage of a page.
   * @param {number} number
   * @returns {Stage}
   */
  staged(number) {
    const page = this.contents.pages[number];
    return new Stage(page, this.arrays, this.furniture[number], this.letters, this.paint);
  }

  /**
   * Return the scrubber of the present page.
   * @returns {Scrubber}
   */
  scrubbed() {
    return new Scrubber(this.stage.page, this.stage.film.clock, this.words, (t) => {
      this.play(false);
      this.playhead.go(t);
      this.tell();
    });
  }

  /**
   * Return what tells of the points of the present page.
   * @returns {Tracer}
   */
  traced() {
    return new Tracer(this.stage, this.words, () => this.playhead.change());
  }

  /** Lay the page out: heading, picture, bar. */
  lay() {
    const { page } = this.stage;
    const caption = make("p", "caption", page.caption);
    caption.id = "caption";
    this.heading.replaceChildren(make("h1", "", page.title), caption);
    this.root.setAttribute("aria-describedby", caption.id);
    for (const svg of this.furniture) svg.toggleAttribute("hidden", svg !== this.stage.furniture);
    const others = this.furniture.filter((svg) => svg !== this.stage.furniture);
    // What a hand may hold stays where it is.
    const { heading, controls, root } = this;
    if (!controls.element.isConnected) root.replaceChildren(heading, controls.element);
    for (const it of [...root.children]) if (it !== heading && it !== controls.element) it.remove();
    heading.after(this.stage.element);
    root.append(this.tracer.tip, ...others);
    this.controls.offerKnobs(this.contents.knobs, page.picked);
    this.controls.offerLayers(this.stage);
    this.controls.thinned.textContent = page.thinned;
    this.fit();
  }

  /** Fit the picture to the screen. */
  fit() {
    const { stage, root } = this;
    const before = stage.stacked;
    const arranged = stage.arrange();
    if (stage.stacked !== before) this.layOver();
    root.classList.toggle("stacked", stage.stacked === true);
    root.classList.toggle("clocked", stage.page.strip !== null);
    if ((stage.stacked && stage.arrange()) || arranged) this.playhead.change();
  }

  /** Fit the picture to other room, and draw it at once: a hand may ask it where it is. */
  refit() {
    this.fit();
    if (this.playhead.stale) this.playhead.draw(this.playhead.every);
  }

  /** Lay over the picture what listens to hands. */
  layOver() {
    const { stage, scrubber, tracer, playhead } = this;
    const held = stage.page.strip ? stage.strip : scrubber.element;
    this.controls.strip.replaceChildren(...(held ? [held] : []));
    stage.lay(scrubber.element);
    const turn = (/** @type {import("./sight.js").Turn} */ by) => {
      stage.turn(by);
      playhead.change();
    };
    layPads(stage, { turn, tracer }, this.words);
  }

  /** Listen to the window and to keys. */
  listen() {
    new ResizeObserver(() => this.refit()).observe(this.root);
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("beforeprint", () => this.playhead.draw(1));
  }

  /**
   * Do what a key says, unless a control has it.
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (isTaken(event)) return;
    if (event.key === " ") this.play(!this.playhead.playing);
    else if (event.key === "Escape") this.tracer.release();
    else if (!this.scrubber.key(event)) return;
    event.preventDefault();
  }

  /** Begin where the address says, else to play; nothing moves for those who do not want it. */
  begin() {
    const { said } = this.address;
    const told = ["t", "epoch"].some((name) => said.has(name));
    this.follow(said);
    this.play(!told && !window.matchMedia("(prefers-reduced-motion: reduce)").matches);
    this.playhead.start();
  }

  /**
   * Show what an address says.
   * @param {Map<string, string>} said
   */
  follow(said) {
    const number = pageAt(this.contents, said);
    if (this.contents.pages[number] !== this.stage.page) this.turnTo(number);
    chooseIn(this.stage, said);
    this.controls.offerLayers(this.stage);
    this.playhead.go(timeAt(this.stage.film.clock, said) ?? this.playhead.t);
  }

  /**
   * Show another page, at the same share of its film.
   * @param {number} number
   */
  turnTo(number) {
    this.stage = this.staged(number);
    this.scrubber = this.scrubbed();
    this.tracer = this.traced();
    this.playhead.onto(this.stage.page.seconds);
    this.lay();
  }

  /**
   * Show other contents at the same share of their film, as these were looked at, at once.
   * @param {Contents} contents
   * @param {import("./decode.js").Arrays} arrays
   * @param {SVGSVGElement[]} furniture
   */
  replace(contents, arrays, furniture) {
    const before = this.stage;
    [this.contents, this.arrays, this.furniture] = [contents, arrays, furniture];
    this.letters = new Letters(contents.glyphs);
    this.paint = this.painted();
    this.turnTo(0);
    this.stage.lookAs(before);
    this.controls.offerLayers(this.stage);
    this.playhead.draw(this.playhead.every);
  }

  /**
   * Show the page of other values of the knobs.
   * @param {number[]} picked
   */
  pick(picked) {
    const found = this.contents.pages.findIndex((page) => page.picked.join() === picked.join());
    if (found >= 0) this.turnTo(found);
    this.tell();
  }

  /**
   * Let panels show another layer; null for that of the film.
   * @param {number[]} panels
   * @param {import("./sight.js").Chosen | null} chosen
   */
  choose(panels, chosen) {
    for (const number of panels) this.stage.choose(number, chosen);
    this.controls.offerLayers(this.stage);
    this.tracer.forget();
    this.playhead.change();
    this.tell();
  }

  /**
   * Go so deep into the layers; null for as deep as the film.
   * @param {number | null} depth
   */
  dive(depth) {
    this.stage.dive(depth);
    this.playhead.change();
    this.tell();
  }

  /**
   * Play, or stand still.
   * @param {boolean} playing
   */
  play(playing) {
    if (this.playhead.playing && !playing) this.tell();
    this.playhead.play(playing);
  }

  /** Let the address tell what is looked at, as soon as it rests. */
  tell() {
    this.address.tell(() => saidOf(this.contents, this.stage, this.playhead.t));
  }

  /** Switch to the other theme. */
  switchTheme() {
    this.theme = (this.theme + 1) % this.contents.themes.length;
    this.paint = this.painted();
    this.stage.repaint(this.paint);
    this.playhead.change();
  }

  /** Give the reader the picture as a file. */
  async save() {
    this.playhead.draw(1);
    await savePicture(this.stage, this.stage.page.title);
    if (window.self !== window.top) this.controls.say(this.words.saved);
  }

  /**
   * Draw the picture of a time, one sample standing for so many.
   * @param {number} t
   * @param {number} every
   */
  draw(t, every) {
    const now = this.stage.film.clock.at(t);
    this.stage.draw(now, every, this.tracer);
    this.root.dataset.shown = every === 1 ? String(t) : "thinned";
    this.tracer.every = every;
    this.scrubber.show(now);
    this.controls.show(this.stage, now, this.scrubber.epoch(now));
  }
}
