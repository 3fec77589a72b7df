import { MAIN_BOARD } from "./frames.js";
import { type Bring, bringFrom } from "./tokens.js";
import type { ClientOptions } from "./types.js";

/** Which board of which service, and with what it is spoken to. */
export interface Service {
  /** Empty where it is not known: outside a page. */
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

/** Throws a TypeError where `baseUrl` is none. */
export function findService(options: ClientOptions, limits: Partial<Limits> = {}): Service {
  const { board = MAIN_BOARD, token, timeoutMs = 10_000, patienceMs = 30_000 } = options;
  const baseUrl = findBaseUrl(options.baseUrl ?? globalThis.location?.origin ?? "");
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

function findBaseUrl(given: string): string {
  // On a server that renders pages there is none, and none is needed before anything is sent.
  if (given !== "" && !/^https?:\/\//.test(given)) {
    throw new TypeError("`baseUrl` must begin with http:// or https://.");
  }
  return given.replace(/\/+$/, "");
}

/** Throws a TypeError where it is not known where the service is. */
export function requireAddress({ baseUrl }: Service): void {
  if (baseUrl === "") {
    throw new TypeError("Outside a page `baseUrl` is needed: give it to createClient.");
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
