/** One connection to the service, of whichever kind. */

import type { ScoreboardError } from "./errors.js";
import type { Bearer } from "./tokens.js";
import type { ViewState } from "./views.js";

/** Which board is followed, where, and with what. */
export interface Follow {
  readonly baseUrl: string;
  readonly board: string;
  /** Where the scores of this board are read. */
  readonly scoresUrl: string;
  readonly fetch: typeof fetch;
  readonly WebSocket?: typeof WebSocket;
  readonly bearer: Bearer | null;
  readonly limits: Limits;
}

/** Times in milliseconds. */
export interface Limits {
  /** A connection on which nothing has come by then cannot be had. */
  readonly firstFrameMs: number;
  /** More than two of the service's heartbeats: a connection that says less is dead. */
  readonly silenceMs: number;
  /** Between two rounds of reading. */
  readonly pollMs: number;
  /** Before a better transport is tried again; twice as long each time, up to 16 times. */
  readonly backMs: number;
  /** What is shown is called stale once there was no connection for so long. */
  readonly staleMs: number;
  /** A page that is hidden for so long lets go of its connection. */
  readonly hiddenMs: number;
  /** Nobody has to look for so long before the connection is let go: pages change their parts. */
  readonly lingerMs: number;
}

export const LIMITS: Limits = {
  firstFrameMs: 15_000,
  silenceMs: 60_000,
  pollMs: 2000,
  backMs: 60_000,
  staleMs: 5000,
  hiddenMs: 30_000,
  lingerMs: 1000,
};

/** What a connection is to show, and to whom. */
export interface Asked {
  readonly board: string;
  readonly views: readonly ViewState[];
  readonly token: string | null;
}

/** What happens to a connection, never before it was returned, and nothing after `close`. */
export interface LinkEvents {
  opened(): void;
  received(text: string): void;
  /** Once: with a close code, or what the service refused it with, where there is either. */
  ended(end: End): void;
}

export interface End {
  readonly code?: number;
  readonly refusal?: ScoreboardError;
}

export interface Link {
  /** Null where nothing can be said once it is open. */
  readonly send: ((text: string) => void) | null;
  close(): void;
}

export type OpenLink = (follow: Follow, asked: Asked, events: LinkEvents) => Link;
