// Inflate: what a page holds deflated, in base64.

/**
 * Return the bytes that others hold deflated.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<ArrayBuffer>}
 */
export async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/**
 * Return the bytes that an element of the page holds.
 * @param {string} id
 * @returns {Promise<ArrayBuffer>}
 */
export function bytesHeld(id) {
  const text = document.getElementById(id)?.textContent ?? "";
  return inflated(Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0)));
}

/**
 * Return the text that an element of the page holds.
 * @param {string} id
 * @returns {Promise<string>}
 */
export async function textHeld(id) {
  return new TextDecoder().decode(await bytesHeld(id));
}
