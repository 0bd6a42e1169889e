// Playhead: the film time that is shown, how it runs on, and when the picture is drawn anew.

const SLOW = 33; // milliseconds of a picture: from there on, fewer samples stand for all
const PATIENCE = 3; // pictures: the first of all takes longer, and any may by chance
const THINNEST = 16; // samples that one stands for at most
const RESTED = 160; // milliseconds without a change, after which the whole is drawn
const LONGEST = 100; // milliseconds that pass between two frames of the screen at most

/**
 * What is told: a picture is due, of which one sample stands for so many; it plays now, or no more.
 * @typedef {{draw: (t: number, every: number) => void, played: (playing: boolean) => void}} Watching
 */

/** The time that is shown, in seconds. */
export class Playhead {
  /**
   * @param {number} seconds  how long the film is
   * @param {Watching} watching
   */
  constructor(seconds, watching) {
    this.seconds = seconds;
    this.watching = watching;
    this.t = 0;
    this.playing = false;
    this.speed = 1;
    /** How many samples one stands for while it has to be quick. */
    this.every = 1;
    /** How many pictures on end took too long. */
    this.slow = 0;
    /** Milliseconds at which the picture was to be another, and of the last frame. */
    this.changed = 0;
    this.before = 0;
    this.stale = true;
  }

  /** Begin to draw. */
  start() {
    requestAnimationFrame((now) => this.tick(now));
  }

  /**
   * Play, from the beginning where it was over, or stand still.
   * @param {boolean} playing
   */
  play(playing) {
    if (playing && this.t >= this.seconds) this.t = 0;
    this.playing = playing && this.seconds > 0;
    this.watching.played(this.playing);
  }

  /**
   * Go to a time.
   * @param {number} t
   */
  go(t) {
    this.t = Math.min(Math.max(t, 0), this.seconds);
    this.change();
  }

  /**
   * Stay at the same share of a film that is another.
   * @param {number} seconds
   */
  onto(seconds) {
    const share = this.seconds > 0 ? this.t / this.seconds : 0;
    this.seconds = seconds;
    this.go(share * seconds);
  }

  /** Let the picture be drawn anew. */
  change() {
    this.changed = performance.now();
    this.stale = true;
  }

  /**
   * Do what is due at a frame of the screen.
   * @param {number} now  milliseconds
   */
  tick(now) {
    const passed = Math.min(Math.max(now - this.before, 0), LONGEST);
    this.before = now;
    if (this.playing) {
      this.go(this.t + (this.speed * passed) / 1000);
      if (this.t >= this.seconds) this.play(false);
    }
    if (this.stale) {
      const begun = performance.now();
      this.draw(this.every);
      this.adapt(performance.now() - begun);
    } else if (this.every > 1 && performance.now() - this.changed > RESTED) {
      this.every = 1;
      this.draw(1);
    }
    requestAnimationFrame((next) => this.tick(next));
  }

  /**
   * Let fewer samples stand for all after some pictures that took too long, more after quick ones.
   * @param {number} took  milliseconds
   */
  adapt(took) {
    this.slow = took > SLOW ? this.slow + 1 : 0;
    if (this.slow >= PATIENCE) {
      this.every = Math.min(2 * this.every, THINNEST);
      this.slow = 0;
    } else if (3 * took < SLOW) {
      this.every = Math.max(this.every / 2, 1);
    }
  }

  /**
   * Have the picture drawn.
   * @param {number} every
   */
  draw(every) {
    this.stale = false;
    this.watching.draw(this.t, every);
  }
}
