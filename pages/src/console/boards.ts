/** The boards and what they admit. */

import { count } from "../words.js";
import type { BoardLimits } from "./api.js";
import { make, tableOf } from "./dom.js";
import { addressOf } from "./place.js";
import type { Desk, Screen } from "./screen.js";

const HEADS = ["Board", "#Lowest score", "#Highest score", "#Largest delta", "Actions"];

export class BoardsScreen implements Screen {
  readonly element = make("section", { class: "boards-screen", "aria-labelledby": "boards-title" });

  constructor(desk: Desk) {
    const rows = desk.boards.map((board) => rowOf(board, desk.place.board));
    this.element.append(
      make("h2", { id: "boards-title", tabindex: "-1" }, "Boards"),
      tableOf("Boards and their limits", "", HEADS, rows),
      make(
        "p",
        { class: "hint" },
        "Boards are made and changed with ",
        make("code", {}, "scoreboard boards create"),
        " and ",
        make("code", {}, "scoreboard boards set"),
        ".",
      ),
    );
  }

  close(): void {}
}

function rowOf(limits: BoardLimits, chosen: string): HTMLElement {
  const { board, minScore, maxScore, maxDelta, allowedActions } = limits;
  const href = addressOf({ view: "user", board, named: {} });
  const mark = board === chosen ? [make("span", { class: "chip" }, "chosen")] : [];
  return make(
    "tr",
    {},
    make("td", {}, make("a", { href }, board), " ", ...mark),
    make("td", { class: "figure" }, limit(minScore)),
    make("td", { class: "figure" }, limit(maxScore)),
    make("td", { class: "figure" }, count(maxDelta)),
    make("td", {}, allowedActions === null ? "any" : allowedActions.join(", ")),
  );
}

/** Scores are whole numbers that JavaScript can tell apart: a limit at their end is none. */
function limit(score: number): string {
  return Math.abs(score) === Number.MAX_SAFE_INTEGER ? "none" : count(score);
}
