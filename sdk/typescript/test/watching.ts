/** A board that is watched by a test. */

import { openBoard } from "../src/board.js";
import { findService, type Limits } from "../src/service.js";
import type { Board, BoardState, ClientOptions, WatchOptions } from "../src/types.js";

/** Fails where nothing happened for so long. */
const PATIENCE_MS = 10_000;

/** Waits that are as short as a test can use. */
const QUICK: Partial<Limits> = { lingerMs: 0 };

export interface Watched {
  readonly board: Board;
  /** All states so far. */
  readonly states: readonly BoardState[];
  /** The next state of that kind, or the present one. */
  until(is: (state: BoardState) => boolean): Promise<BoardState>;
  stop(): void;
}

export function watch(
  client: ClientOptions,
  options: WatchOptions = {},
  limits: Partial<Limits> = {},
): Watched {
  const board = openBoard(findService(client, { ...QUICK, ...limits }), options);
  const states: BoardState[] = [];
  const waiting = new Set<() => void>();
  const stop = board.subscribe(() => {
    states.push(board.getSnapshot());
    for (const look of [...waiting]) {
      look();
    }
  });
  const until = (is: (state: BoardState) => boolean): Promise<BoardState> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`The board did not come to that: ${JSON.stringify(board.getSnapshot())}`));
      }, PATIENCE_MS);
      const look = (): void => {
        if (is(board.getSnapshot())) {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(board.getSnapshot());
        }
      };
      waiting.add(look);
      look();
    });
  return { board, states, until, stop };
}

/** A token of this life whose payload can be read; nobody verifies it here. */
export function token(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256" })}.${part(claims)}.c2ln`;
}

export const isOpen = ({ connection }: BoardState): boolean => connection === "open";
export const isWaiting = ({ connection }: BoardState): boolean => connection === "waiting";
export const scores =
  (...expected: number[]) =>
  ({ rows }: BoardState): boolean =>
    JSON.stringify(rows.map(({ score }) => score)) === JSON.stringify(expected);
