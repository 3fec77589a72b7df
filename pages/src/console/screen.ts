/** What the parts of the console have in common. */

import type { Row } from "@scoreboard/client";
import type { Api, BoardLimits } from "./api.js";
import type { Place } from "./place.js";

/** One view, from when it is opened until it is left. */
export interface Screen {
  readonly element: HTMLElement;
  close(): void;
}

/** What a view works with. */
export interface Desk {
  readonly api: Api;
  readonly place: Place;
  /** Every board that there is. */
  readonly boards: readonly BoardLimits[];
  /** The board that was chosen; undefined where it is not there. */
  readonly limits: BoardLimits | undefined;
  /** Those who lead now, also beyond what is shown. */
  leading(): readonly Row[];
  go(place: Partial<Place>): void;
  /** Tells somebody who does not see the page. */
  say(text: string): void;
}
