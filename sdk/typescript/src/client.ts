/** The scoreboard over HTTP: increments that are redeemed once whatever gets lost, and reads. */

import { openBoard } from "./board.js";
import { isScoreboardError, notAScoreboard } from "./errors.js";
import { MAIN_BOARD } from "./frames.js";
import { type Follow, LIMITS } from "./link.js";
import { type Request, Sender } from "./sending.js";
import { Bearer, claimOf } from "./tokens.js";
import type {
  Board,
  ClientOptions,
  Entry,
  Neighbours,
  Receipt,
  ScoreboardClient,
  Standing,
  WatchOptions,
} from "./types.js";

/** A client of one board. Throws a TypeError where `baseUrl` is none. */
export function createClient(options: ClientOptions = {}): ScoreboardClient {
  return new HttpClient(options);
}

class HttpClient implements ScoreboardClient {
  readonly #sender: Sender;
  readonly #bearer: Bearer | null;
  readonly #follow: Follow;
  readonly #head: string;

  constructor(options: ClientOptions) {
    const { board = MAIN_BOARD, token, timeoutMs = 10_000, patienceMs = 30_000 } = options;
    const baseUrl = findBaseUrl(options.baseUrl);
    const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    const WebSocket = options.WebSocket ?? globalThis.WebSocket;
    this.#head = board === MAIN_BOARD ? "" : `/boards/${encodeURIComponent(board)}`;
    this.#bearer = token === undefined ? null : new Bearer(token);
    this.#sender = new Sender({ baseUrl, fetch, timeoutMs, patienceMs });
    this.#follow = {
      baseUrl,
      board,
      scoresUrl: `${baseUrl}${this.#head}/scores`,
      fetch,
      bearer: this.#bearer,
      limits: LIMITS,
      ...(WebSocket ? { WebSocket } : {}),
    };
  }

  async incrementScore(
    userId: string,
    delta: number,
    actionToken: string,
    nonce: string | null = claimOf(actionToken, "jti"),
  ): Promise<Receipt> {
    if (nonce === null) {
      throw new TypeError("The action token carries no nonce. Pass it as the fourth argument.");
    }
    const request: Request = {
      path: `${this.#head}/scores/increment`,
      headers: { "Content-Type": "application/json", "X-Action-Nonce": nonce },
      body: JSON.stringify({ userId, delta, actionToken }),
    };
    try {
      const { score, rank } = need<Receipt>(await this.#sendAsUser(request), "score", "number");
      return { score, rank };
    } catch (error) {
      if (isScoreboardError(error, "nonce_reused") && error.wasLost && error.applied) {
        const rank = error.rank ?? (await this.getUserScore(userId)).rank;
        return { score: error.score, rank, isRepeated: true };
      }
      throw error;
    }
  }

  async getTopScores(limit = 10): Promise<Entry[]> {
    const top = await this.#read<{ entries: Entry[] }>(`/top?limit=${limit}`, "entries", "object");
    return top.entries;
  }

  async getUserScore(userId: string): Promise<Standing> {
    return this.#read(`/${encodeURIComponent(userId)}`, "score", "number");
  }

  async getAround(userId: string, radius = 5): Promise<Neighbours> {
    const path = `/${encodeURIComponent(userId)}/around?radius=${radius}`;
    return this.#read(path, "entries", "object");
  }

  watch(options: WatchOptions = {}): Board {
    return openBoard(this.#follow, options);
  }

  async #read<Value>(path: string, member: string & keyof Value, kind: string): Promise<Value> {
    const request = { path: `${this.#head}/scores${path}` };
    return need<Value>(await this.#sender.send(request, null), member, kind);
  }

  async #sendAsUser(request: Request): Promise<unknown> {
    const token = (await this.#bearer?.bring()) ?? null;
    try {
      return await this.#sender.send(request, token);
    } catch (error) {
      if (!isScoreboardError(error, "token_expired")) {
        throw error;
      }
      const newer = (await this.#bearer?.bring(token)) ?? null;
      if (newer === token) {
        throw error;
      }
      return this.#sender.send(request, newer, error.wasLost);
    }
  }
}

function findBaseUrl(given: string | undefined): string {
  if (given !== undefined && !/^https?:\/\//.test(given)) {
    throw new TypeError("`baseUrl` must begin with http:// or https://.");
  }
  // On a server that renders pages there is none, and none is needed before anything is sent.
  return (given ?? globalThis.location?.origin ?? "").replace(/\/+$/, "");
}

/** The answer, which must have a member by which it is known. */
function need<Value>(answer: unknown, member: string & keyof Value, kind: string): Value {
  const value = answer as Value;
  if (typeof value[member] !== kind) {
    throw notAScoreboard("What answers is no scoreboard: it sent something else than was asked.");
  }
  return value;
}
