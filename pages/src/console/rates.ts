/** Rates and percentiles from two readings of one process's counts. Pure. */

import type { Stats } from "./api.js";

export interface Reading {
  /** Unix milliseconds, of the database's clock. */
  readonly at: number;
  readonly incrementsPerS: number | null;
  readonly refusalsPerS: number | null;
  /** Null where nothing was committed meanwhile. */
  readonly commitMs: number | null;
  readonly updateMs: number | null;
  readonly outboxAgeS: number;
  readonly sockets: number;
}

type Durations = Stats["counted"]["commits"];

/** The part of all that the p99 is not below. */
const QUANTILE = 0.99;

/** What happened between two answers of the same process; without an earlier one there are no rates. */
export function readingOf(now: Stats, before: Stats | null): Reading {
  const at = Date.parse(now.at);
  const seconds = before ? (at - Date.parse(before.at)) / 1000 : 0;
  const { counted, outbox } = now;
  const known = before && seconds > 0 ? before.counted : null;
  const rate = (count: number, earlier: number): number => Math.max(0, count - earlier) / seconds;
  return {
    at,
    incrementsPerS: known && rate(counted.increments, known.increments),
    refusalsPerS: known && rate(sum(counted.refusals), sum(known.refusals)),
    commitMs: known && quantile(counted.commits, known.commits),
    updateMs: known && quantile(counted.updates, known.updates),
    outboxAgeS: outbox.ageS,
    sockets: counted.sockets,
  };
}

/** The p99 of what was counted between the two, as far as the buckets tell. */
export function quantile(now: Durations, before: Durations): number | null {
  const counts = now.counts.map((count, at) => count - (before.counts[at] ?? 0));
  const all = counts.at(-1) ?? 0;
  if (all <= 0) {
    return null;
  }
  const wanted = all * QUANTILE;
  const at = counts.findIndex((count) => count >= wanted);
  const low = at === 0 ? 0 : (now.upToMs[at - 1] ?? 0);
  const high = now.upToMs[at] ?? low; // beyond the last bound nothing is known
  const below = at === 0 ? 0 : (counts[at - 1] ?? 0);
  const inside = (counts[at] ?? 0) - below;
  return low + ((high - low) * (wanted - below)) / Math.max(1, inside);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
