// Fading: a picture that comes out of another, as films cross-fade.

/** @typedef {import("./tile.js").Tile} Tile */

/**
 * Draw two pictures on a tile: a share of the second, of the first the rest.
 * @param {Tile} tile
 * @param {number} share
 * @param {() => void} before
 * @param {() => void} after
 */
export function drawFaded(tile, share, before, after) {
  const { canvas, context } = tile;
  const pictures = [before, after].map((draw) => {
    draw();
    const picture = document.createElement("canvas");
    [picture.width, picture.height] = [canvas.width, canvas.height];
    picture.getContext("2d")?.drawImage(canvas, 0, 0);
    return picture;
  });
  tile.clear();
  context.globalCompositeOperation = "lighter"; // so that what both have is there in full
  pictures.forEach((picture, i) => {
    context.globalAlpha = i ? share : 1 - share;
    context.drawImage(picture, 0, 0);
  });
  context.globalAlpha = 1;
  context.globalCompositeOperation = "source-over";
}
