import type { ScoreboardError } from "./errors.js";
import type { Asked, End, Follow, Link, LinkEvents } from "./link.js";
import { judge } from "./sending.js";
import { refusedWith } from "./stream.js";
import { claimOf } from "./tokens.js";
import type { Entry, Neighbours } from "./types.js";

/** Users that are read in one round; those of the view `users` take turns. */
const USERS_MAX = 5;

/** A live board that is read again and again. It needs no token, but reads in one whose it is. */
export function openPolling(follow: Follow, asked: Asked, events: LinkEvents): Link {
  const reader = new Reader(follow, asked);
  const { signal } = reader.abort;
  const read = async (): Promise<void> => {
    for (let isFirst = true; ; isFirst = false) {
      const frames = await reader.readAll();
      signal.throwIfAborted();
      if (isFirst) {
        events.opened();
      }
      for (const frame of frames) {
        events.received(JSON.stringify(frame));
      }
      const pauseMs = follow.limits.pollMs * (0.75 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      signal.throwIfAborted();
    }
  };
  read().catch((error: unknown) => {
    if (!signal.aborted) {
      events.ended(error instanceof Refused ? refusedWith(error.refusal) : ({} satisfies End));
    }
  });
  // Each round reads all that is shown: there is nothing to be asked for.
  return { send: () => {}, close: () => reader.abort.abort() };
}

class Refused extends Error {
  constructor(readonly refusal: ScoreboardError) {
    super(refusal.message);
  }
}

/** Reads what is asked for, as frames. */
class Reader {
  readonly abort = new AbortController();
  #tag = "";
  #turn = 0;

  constructor(
    readonly follow: Follow,
    readonly asked: Asked,
  ) {}

  /** Rejects with Refused, and as `fetch` does. */
  async readAll(): Promise<readonly object[]> {
    const frames = await Promise.all(
      this.asked.views.map(({ view, users }) => {
        if (view.startsWith("top:")) {
          return this.#readTop(view);
        }
        return view === "users" ? this.#readUsers(users) : this.#readOwn(view);
      }),
    );
    return frames.flat();
  }

  async #readTop(view: string): Promise<readonly object[]> {
    const headers = this.#tag === "" ? {} : { "If-None-Match": this.#tag };
    const response = await this.#get(`top?limit=${view.slice(4)}`, headers);
    const status = { type: "status", stale: response.headers.has("Scoreboard-Stale") };
    if (response.status === 304) {
      return [status];
    }
    const { board } = this.asked;
    const top = { ...(await this.#need<object>(response)), type: "list", view, board };
    this.#tag = response.headers.get("ETag") ?? "";
    return [status, top];
  }

  async #readOwn(view: string): Promise<readonly object[]> {
    const { board, token } = this.asked;
    const userId = claimOf(token ?? "", "sub")?.toLowerCase();
    if (userId === undefined) {
      return [];
    }
    const isMe = view === "me";
    const radius = isMe ? 1 : Number(view.slice(7));
    const response = await this.#get(`${userId}/around?radius=${radius}`);
    const found = response.status === 404 ? null : await this.#need<Neighbours>(response);
    const own = found?.entries.find((each) => each.userId === userId);
    const common = { board, userId, of: found?.of ?? 0 };
    return isMe
      ? [{ type: "me", ...common, score: null, rank: null, version: null, ...own }]
      : [{ type: "around", ...common, view, entries: found?.entries ?? [] }];
  }

  async #readUsers(users: readonly string[]): Promise<readonly object[]> {
    const count = Math.min(USERS_MAX, users.length);
    const turn = Array.from({ length: count }, (_, at) => users[(this.#turn + at) % users.length]);
    this.#turn += count;
    const entries = await Promise.all(
      turn.map(async (userId): Promise<readonly Entry[]> => {
        const response = await this.#get(`${userId}`);
        return response.status === 404 ? [] : [await this.#need<Entry>(response)];
      }),
    );
    return [{ type: "users", view: "users", board: this.asked.board, entries: entries.flat() }];
  }

  #get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    const { signal } = this.abort;
    return this.follow.fetch(`${this.follow.scoresUrl}/${path}`, { headers, signal });
  }

  async #need<Value>(response: Response): Promise<Value> {
    const text = await response.text();
    if (!response.ok) {
      throw new Refused(judge(response, text));
    }
    return JSON.parse(text) as Value;
  }
}
