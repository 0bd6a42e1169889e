// Studio: the page of a scene whose training is done anew whenever a knob is turned.

import { make } from "../../page/player/widgets.js";
import { Brushes } from "./brushes.js";
import { Desk } from "./desk.js";
import { Grips } from "./grips.js";
import { Ghosts, MOST_GHOSTS } from "./ghosts.js";
import { Link } from "./link.js";
import { Live } from "./live.js";
import { Shelf } from "./shelf.js";
import { UNPAINTED, toldOfPainting } from "./painting.js";

/** @typedef {import("../../page/player/contents.js").Contents} Contents */
/** @typedef {import("./knob.js").Knob} Knob */
/** @typedef {import("./link.js").Filmed} Filmed */
/** @typedef {import("./link.js").Heard} Heard */

/** The studio's page. */
class Studio {
  /**
   * @param {HTMLElement} root
   * @param {HTMLElement} desk
   * @param {URLSearchParams} address
   */
  constructor(root, desk, address) {
    const token = address.get("token") ?? "";
    const scene = address.get("scene");
    this.shelf = new Shelf(root, token);
    this.root = root;
    /** @type {Live | null} */
    this.player = null;
    this.number = 0;
    /** The newest film that is shown. */
    this.shown = 0;
    /** @type {import("./desk.js").Turned | null} What was turned last. */
    this.turned = null;
    /** @type {Map<number, import("./painting.js").Painting>} What films were asked for with. */
    this.painted = new Map();
    this.brushes = new Brushes({
      painted: (whole) => {
        this.turned = this.brushes;
        this.player?.playhead.change();
        if (whole) this.askSoon();
      },
      taken: () => {
        root.classList.toggle("painting", this.brushes.tool !== null);
        this.player?.tracer.release();
        this.player?.play(false);
      },
      save: () => this.write("points"),
    });
    this.grips = new Grips({
      turned: () => {
        this.turned = this.grips;
        this.player?.play(false);
        this.askSoon();
      },
      resumed: () => {
        this.turned = this.grips;
        this.player?.playhead.go(0);
        this.ask();
      },
      look: (handle) => this.player?.look(handle),
      pointed: () => this.player?.playhead.change(),
    });
    this.grips.moment = () => this.player?.moment ?? 0;
    this.soon = 0;
    /** @type {{[name: string]: any}} The values that were asked for last. */
    this.wanted = {};
    this.ghosts = new Ghosts(({ kept }) => {
      this.desk.keep.disabled = kept.length >= MOST_GHOSTS;
      this.player?.playhead.change();
    });
    this.desk = new Desk(desk, {
      turned: (knob) => {
        this.turned = knob;
        this.ask();
      },
      write: (kind) => this.write(kind),
      stop: () => this.link.say({ do: "stop" }),
      keep: () => this.keep(),
      brushes: this.brushes,
      grips: this.grips,
    });
    this.desk.kept.append(this.ghosts.element);
    this.desk.say("Waking up …");
    this.waiting = make("p", "waiting", "The first training begins …");
    root.append(this.waiting);
    this.link = new Link(scene === null ? { token } : { token, scene }, {
      open: () => this.ask(),
      film: (film) => this.show(film),
      hear: (heard) => this.hear(heard),
      end: () => this.end(),
    });
  }

  /** Ask for the film of the knobs as they are. */
  ask() {
    this.number += 1;
    const { playhead, moment = 0 } = this.player ?? {};
    const asked = { number: this.number, t: playhead?.t ?? 0, moment };
    this.painted.set(this.number, this.brushes.painting);
    this.wanted = this.desk.values();
    this.link.say({ do: "film", ...asked, ...this.changes() });
    this.root.dataset.asked = String(this.number);
    this.desk.say("Training …");
  }

  /** Ask for the film once, before the next picture. */
  askSoon() {
    this.root.dataset.asked = "soon";
    cancelAnimationFrame(this.soon);
    this.soon = requestAnimationFrame(() => this.ask());
  }

  /** What is other than in the scene, as the studio is told. */
  changes() {
    const painted = toldOfPainting(this.brushes.painting);
    return { knobs: this.desk.values(), ...painted, ...this.grips.said() };
  }

