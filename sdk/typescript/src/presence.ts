/**
 * Tells whether the page is hidden, now and with each change, and when the network is there again.
 * The result ends that. Outside pages nothing ever happens.
 */
export function watchPresence(
  onVisibility: (isHidden: boolean) => void,
  onOnline: () => void,
): () => void {
  const { document, addEventListener, removeEventListener } = globalThis;
  const look = (): void => onVisibility(document.visibilityState === "hidden");
  if (document) {
    look();
    document.addEventListener("visibilitychange", look);
  }
  addEventListener?.("online", onOnline);
  return () => {
    document?.removeEventListener("visibilitychange", look);
    removeEventListener?.("online", onOnline);
  };
}
