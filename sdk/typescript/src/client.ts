/** The scoreboard over HTTP: increments that are redeemed once whatever gets lost, and reads. */

import { openBoard } from "./board.js";
import { isScoreboardError, notAScoreboard } from "./errors.js";
import { type Request, send } from "./sending.js";
import { findService, type Service } from "./service.js";
import { claimsOf } from "./tokens.js";
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

/** A client of one board. */
export function createClient(options: ClientOptions = {}): ScoreboardClient {
  return new HttpClient(findService(options));
}

class HttpClient implements ScoreboardClient {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  async incrementScore(
    userId: string,
    delta: number,
    actionToken: string,
    nonce = claimsOf(actionToken).jti,
  ): Promise<Receipt> {
    if (nonce === undefined) {
      throw new TypeError("The action token carries no nonce. Pass it as the fourth argument.");
    }
    const request: Request = {
      path: "/increment",
      headers: { "Content-Type": "application/json", "X-Action-Nonce": nonce },
      body: JSON.stringify({ userId, delta, actionToken }),
    };
    try {
      const { score, rank } = need<Receipt>(await this.#sendAsUser(request), "score");
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
    const path = `/top?limit=${limit}`;
    return (await this.#read<{ entries: Entry[] }>(path, "entries")).entries;
  }

  async getUserScore(userId: string): Promise<Standing> {
    return this.#read(`/${encodeURIComponent(userId)}`, "score");
  }

  async getAround(userId: string, radius = 5): Promise<Neighbours> {
    return this.#read(`/${encodeURIComponent(userId)}/around?radius=${radius}`, "entries");
  }

  watch(options: WatchOptions = {}): Board {
    return openBoard(this.#service, options);
  }

  async #read<Value>(path: string, member: string & keyof Value): Promise<Value> {
    return need<Value>(await send(this.#service, { path }), member);
  }

  async #sendAsUser(request: Request): Promise<object> {
    const service = this.#service;
    const token = (await service.bring?.()) ?? null;
    try {
      return await send(service, request, token);
    } catch (error) {
      if (!isScoreboardError(error, "token_expired")) {
        throw error;
      }
      const newer = (await service.bring?.(token)) ?? null;
      if (newer === token) {
        throw error;
      }
      return send(service, request, newer, error.wasLost);
    }
  }
}

/** The answer, which must have a member by which it is known. */
function need<Value>(answer: object, member: string & keyof Value): Value {
  if ((answer as Value)[member] === undefined) {
    throw notAScoreboard(`no ${member}`);
  }
  return answer as Value;
}
