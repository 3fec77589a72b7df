/** The live top beside everything, and the live standing of one user. */

import {
  type Board,
  createClient,
  isScoreboardError,
  type Row,
  type Standing,
} from "@scoreboard/client";
import { List } from "../list.js";
import { oncePerFrame } from "../motion.js";
import { statusOf } from "../status.js";
import { find } from "./dom.js";
import { naming } from "./names.js";
import { addressOf } from "./place.js";

const SHOWN = 20;
const LOOK_MS = 2000;

export class LiveTop {
  readonly #list: List;
  readonly #draw = oncePerFrame(() => this.#show());
  readonly #element = find("top");
  #board: Board | null = null;
  #boardId = "";
  #unsubscribe = (): void => {};

  constructor() {
    this.#list = new List(this.#element, this.#draw, (user) =>
      addressOf({ view: "user", board: this.#boardId, named: { user } }),
    );
  }

  get rows(): readonly Row[] {
    return this.#board?.getSnapshot().rows ?? [];
  }

  /** Follows a board; another one than before replaces it. */
  watch(boardId: string): void {
    if (boardId === this.#boardId) {
      return;
    }
    this.close();
    this.#boardId = boardId;
    this.#list.show([], null, 0); // the links of its lines lead to the board before
    this.#board = createClient({ board: boardId }).watch({ top: 50, ...naming });
    this.#unsubscribe = this.#board.subscribe(this.#draw);
    this.#draw();
  }

  close(): void {
    this.#unsubscribe();
    this.#board?.close();
    this.#board = null;
    this.#boardId = "";
  }

  #show(): void {
    const state = this.#board?.getSnapshot();
    if (!state) {
      return;
    }
    const status = statusOf(state, Date.now());
    find("status").dataset["state"] = status.lamp;
    find("status").title = status.notice;
    find("status-text").textContent = status.word;
    find("live-empty").hidden = !state.hasLoaded || state.rows.length > 0;
    this.#element.ariaBusy = String(!state.hasLoaded);
    this.#list.show(state.rows.slice(0, SHOWN), null, state.rows[0]?.score ?? 0);
  }
}

/**
 * Where one user stands, looked up every two seconds: null while he is on no board. The view `users`
 * would be quicker, but does not tell who has left the board.
 */
export function followUser(
  board: string,
  userId: string,
  onLook: (standing: Standing | null) => void,
): () => void {
  const client = createClient({ board, patienceMs: 0 });
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (standing: Standing | null): void => {
    if (!isClosed) {
      onLook(standing);
    }
  };
  const look = async (): Promise<void> => {
    try {
      tell(await client.getUserScore(userId));
    } catch (error) {
      if (isScoreboardError(error, "not_found")) {
        tell(null);
      } // else the next look tells
    }
    if (!isClosed) {
      timer = setTimeout(look, LOOK_MS);
    }
  };
  void look();
  return () => {
    isClosed = true;
    clearTimeout(timer);
  };
}
