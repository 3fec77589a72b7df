/** How numbers and users are written. */

import type { Row } from "@scoreboard/client";

const numbers = new Intl.NumberFormat("en");

export function count(value: number): string {
  return numbers.format(value);
}

/** The name; without one, how the id begins. */
export function called(row: Pick<Row, "userId" | "name">): string {
  return row.name ?? row.userId.slice(0, 8);
}
