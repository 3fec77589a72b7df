import { MAIN_BOARD } from "./frames.js";
import { type Bring, bringFrom } from "./tokens.js";
import type { ClientOptions } from "./types.js";

/** Which board of which service, and with what it is spoken to. */
export interface Service {
  /** Without a slash at its end; empty where nobody said it outside a page. */
  readonly baseUrl: string;
  readonly board: string;
  /** Where the scores of this board are read. */
  readonly scoresUrl: string;
  /** Null where nobody said who one is. */
  readonly bring: Bring | null;
  readonly fetch: typeof fetch;
  readonly WebSocket: typeof WebSocket | undefined;
  readonly timeoutMs: number;
  readonly patienceMs: number;
  readonly limits: Limits;
}

/** Times in milliseconds. */
export interface Limits {
  /** A connection on which nothing has come by then cannot be had. */
  readonly firstFrameMs: number;
  /** More than two of the service's heartbeats: a connection that says less is dead. */
  readonly silenceMs: number;
  /** The longest time between two rounds of reading, the shortest is half of it. */
  readonly pollMs: number;
  /** Before a better transport is tried again, or half of it; each time twice as long, up to 16 times. */
  readonly backMs: number;
  /** What is shown is called stale once there was no connection for so long. */
  readonly staleMs: number;
  /** A page that is hidden for so long lets go of its connection. */
  readonly hiddenMs: number;
  /** Nobody has to look for so long before the connection is let go: pages change their parts. */
  readonly lingerMs: number;
}

const LIMITS: Limits = {
  firstFrameMs: 15_000,
  silenceMs: 60_000,
  pollMs: 2000,
  backMs: 60_000,
  staleMs: 5000,
  hiddenMs: 30_000,
  lingerMs: 1000,
};

/** What the options say. */
export function findService(options: ClientOptions, limits: Partial<Limits> = {}): Service {
  const { board = MAIN_BOARD, token, timeoutMs = 10_000, patienceMs = 30_000 } = options;
  const { baseUrl: given = globalThis.location?.origin ?? "" } = options;
  const baseUrl = given.replace(/\/+$/, "");
  const head = board === MAIN_BOARD ? "" : `/boards/${encodeURIComponent(board)}`;
  return {
    baseUrl,
    board,
    scoresUrl: `${baseUrl}${head}/scores`,
    bring: token === undefined ? null : bringFrom(token),
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    WebSocket: options.WebSocket ?? globalThis.WebSocket,
    timeoutMs,
    patienceMs,
    limits: { ...LIMITS, ...limits },
  };
}

/**
 * Throws a TypeError where `baseUrl` is none. Not before it is used: a server that renders pages has
 * none, and needs none.
 */
export function requireAddress({ baseUrl }: Service): void {
  if (!/^https?:\/\//.test(baseUrl)) {
    throw new TypeError(
      "`baseUrl` must begin with http:// or https://, and outside a page be given.",
    );
  }
}

/** The address of a live board; a WebSocket's has another scheme. */
export function liveAddress(
  { baseUrl, board }: Service,
  path: string,
  views: readonly { view: string }[],
): URL {
  const url = new URL(baseUrl + path);
  for (const { view } of views) {
    url.searchParams.append("view", view);
  }
  url.searchParams.set("board", board);
  return url;
}
