/** Draws once for each frame of the screen, however often it is asked to. */

/** @param {() => boolean} isSeen @param {() => void} draw @returns {() => void} asks for it */
export function painter(isSeen, draw) {
  let isAsked = false;
  const work = () => {
    isAsked = false;
    draw();
  };
  return () => {
    if (isAsked) return;
    isAsked = true;
    // What is not on the screen has no animation frames.
    if (isSeen()) requestAnimationFrame(work);
    else setTimeout(work, 0);
  };
}
