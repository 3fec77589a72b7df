/** A user's events as a table: what was earned, what acts did, and what can be done about it. */

import { count } from "../words.js";
import type { UserEvent } from "./api.js";
import { button, make, tableOf } from "./dom.js";
import { indexed, isVoid, remedyOf } from "./history.js";
import { addressOf } from "./place.js";
import { timeOf } from "./times.js";

export type Remedy = "void" | "restore";

const HEADS = ["Event", "When", "What", "Who", "#Points", "#Score", "Act"];

/** `press` is told of the event and what shall become of it. */
export function eventTable(
  events: readonly UserEvent[],
  userId: string,
  board: string,
  press: (remedy: Remedy, event: UserEvent) => void,
): HTMLElement {
  const byId = indexed(events);
  const rows = events.map((event) => {
    const remedy = remedyOf(event, byId);
    return make(
      "tr",
      { class: isVoid(event, byId) && event.refersTo === null ? "is-void" : null },
      make("td", { class: "figure" }, String(event.eventId)),
      make("td", {}, timeOf(event.createdAt)),
      make("td", { class: "what" }, ...whatOf(event, byId)),
      make("td", { class: "who" }, ...whoOf(event, userId, board)),
      make("td", { class: "figure points" }, signed(event.delta)),
      make("td", { class: "figure" }, count(event.score)),
      make("td", { class: "deeds" }, ...(remedy ? [remedyButton(remedy, event, press)] : [])),
    );
  });
  return tableOf("Events, newest first", "events", HEADS, rows);
}

export function signed(points: number): string {
  return points > 0 ? `+${count(points)}` : points < 0 ? `−${count(-points)}` : "0";
}

function whatOf(
  event: UserEvent,
  byId: ReadonlyMap<number, UserEvent>,
): readonly (Node | string)[] {
  const undone = event.refersTo === null ? "" : ` of ${event.refersTo}`;
  const kind = event.actId === null ? "action" : "action is-act";
  const became = event.undoneBy === null ? [] : [" ", chipOf(event, event.undoneBy, byId)];
  return [make("span", { class: kind }, event.source), undone, ...became];
}

/** What became of an event that was undone, perhaps for a while. */
function chipOf(
  event: UserEvent,
  undoneBy: number,
  byId: ReadonlyMap<number, UserEvent>,
): HTMLElement {
  const isRestored = event.refersTo === null && !isVoid(event, byId);
  return make("span", { class: "chip" }, isRestored ? "restored" : `undone by ${undoneBy}`);
}

/** An act says who; what was earned says by which key its token was signed. */
function whoOf(event: UserEvent, userId: string, board: string): readonly (Node | string)[] {
  if (event.actId !== null) {
    const href = addressOf({ view: "trail", board, named: { actor: event.actor } });
    return [
      make("a", { href }, event.actor),
      make("span", { class: "fact" }, `act ${event.actId}`),
    ];
  }
  const who = event.actor === userId ? "the user" : event.actor;
  return [who, make("span", { class: "fact" }, `key ${event.kid}`)];
}

function remedyButton(
  remedy: Remedy,
  event: UserEvent,
  press: (remedy: Remedy, event: UserEvent) => void,
): HTMLButtonElement {
  const text = remedy === "void" ? "Void" : "Restore";
  return button(text, "small", () => press(remedy, event), {
    "aria-label": `${text} event ${event.eventId}`,
    "data-event": String(event.eventId),
  });
}
