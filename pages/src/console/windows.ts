/** Acts about many events: which ones, and what the service says would change. */

import { count } from "../words.js";
import type { ManyDeed, Preview, UserEvent, Window } from "./api.js";
import { field, make, tableOf } from "./dom.js";
import { signed } from "./events.js";
import type { Form, Subject } from "./forms.js";
import { distinct } from "./history.js";
import { userLink } from "./names.js";
import { fromLocal } from "./times.js";

const SPANS: readonly (readonly [name: string, text: string, seconds: number])[] = [
  ["hour", "the last hour", 3600],
  ["day", "the last day", 86_400],
  ["all", "from the beginning", 0],
  ["between", "between two times", 0],
];
const EVERYBODY = "everybody";
const SHOWN = 8;
const HEADS = ["User", "#Events", "#Score", "#After"];

export function windowForm(subject: Subject, board: string, events: readonly UserEvent[]): Form {
  const earned = events.filter((event) => event.actId === null);
  const span = choice(SPANS.map(([value, text]) => [value, text]));
  const from = make("input", { type: "datetime-local", step: 1 });
  const to = make("input", { type: "datetime-local", step: 1 });
  const between = make(
    "div",
    { class: "pair", hidden: true },
    field("From", from),
    field("To", to, "In the time of this browser; the end is not part of it."),
  );
  const whose = choice([
    [subject.userId, `of ${subject.name}`],
    [EVERYBODY, `of everybody on “${board}”`],
  ]);
  const action = choice([["", "any"], ...distinct(earned.map(({ source }) => source)).map(twice)]);
  const kid = choice([["", "any"], ...distinct(earned.map((event) => event.kid)).map(twice)]);
  span.addEventListener("change", () => {
    between.hidden = span.value !== "between";
  });
  const read = (): ManyDeed | null => {
    const times = timesOf(span.value, from.value, to.value);
    return times === null ? null : { kind: "void", window: sides(whose, action, kid, times) };
  };
  return {
    title: "Void a window of events",
    verb: "Void them",
    fields: [
      make("div", { class: "pair" }, field("When", span), field("Whose", whose)),
      between,
      make("div", { class: "pair" }, field("Action", action), field("Signed by key", kid)),
    ],
    read,
    foresee: () => null,
  };
}

export function restoreActForm(actId: number): Form {
  return {
    title: `Restore what act ${actId} voided`,
    verb: "Restore them",
    fields: [make("p", { class: "about" }, "As far as nobody has restored it since.")],
    read: () => ({ kind: "restore", actId }),
    foresee: () => null,
  };
}

/** What the service foresees, as text and a table. */
export function foreseen(preview: Preview, board: string): readonly HTMLElement[] {
  const { events, users, changes } = preview;
  const points = changes.reduce((sum, change) => sum + change.scoreAfter - change.score, 0);
  const summary = `${count(events)} events of ${count(users)} ${users === 1 ? "user" : "users"}`;
  const sum = users <= changes.length ? `, ${signed(points)} points` : "";
  const rest = users - Math.min(changes.length, SHOWN);
  return [
    make("p", { class: "foreseen-sum" }, `${summary}${sum}.`),
    changeTable(changes.slice(0, SHOWN), board),
    ...(rest > 0 ? [make("p", { class: "hint" }, `and ${count(rest)} more users`)] : []),
    topAfter(preview, board),
  ];
}

function changeTable(changes: Preview["changes"], board: string): HTMLElement {
  const rows = changes.map((change) =>
    make(
      "tr",
      {},
      make("td", {}, userLink(change.userId, board), change.isSuspended ? " (suspended)" : ""),
      make("td", { class: "figure" }, count(change.events)),
      make("td", { class: "figure" }, count(change.score)),
      make("td", { class: "figure" }, count(change.scoreAfter)),
    ),
  );
  return tableOf("Who changes most", "", HEADS, rows);
}

function topAfter({ top }: Preview, board: string): HTMLElement {
  const lines = top
    .slice(0, 3)
    .flatMap(({ userId, score, rank }, at) => [
      `${at === 0 ? "" : ", "}#${rank} `,
      userLink(userId, board),
      ` ${count(score)}`,
    ]);
  return make("p", { class: "hint" }, "The board would begin with ", ...lines, ".");
}

type Times = Pick<Window, "from" | "to">;

/** Null while a time is missing. */
function timesOf(span: string, from: string, to: string): Times | null {
  const seconds = SPANS.find(([name]) => name === span)?.[2] ?? 0;
  if (seconds > 0) {
    return { from: new Date(Date.now() - seconds * 1000).toISOString() };
  }
  if (span === "all") {
    return {};
  }
  const [begin, end] = [fromLocal(from), fromLocal(to)];
  if (begin === null && end === null) {
    return null;
  }
  return { ...(begin === null ? {} : { from: begin }), ...(end === null ? {} : { to: end }) };
}

function sides(
  whose: HTMLSelectElement,
  action: HTMLSelectElement,
  kid: HTMLSelectElement,
  times: Times,
): Window {
  return {
    ...(whose.value === EVERYBODY ? {} : { userId: whose.value }),
    ...(action.value ? { action: action.value } : {}),
    ...(kid.value ? { kid: kid.value } : {}),
    ...times,
  };
}

function choice(options: readonly (readonly string[])[]): HTMLSelectElement {
  return make(
    "select",
    {},
    ...options.map(([value = "", text = ""]) => make("option", { value }, text)),
  );
}

function twice(text: string): readonly string[] {
  return [text, text];
}
