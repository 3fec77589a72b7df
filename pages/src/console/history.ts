/** What a user's events say together. Pure; they come newest first. */

import type { UserEvent } from "./api.js";

/** Acts that change no score. */
const STATES: ReadonlySet<string> = new Set(["suspension", "lift"]);

/**
 * Whether an event is void: it was undone, and that was not undone in turn. Whatever undoes an event
 * is newer, so it is among those that were read before.
 */
export function isVoid(event: UserEvent, byId: ReadonlyMap<number, UserEvent>): boolean {
  let undone = false;
  for (let next = event.undoneBy; next !== null; next = byId.get(next)?.undoneBy ?? null) {
    undone = !undone;
  }
  return undone;
}

/** What can be done about an event: it is named itself, not what undoes it. */
export function remedyOf(
  event: UserEvent,
  byId: ReadonlyMap<number, UserEvent>,
): "void" | "restore" | null {
  if (event.refersTo !== null || STATES.has(event.source)) {
    return null;
  }
  return isVoid(event, byId) ? "restore" : "void";
}

export function indexed(events: readonly UserEvent[]): ReadonlyMap<number, UserEvent> {
  return new Map(events.map((event) => [event.eventId, event]));
}

/** What is in a column, without repetitions, in the order of the alphabet. */
export function distinct(values: readonly (string | null)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null))].sort();
}
