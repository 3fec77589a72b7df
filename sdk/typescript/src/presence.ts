/** What a page is told of its visitor and of the network; elsewhere nothing ever happens. */

export interface Presence {
  hidden(): void;
  shown(): void;
  /** The network is there again. */
  online(): void;
}

/** Tells from now on, at once where the page is hidden already; the result ends that. */
export function watchPresence(presence: Presence): () => void {
  const { document, addEventListener, removeEventListener } = globalThis;
  const look = (): void => {
    if (document.visibilityState === "hidden") {
      presence.hidden();
    } else {
      presence.shown();
    }
  };
  const online = (): void => presence.online();
  if (document?.visibilityState === "hidden") {
    presence.hidden();
  }
  document?.addEventListener("visibilitychange", look);
  addEventListener?.("online", online);
  return () => {
    document?.removeEventListener("visibilitychange", look);
    removeEventListener?.("online", online);
  };
}
