const HIDDEN_MS = 250;

/** Calls at most once a frame; a hidden page has no frames, so by a timer there. */
export function onceAFrame(task: () => void): () => void {
  let isDue = false;
  const run = () => {
    isDue = false;
    task();
  };
  return () => {
    if (isDue) return;
    isDue = true;
    if (typeof requestAnimationFrame === "function" && !document.hidden) requestAnimationFrame(run);
    else setTimeout(run, HIDDEN_MS);
  };
}
