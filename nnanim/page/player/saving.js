// Saving: the present picture as a PNG.

/** @typedef {import("./stage.js").Stage} Stage */

/**
 * Return the furniture as a picture, its roles turned into colours.
 * @param {Stage} stage
 * @returns {Promise<HTMLImageElement>}
 */
async function furnitureOf({ furniture, paint, page }) {
  const copy = /** @type {SVGSVGElement} */ (furniture.cloneNode(true));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(page.size[0]));
  copy.setAttribute("height", String(page.size[1]));
  copy.removeAttribute("hidden");
  const text = new XMLSerializer().serializeToString(copy);
  const painted = text.replace(/var\(--([a-z]+\d*)\)/g, (_, role) => paint.css(role));
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(painted)}`;
  await picture.decode();
  return picture;
}

/**
 * Give a reader the present picture as a file; where the page is on several tiles, these.
 * @param {Stage} stage
 * @param {string} name
 */
export async function savePicture(stage, name) {
  const { tiles, page, paint } = stage;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (!context) return;
  const furniture = await furnitureOf(stage);
  canvas.width = Math.max(...tiles.map((tile) => tile.canvas.width));
  canvas.height = tiles.reduce((sum, tile) => sum + tile.canvas.height, 0);
  context.fillStyle = paint.css("ground");
  context.fillRect(0, 0, canvas.width, canvas.height);
  let top = 0;
  for (const { source, canvas: part } of tiles) {
    const [x, y, width, height] = source;
    const [sx, sy] = [
      furniture.naturalWidth / page.size[0],
      furniture.naturalHeight / page.size[1],
    ];
    const from = /** @type {const} */ ([x * sx, y * sy, width * sx, height * sy]);
    context.drawImage(furniture, ...from, 0, top, part.width, part.height);
    context.drawImage(part, 0, top);
    top += part.height;
  }
  const link = document.createElement("a");
  link.href = canvas.toDataURL("image/png");
  link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "picture"}.png`;
  link.click();
}
