// Live: a player of films that come one after the other.

import { Player } from "../../page/player/player.js";

const NEAR = 1e-4; // of a training: moments that are one

/** A player whose address is the studio's: it tells nothing else. */
export class Live extends Player {
  /** @type {(() => void) | undefined} What is told when hands are listened to anew. */
  laid;

  tell() {}

  layOver() {
    super.layOver();
    this.laid?.();
  }

  /** What the clock shows, in epochs. */
  get moment() {
    return this.stage.film.clock.at(this.playhead.t).moment;
  }

  /**
   * Let all panels that show units show that one, beside others of its layer.
   * @param {import("./grips.js").Handle} handle
   */
  look({ layer, unit }) {
    this.stage.page.panels.forEach((panel, number) => {
      const count = panel.units?.length ?? 0;
      const others = Array.from({ length: count }, (_, k) => k).filter((k) => k !== unit);
      const units = [unit, ...others].slice(0, count);
      if (count && this.stage.canShow(number, { layer, units })) {
        this.choose([number], { layer, units });
      }
    });
  }

  /**
   * Show another page, at the same moment of its training.
   * @param {number} number
   */
  turnTo(number) {
    const before = this.moment;
    super.turnTo(number);
    const { playhead, stage } = this;
    const within = playhead.t > 0 && playhead.t < playhead.seconds;
    if (!within || Math.abs(this.moment - before) < NEAR * stage.page.epochs) return;
    playhead.go(stage.film.clock.timeAt(before));
  }

  painted() {
    const whole = document.getElementById("studio");
    for (const [role, color] of Object.entries(this.contents.themes[this.theme].roles)) {
      whole?.style.setProperty(`--${role}`, color);
    }
    return super.painted();
  }
}
