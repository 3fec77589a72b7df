/**
 * What the service says over `/ws` and `/sse` and is told there. Members that this client does not
 * know are ignored, and so are frames.
 */

import type {
  Around,
  Authenticate,
  Authenticated,
  Bye,
  Delta,
  Error as ErrorFrame,
  Me,
  Ping,
  Snapshot,
  Status,
  Subscribe,
  Unsubscribe,
  Users,
} from "./generated/asyncapi.js";
import type { Entry } from "./types.js";

export const SUBPROTOCOL = "scoreboard.v1.json";
export const MAIN_BOARD = "main";

/** A top list that was read and not pushed: it cannot be gone on from. */
export interface List {
  readonly type: "list";
  readonly view: string;
  readonly board: string;
  readonly entries: readonly Entry[];
  readonly generatedAt: string;
}

export type ViewFrame = Snapshot | Delta | Me | Around | Users | List;
export type Frame = ViewFrame | Authenticated | Status | ErrorFrame | Bye | Ping;
export type Said = Subscribe | Unsubscribe | Authenticate;
export type { Around, Delta, Entry, ErrorFrame, Me, Snapshot, Subscribe, Users };

/** What a frame must have to be one: `a` list, `b`oolean, `n`umber, `s`tring. */
const SHAPES: Readonly<Record<Frame["type"], Readonly<Record<string, "a" | "b" | "n" | "s">>>> = {
  snapshot: { view: "s", board: "s", epoch: "s", version: "n", entries: "a" },
  delta: { view: "s", board: "s", epoch: "s", version: "n", base: "n", changed: "a", removed: "a" },
  me: { board: "s", userId: "s", of: "n" },
  around: { view: "s", board: "s", userId: "s", entries: "a", of: "n" },
  users: { view: "s", board: "s", entries: "a" },
  list: { view: "s", board: "s", entries: "a", generatedAt: "s" },
  authenticated: { expiresAt: "s" },
  status: { stale: "b" },
  error: { code: "s" },
  bye: { reconnectInMs: "a" },
  ping: {},
};

/** The frame; null where it is of a kind that this client does not know. Throws a SyntaxError. */
export function readFrame(text: string): Frame | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("type" in value)) {
    return null;
  }
  const shapes: Readonly<Record<string, Readonly<Record<string, string>>>> = SHAPES;
  const { type } = value;
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) {
    return null;
  }
  const members = value as unknown as Readonly<Record<string, unknown>>;
  const isWhole = Object.entries(shapes[type] ?? {}).every(
    ([name, kind]) => kindOf(members[name]) === kind,
  );
  return isWhole ? (value as unknown as Frame) : null;
}

/** Whether the view is of the client's own user, so that it needs a token. */
export function isOwn(view: string): boolean {
  return view === "me" || view.startsWith("around:");
}

/** The view that a frame belongs to. */
export function viewOf(frame: ViewFrame): string {
  return frame.type === "me" ? "me" : frame.view;
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "a" : (typeof value).charAt(0);
}
