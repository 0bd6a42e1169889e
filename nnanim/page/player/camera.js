// Camera: how a panel sees three coordinates in two, as `nnanim.camera` says.

/** @typedef {import("./contents.js").View} View */
/** @typedef {import("./network.js").Units} Units */

const CORNER = Math.sqrt(3); // from the cube's middle to its corners

/** A camera that looks at the middle of its box, as if it were a cube. */
export class Camera {
  /**
   * @param {View} view
   * @param {number} azimuth
   * @param {number} elevation
   */
  constructor(view, azimuth, elevation) {
    this.view = view;
    this.perspective = view.perspective;
    const [turn, tilt] = [(azimuth * Math.PI) / 180, (elevation * Math.PI) / 180];
    const [sa, ca, se, ce] = [Math.sin(turn), Math.cos(turn), Math.sin(tilt), Math.cos(tilt)];
    /** To the right, up, towards the eye. */
    this.axes = [
      [-sa, ca, 0],
      [-se * ca, -se * sa, ce],
      [ce * ca, ce * sa, se],
    ];
    const far = 1 / Math.max(this.perspective, 1e-6);
    /** Where it stands, in half edges from the cube's middle. */
    this.eye = this.axes[2].map((side) => side * far);
  }

  /**
   * Return where points are seen: to the right, up, and how far towards the eye.
   * @param {Units} xyz
   * @param {[number, number][]} [box]
   * @returns {{x: Float32Array, y: Float32Array, depth: Float32Array}}
   */
  seen(xyz, box = this.view.box) {
    const [x, y, depth] = this.axes.map((axis) => {
      const scaled = axis.map((side, k) => (2 * side) / (box[k][1] - box[k][0]));
      const shift = scaled.reduce((sum, s, k) => sum + (s * (box[k][0] + box[k][1])) / 2, 0);
      const [a, b, c] = scaled;
      const [xs, ys, zs] = xyz;
      return xs.map((value, i) => a * value + b * ys[i] + c * zs[i] - shift);
    });
    if (this.perspective) {
      for (let i = 0; i < x.length; i++) {
        // What lies beside or behind the eye is far outside the picture.
        const near = Math.max(1 - this.perspective * depth[i], 1e-3);
        x[i] /= near;
        y[i] /= near;
      }
    }
    return { x, y, depth };
  }

  /**
   * Return how near something so far towards the eye is: 0 at the far end of the cube's sphere.
   * @param {number} depth
   * @returns {number}
   */
  nearness(depth) {
    return Math.min(Math.max(0.5 + depth / (2 * CORNER), 0), 1);
  }

  /**
   * Return where the camera stands, in the coordinates of what it looks at.
   * @returns {number[]}
   */
  place() {
    return this.eye.map((side, k) => {
      const [low, high] = this.view.box[k];
      return (side * (high - low)) / 2 + (low + high) / 2;
    });
  }
}
