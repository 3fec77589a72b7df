import { type OpenLink, runLink } from "./link.js";
import { draw, pass } from "./policy.js";
import { read } from "./sending.js";
import { claimsOf } from "./tokens.js";
import type { Entry, Neighbours } from "./types.js";
import type { ViewState } from "./views.js";

/** Users that are read in one round; those of the view `users` take turns. */
const USERS_MAX = 5;

/** A GET below the board's scores. */
type Get = (path: string) => Promise<Response>;

/** A live board that is read again and again. All may read it: the token only says who one is. */
export const openPolling: OpenLink = (service, views, token, events) => {
  const { board, limits, scoresUrl } = service;
  const userId = claimsOf(token).sub?.toLowerCase();
  const run = async (signal: AbortSignal): Promise<void> => {
    const get: Get = (path) => service.fetch(`${scoresUrl}/${path}`, { signal });
    for (let round = 0; ; round += 1) {
      const frames = await Promise.all(views.map((each) => readView(get, each, userId, round)));
      if (round === 0) {
        events.opened();
      }
      for (const frame of frames.flat()) {
        events.received(JSON.stringify({ board, ...frame }));
      }
      await pass(draw([limits.pollMs / 2, limits.pollMs]));
    }
  };
  // Each round reads all that is shown: there is nothing to be asked for.
  return { send: () => {}, close: runLink(run, events) };
};

/** What a view shows, as frames. Rejects with a ScoreboardError, and as `fetch` does. */
async function readView(
  get: Get,
  { view, users }: ViewState,
  userId: string | undefined,
  round: number,
): Promise<object[]> {
  const [type, size = 1] = view.split(":");
  if (type === "top") {
    const response = await get(`top?limit=${size}`);
    const stale = response.headers.has("Scoreboard-Stale");
    return [
      { type: "status", stale },
      { ...(await read(response)), type: "list", view },
    ];
  }
  if (type === "users") {
    const from = (round * USERS_MAX) % users.length;
    const some = [...users, ...users].slice(from, from + USERS_MAX);
    const found = await Promise.all(some.map((each) => find<Entry>(get, each)));
    const removed = some.filter((_, at) => !found[at]?.userId);
    return [{ type, view, entries: found.filter((each) => each.userId), removed }];
  }
  if (!userId) {
    return [];
  }
  const path = `${userId}/around?radius=${size}`;
  const { entries = [], of = 0 } = await find<Neighbours>(get, path);
  const own = entries.find((each) => each.userId === userId);
  return [{ type, view, score: null, rank: null, version: null, ...own, userId, entries, of }];
}

/** Empty where the user has no score. */
async function find<Value>(get: Get, path: string): Promise<Partial<Value>> {
  const response = await get(path);
  return response.status === 404 ? {} : ((await read(response)) as Value);
}
