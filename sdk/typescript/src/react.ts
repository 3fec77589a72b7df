/** Live boards in React. */

import { useState, useSyncExternalStore } from "react";
import { createClient } from "./client.js";
import type { Board, BoardState, ClientOptions, ScoreboardClient, WatchOptions } from "./types.js";

/** What a board shows; the component renders again with each change. */
export function useBoard(board: Board): BoardState {
  return useSyncExternalStore(board.subscribe, board.getSnapshot, board.getServerSnapshot);
}

/** What `useScoreboard` gives. */
export interface Scoreboard {
  readonly client: ScoreboardClient;
  readonly board: Board;
  readonly state: BoardState;
}

/**
 * A client and a board of its own for this component, for as long as it is there. They are made
 * anew when `baseUrl`, the board or what is watched changes; functions are taken from the first
 * time.
 */
export function useScoreboard(options: ClientOptions & WatchOptions): Scoreboard {
  const key = JSON.stringify(options); // leaves functions out
  const [made, remake] = useState(() => make(key, options));
  let present = made;
  if (made.key !== key) {
    present = make(key, options);
    remake(present);
  }
  const { client, board } = present;
  return { client, board, state: useBoard(board) };
}

function make(
  key: string,
  options: ClientOptions & WatchOptions,
): { key: string; client: ScoreboardClient; board: Board } {
  const client = createClient(options);
  return { key, client, board: client.watch(options) };
}
