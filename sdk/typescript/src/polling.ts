import { type OpenLink, runLink } from "./link.js";
import { draw, pass } from "./policy.js";
import { read } from "./sending.js";
import type { Service } from "./service.js";
import { claimsOf } from "./tokens.js";
import type { Entry, Neighbours } from "./types.js";
import type { ViewState } from "./views.js";

/** Users that are read in one round; those of the view `users` take turns. */
const USERS_MAX = 5;

/** A live board that is read again and again. All may read it: the token only says who one is. */
export const openPolling: OpenLink = (service, views, token, events) => {
  const userId = claimsOf(token).sub?.toLowerCase();
  const run = async (signal: AbortSignal): Promise<void> => {
    const { pollMs } = service.limits;
    const reader = new Reader(service, userId, signal);
    let frames = await reader.readAll(views);
    events.opened();
    for (;;) {
      frames.forEach(events.received);
      await pass(draw([pollMs / 2, pollMs]));
      frames = await reader.readAll(views);
    }
  };
  // Each round reads all that is shown: there is nothing to be asked for.
  return { send: () => {}, close: runLink(run, events) };
};

/** Reads views as frames. Rejects with a ScoreboardError, and as `fetch` does. */
class Reader {
  #turn = 0;

  constructor(
    readonly service: Service,
    readonly userId: string | undefined,
    readonly signal: AbortSignal,
  ) {}

  async readAll(views: readonly ViewState[]): Promise<readonly string[]> {
    const frames = await Promise.all(views.map((each) => this.#read(each)));
    return frames.flat().map((each) => JSON.stringify({ board: this.service.board, ...each }));
  }

  async #read({ view, users }: ViewState): Promise<object[]> {
    const [type, size = "1"] = view.split(":");
    switch (type) {
      case "top":
        return this.#readTop(view, size);
      case "users":
        return [{ type, view, entries: await this.#readUsers(users) }];
      default:
        return this.userId ? [{ type, view, ...(await this.#readOwn(size)) }] : [];
    }
  }

  async #readTop(view: string, size: string): Promise<object[]> {
    const response = await this.#get(`top?limit=${size}`);
    const stale = response.headers.has("Scoreboard-Stale");
    return [
      { type: "status", stale },
      { ...(await read(response)), type: "list", view },
    ];
  }

  async #readUsers(users: readonly string[]): Promise<readonly object[]> {
    const some = [...users, ...users].slice(this.#turn, this.#turn + USERS_MAX);
    this.#turn = (this.#turn + USERS_MAX) % users.length;
    const found = await Promise.all(some.map((each) => this.#find<Entry>(each)));
    return found.filter((each) => each.userId);
  }

  /** What both views of oneself show. */
  async #readOwn(radius: string): Promise<object> {
    const { userId } = this;
    const path = `${userId}/around?radius=${radius}`;
    const { entries = [], of = 0 } = await this.#find<Neighbours>(path);
    const own = entries.find((each) => each.userId === userId);
    return { score: null, rank: null, version: null, ...own, userId, entries, of };
  }

  /** Empty where the user has no score. */
  async #find<Value>(path: string): Promise<Partial<Value>> {
    const response = await this.#get(path);
    return response.status === 404 ? {} : ((await read(response)) as Value);
  }

  #get(path: string): Promise<Response> {
    return this.service.fetch(`${this.service.scoresUrl}/${path}`, { signal: this.signal });
  }
}
