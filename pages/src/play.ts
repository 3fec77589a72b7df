/** The button of `scoreboard dev`: an action granted, and redeemed the way that everybody must. */

import type { ScoreboardClient } from "@scoreboard/client";
import type { Announcer } from "./announcer.js";
import { POINTS, type Visitor } from "./visitor.js";
import { count } from "./words.js";

export function offerPoints(
  find: (id: string) => HTMLElement,
  visitor: Visitor,
  client: ScoreboardClient,
  board: string,
  announcer: Announcer,
): void {
  const trouble = find("play-text");
  const earn = async (): Promise<void> => {
    try {
      const actionToken = await visitor.grant(board);
      const { score, rank } = await client.incrementScore(visitor.userId, POINTS, actionToken);
      trouble.textContent = "";
      announcer.say(`${count(score)} points now, rank ${count(rank)}.`);
    } catch (error) {
      trouble.textContent = error instanceof Error ? error.message : String(error);
      announcer.say(trouble.textContent);
    }
  };
  find("play").hidden = false;
  find("earn").addEventListener("click", earn);
}
