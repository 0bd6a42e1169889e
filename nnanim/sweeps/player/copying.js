// Copying: gives what an element holds to the clipboard.

/**
 * Copy the text of an element when a button is pressed; where a frame may not, it is selected.
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} from
 */
export async function copyText(button, from) {
  try {
    await navigator.clipboard.writeText(from.textContent ?? "");
    button.textContent = "Copied";
  } catch {
    window.getSelection()?.selectAllChildren(from);
    const isDone = document.execCommand("copy");
    button.textContent = isDone ? "Copied" : "Selected: press Ctrl+C";
  }
}
