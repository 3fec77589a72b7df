/** What is filled in for each kind of act, and what it would do to the score. */

import { count } from "../words.js";
import type { BoardLimits, Deed, UserEvent } from "./api.js";
import { field, make } from "./dom.js";
import { signed } from "./events.js";
import { fromLocal } from "./times.js";

export interface Form {
  readonly title: string;
  /** What stands on the button that does it. */
  readonly verb: string;
  readonly fields: readonly HTMLElement[];
  /** What is asked for; null while something is missing. */
  read(): Deed | null;
  /** One sentence: what it would do. Null where the service has to be asked. */
  foresee(deed: Deed): string | null;
}

/** Whom an act is about, as he stands. */
export interface Subject {
  readonly userId: string;
  readonly name: string;
  readonly score: number;
  readonly limits: BoardLimits | undefined;
}

export function bonusForm(subject: Subject): Form {
  return pointsForm("bonus", `Bonus for ${subject.name}`, "Give the bonus", subject, {
    min: 1,
    max: subject.limits?.maxDelta ?? null,
  });
}

export function correctionForm(subject: Subject): Form {
  return pointsForm("correction", `Correct ${subject.name}’s score`, "Correct it", subject, {});
}

export function undoForm(kind: "void" | "restore", event: UserEvent, subject: Subject): Form {
  const { eventId } = event;
  const [word, change, deed] =
    kind === "void"
      ? (["Void", -event.delta, { kind, eventId }] as const)
      : (["Restore", event.delta, { kind, eventId }] as const);
  const text = `${signed(event.delta)} for “${event.source}”, of ${subject.name}.`;
  return {
    title: `${word} event ${eventId}`,
    verb: `${word} it`,
    fields: [make("p", { class: "about" }, text)],
    read: () => deed,
    foresee: () => changeOf(subject, change),
  };
}

const SPANS: readonly (readonly [name: string, text: string, seconds: number])[] = [
  ["lifted", "until it is lifted", 0],
  ["hour", "for an hour", 3600],
  ["day", "for a day", 86_400],
  ["week", "for a week", 604_800],
  ["until", "until a time", 0],
];

export function suspensionForm(subject: Subject, isSuspended: boolean): Form {
  const choice = make(
    "select",
    {},
    ...SPANS.map(([value, text]) => make("option", { value }, text)),
  );
  const time = make("input", { type: "datetime-local" });
  const timeField = field("Ends", time, "In the time of this browser.");
  timeField.hidden = true;
  choice.addEventListener("change", () => {
    timeField.hidden = choice.value !== "until";
  });
  const read = (): Deed | null => {
    const until = untilOf(choice.value, time.value);
    return until === null ? null : { kind: "suspension", userId: subject.userId, ...until };
  };
  return {
    title: isSuspended ? `Suspend ${subject.name} anew` : `Suspend ${subject.name}`,
    verb: "Suspend",
    fields: [field("How long", choice), timeField],
    read,
    foresee: (deed) => {
      const end = "until" in deed && deed.until ? ` until ${deed.until.slice(0, 16)} UTC` : "";
      return `He leaves the board${end}, and his increments are refused. His ${count(subject.score)} points stay.`;
    },
  };
}

export function liftForm(subject: Subject): Form {
  return {
    title: `Lift the suspension of ${subject.name}`,
    verb: "Lift it",
    fields: [],
    read: () => ({ kind: "lift", userId: subject.userId }),
    foresee: () => `He comes back with ${count(subject.score)} points.`,
  };
}

function pointsForm(
  kind: "bonus" | "correction",
  title: string,
  verb: string,
  subject: Subject,
  limits: { readonly min?: number; readonly max?: number | null },
): Form {
  const input = make("input", { type: "number", step: 1, required: true, ...limits });
  const hint = kind === "bonus" ? mostOf(limits.max) : "Less than 0 takes points.";
  return {
    title,
    verb,
    fields: [field("Points", input, hint)],
    read: () => {
      const delta = input.valueAsNumber;
      return Number.isInteger(delta) && delta !== 0
        ? { kind, userId: subject.userId, delta }
        : null;
    },
    foresee: (deed) => ("delta" in deed ? changeOf(subject, deed.delta) : null),
  };
}

function mostOf(max: number | null | undefined): string {
  return typeof max === "number" ? `1 to ${count(max)} on this board.` : "";
}

function changeOf(subject: Subject, change: number): string {
  const after = subject.score + change;
  const { minScore = after, maxScore = after } = subject.limits ?? {};
  const isRefused = after < minScore || after > maxScore;
  const limit = after < minScore ? minScore : maxScore;
  const warning = isRefused ? ` The board admits ${count(limit)}: this will be refused.` : "";
  return `Score ${count(subject.score)} → ${count(after)} (${signed(change)}).${warning}`;
}

function untilOf(span: string, local: string): { until?: string } | null {
  if (span === "until") {
    const until = fromLocal(local);
    return until === null ? null : { until };
  }
  const seconds = SPANS.find(([name]) => name === span)?.[2] ?? 0;
  return seconds === 0 ? {} : { until: new Date(Date.now() + seconds * 1000).toISOString() };
}
