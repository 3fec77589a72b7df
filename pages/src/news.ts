/** What is worth telling somebody who does not see the board: little, and never what he knows. */

import type { BoardState } from "@scoreboard/client";
import type { Announcer } from "./announcer.js";
import type { Status } from "./status.js";
import { called, count } from "./words.js";

export class News {
  readonly #announcer: Announcer;
  #connection = "Live";
  #leader = "";
  #rank = 0;

  constructor(announcer: Announcer) {
    this.#announcer = announcer;
  }

  /** That the connection is lost or back; short breaks have no notice, and are not told. */
  ofConnection(status: Status): void {
    const told = status.notice || (status.lamp === "live" ? status.word : this.#connection);
    if (told !== this.#connection) {
      this.#connection = told;
      this.#announcer.say(told);
    }
  }

  /** Who leads, and one's own rank. Whatever else moves can be read, and is not told. */
  ofBoard(state: BoardState): void {
    const [first] = state.rows;
    const rank = state.me?.rank ?? 0;
    if (!first || (first.userId === this.#leader && rank === this.#rank)) {
      return;
    }
    this.#leader = first.userId;
    this.#rank = rank;
    const who = first.userId === state.me?.userId ? "You lead" : `${called(first)} leads`;
    const own = rank > 1 ? ` You are number ${count(rank)} of ${count(state.me?.of ?? 0)}.` : "";
    this.#announcer.tell(`${who} with ${count(first.score)} points.${own}`);
  }
}