  /**
   * Show a film, unless a newer one is shown.
   * @param {Filmed} film
   */
  show({ number, stage, contents, arrays, furniture, handles, graph }) {
    if (number < this.shown) return;
    this.shown = number;
    this.brushes.shown = this.painted.get(number) ?? UNPAINTED;
    this.grips.handles = handles;
    this.brushes.graph = graph;
    for (const old of this.painted.keys()) if (old < number) this.painted.delete(old);
    if (this.player) this.player.replace(contents, arrays, furniture);
    else this.begin(contents, arrays, furniture);
    if (number !== this.number) return;
    this.desk.blame("", null);
    this.root.dataset.stage = stage;
    this.root.dataset.filmed = String(number);
    if (stage === "whole") this.desk.say("");
  }

  /**
   * Begin to show films.
   * @param {Contents} contents
   * @param {import("../../page/player/decode.js").Arrays} arrays
   * @param {SVGSVGElement[]} furniture
   */
  begin(contents, arrays, furniture) {
    this.root.replaceChildren(...furniture);
    const player = new Live(this.root, contents, arrays);
    player.stage.over = (number, now, marks) => {
      this.grips.now = now;
      const { canvas, shown: before, painting } = this.brushes;
      const painted = canvas?.repainted(number, marks, before, painting) ?? marks;
      const shown = this.grips.over(number, painted);
      return [...shown, ...this.ghosts.over(player.stage, number, now)];
    };
    player.laid = () => {
      this.brushes.offer(player.stage);
      this.grips.offer(player.stage);
    };
    player.laid();
    this.player = player;
    this.desk.deeds.hidden = false;
    this.root.dataset.ready = String(contents.format);
  }

  /**
   * Hear what is told.
   * @param {Heard} heard
   */
  hear(heard) {
    HEARD[heard.told]?.(this, heard);
  }

  /**
   * Have something written down.
   * @param {string} kind
   */
  write(kind) {
    const { playhead } = this.player ?? {};
    const share = playhead && playhead.seconds > 0 ? playhead.t / playhead.seconds : 1;
    this.link.say({ do: "write", kind, ...this.changes(), share });
  }

  /** Keep the present run. */
  keep() {
    if (!this.player) return;
    const own = [...this.desk.knobs.values()].filter(
      ({ told, value }) => !told.more || value !== told.default,
    );
    this.ghosts.keep(this.player.stage, new Map(own.map(({ told, value }) => [told.name, value])));
  }

  /** Say that the studio is gone. */
  end() {
    this.desk.say("");
    this.desk.blame("The studio has ended, or this address is not its own: start it again.", null);
    this.waiting.textContent = "";
    this.root.dataset.ended = "true";
  }
}

/**
 * What is done when something is heard.
 * @type {{[told: string]: (studio: Studio, heard: Heard) => void}}
 */
const HEARD = {
  scenes({ shelf }, { names = [] }) {
    shelf.offer(names);
  },
  poster: ({ shelf }, heard) => shelf.tell(heard),
  scene({ desk }, { name = "" }) {
    desk.name.textContent = name;
    document.title = `${name}: nnanim studio`;
  },
  knobs(studio, { knobs = [] }) {
    studio.desk.offer(knobs);
    if (JSON.stringify(studio.desk.values()) !== JSON.stringify(studio.wanted)) studio.ask();
  },
  saved(studio) {
    const { desk, root } = studio;
    studio.turned = null; // what is wrong from now on is the file's
    root.dataset.saved = String(Number(root.dataset.saved ?? 0) + 1);
    desk.say("Saved: training …");
  },
  progress({ desk, number }, { number: own, stage, done = 0, total = 1 }) {
    if (own !== number) return;
    const text = stage === "training" ? "Training …" : "Drawing …";
    desk.say(text, done / total);
  },
  error(studio, { number, text = "" }) {
    if (number !== 0 && number !== studio.number) return;
    studio.desk.say("");
    studio.desk.blame(text, number === 0 ? null : studio.turned);
    studio.waiting.textContent = "Mend the scene, and save its file: its film comes here.";
  },
  "given up": ({ desk, number }, { number: own }) => {
    if (own === number) desk.say("");
  },
  writing: ({ desk }, heard) => desk.tell(heard),
  written: ({ desk }, heard) => desk.tell(heard),
  refused: ({ desk }, heard) => desk.tell(heard),
};

/** Open the studio of the address. */
function openStudio() {
  const root = document.getElementById("nnanim");
  const desk = document.querySelector(".desk");
  const address = new URLSearchParams(location.hash.slice(1));
  window.addEventListener("hashchange", () => location.reload());
  if (!root || !(desk instanceof HTMLElement)) return;
  if (document.createElement("canvas").getContext("2d")) new Studio(root, desk, address);
  else desk.append(make("p", "fault", "This browser draws on no canvas: open it in another."));
}

openStudio();
