/** What users are called: by the names that the service tells where it is `scoreboard dev`'s. */

import { namesFrom } from "@scoreboard/client/names.js";
import { resolveNames } from "../visitor.js";
import { called } from "../words.js";
import { make } from "./dom.js";
import { addressOf } from "./place.js";

const isDev =
  document.querySelector('meta[name="scoreboard-mode"]')?.getAttribute("content") === "dev";

/** How the live lists ask for names; nothing where nobody knows any. */
export const naming = isDev ? { resolveNames } : {};

const nameOf = namesFrom(isDev ? resolveNames : undefined, rename);

/** The name; until it is known, or where there is none, how the id begins. */
export function calledBy(userId: string): string {
  return called({ userId, name: nameOf(userId) });
}

/** A user's name that is written again once it is known, and leads to him. */
export function userLink(userId: string, board: string): HTMLAnchorElement {
  const href = addressOf({ view: "user", board, named: { user: userId } });
  return make("a", { href, title: userId, "data-called": userId }, calledBy(userId));
}

function rename(): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-called]")) {
    element.textContent = calledBy(element.dataset["called"] ?? "");
  }
}
