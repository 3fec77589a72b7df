/** Whether things may move, and what happens once per frame of the screen. */

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

export const EASE = "cubic-bezier(0.2, 0.8, 0.2, 1)";

export function mayMove(): boolean {
  return !reduced.matches;
}

/** Runs `draw` in the next frame, once, however often it is called before. */
export function oncePerFrame(draw: () => void): () => void {
  let isDue = false;
  return () => {
    if (!isDue) {
      isDue = true;
      requestAnimationFrame(() => {
        isDue = false;
        draw();
      });
    }
  };
}
