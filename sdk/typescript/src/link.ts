/** One connection to the service, of whichever kind. */

import { ScoreboardError } from "./errors.js";
import type { Service } from "./service.js";
import type { ViewState } from "./views.js";

/** What happens to a connection, never before it was returned, and nothing after `close`. */
export interface LinkEvents {
  opened(): void;
  received(text: string): void;
  /** Once: with a close code, or what the service refused it with, where there is either. */
  ended(code: number | null, refusal?: ScoreboardError | null): void;
}

export interface Link {
  /** Null where nothing can be said once it is open. */
  readonly send: ((text: string) => void) | null;
  close(): void;
}

/** Opens one that shows these views to whom the token is of. */
export type OpenLink = (
  service: Service,
  views: readonly ViewState[],
  token: string | null,
  events: LinkEvents,
) => Link;

/** Runs what makes up a connection, and tells of its end; the result ends it silently. */
export function runLink(
  run: (signal: AbortSignal) => Promise<void>,
  events: LinkEvents,
): () => void {
  const abort = new AbortController();
  const end = (error?: unknown): void => {
    // Who answers as no scoreboard does stands in the way: this kind of connection cannot be had.
    const isRefusal = error instanceof ScoreboardError && error.code !== "not_a_scoreboard";
    if (!abort.signal.aborted) {
      events.ended(null, isRefusal ? error : null);
    }
  };
  run(abort.signal).then(() => end(), end);
  return () => abort.abort();
}
