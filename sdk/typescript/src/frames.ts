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

/** Whether the view is of the client's own user, so that it needs a token. */
export function isOwn(view: string): boolean {
  return view === "me" || view.startsWith("around:");
}
