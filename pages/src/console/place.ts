/** Where one is in the console: behind the `#`, so that it can be linked to and gone back to. */

export const VIEWS = ["user", "trail", "boards", "health"] as const;
export type View = (typeof VIEWS)[number];

export interface Place {
  readonly view: View;
  readonly board: string;
  /** Whatever else is named: `user` in all views, the filters of the trail. */
  readonly named: Readonly<Record<string, string>>;
}

export function readPlace(): Place {
  const {
    view,
    board = "main",
    ...named
  } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  return { view: VIEWS.find((each) => each === view) ?? "user", board, named };
}

/** The address of a place; what is empty is left out. */
export function addressOf({ view, board, named }: Place): string {
  const given = Object.entries(named).filter(([, value]) => value !== "");
  return `#${new URLSearchParams([["view", view], ["board", board], ...given])}`;
}
