/** The live top beside everything, and the live standing of one user. */

import { type Board, createClient, type Row } from "@scoreboard/client";
import { List } from "../list.js";
import { oncePerFrame } from "../motion.js";
import { statusOf } from "../status.js";
import { find } from "./dom.js";
import { naming } from "./names.js";
import { addressOf } from "./place.js";

const SHOWN = 20;

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

/** Where one user stands, once it is known and whenever it changes: null while he is on no board. */
export function followUser(
  boardId: string,
  userId: string,
  onChange: (row: Row | null) => void,
): () => void {
  const board = createClient({ board: boardId }).watch({ top: null, users: [userId] });
  let told: Row | null | undefined;
  board.subscribe(() => {
    const { hasLoaded, users } = board.getSnapshot();
    const [row = null] = users;
    if (hasLoaded && row !== told) {
      told = row;
      onChange(row);
    }
  });
  return () => board.close();
}
