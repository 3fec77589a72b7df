/** The views that one client shows, and what has to be asked of the service for them. Pure. */

import { isOwn, type Subscribe, type ViewFrame } from "./frames.js";
import { type Verdict, ViewState } from "./views.js";

/** Views that the address of a connection may name. */
const NAMED_MAX = 8;

/** A question that was not answered for so long is asked again. */
const ANSWER_MAX_MS = 5000;

/** A view that is shown. */
export class Subscription {
  /** Whether this connection was asked for it. */
  isAsked = false;
  /** Null where no answer is owed. */
  owedSinceMs: number | null = null;

  constructor(readonly state: ViewState) {}

  /** The frame that subscribes, from what is known on unless `anew`. */
  ask(nowMs: number, anew = false): Subscribe {
    this.isAsked = true;
    this.owedSinceMs = nowMs;
    const { view, board, users, position } = this.state;
    return {
      type: "subscribe",
      view: view as Subscribe["view"],
      board,
      ...(anew ? {} : position),
      ...(view === "users" ? { users: [...users] } : {}),
    };
  }

  /**
   * Applies a frame; what has to be said about it, if anything. A question is asked once: what comes
   * before its answer cannot fit either.
   */
  take(frame: ViewFrame, nowMs: number): { verdict: Verdict; question: Subscribe | null } {
    const verdict = this.state.apply(frame);
    if (verdict === "resume" || verdict === "restart") {
      const isOwed = this.owedSinceMs !== null && nowMs < this.owedSinceMs + ANSWER_MAX_MS;
      return { verdict, question: isOwed ? null : this.ask(nowMs, verdict === "restart") };
    }
    // An empty delta is an answer too, though nothing changed by it.
    if (verdict === "changed" || frame.type !== "delta" || frame.base === frame.version) {
      this.owedSinceMs = null;
    }
    return { verdict, question: null };
  }
}

/** All of them, in the order in which they were asked for. */
export class Subscriptions {
  readonly #byKey = new Map<string, Subscription>();
  #named: readonly Subscription[] = [];

  get all(): readonly Subscription[] {
    return [...this.#byKey.values()];
  }

  /** Whether any of them is of the client's own user. */
  get hasOwn(): boolean {
    return this.all.some(({ state }) => isOwn(state.view));
  }

  /** Shows a view from now on; of one that is there already, `users` are replaced. */
  add(view: string, board: string, users: readonly string[]): void {
    const found = this.#byKey.get(keyOf(view, board));
    if (found) {
      found.isAsked = false;
      found.state.name(users);
    } else {
      this.#byKey.set(keyOf(view, board), new Subscription(new ViewState(view, board, users)));
    }
  }

  /** Shows it no more. Whether this connection was asked for it. */
  remove(view: string, board: string): boolean {
    const isAsked = this.#byKey.get(keyOf(view, board))?.isAsked;
    this.#byKey.delete(keyOf(view, board));
    return isAsked ?? false;
  }

  /** Whose frame it is; undefined where it is not shown any more. */
  find(frame: ViewFrame): Subscription | undefined {
    return this.#byKey.get(keyOf(frame.type === "me" ? frame.type : frame.view, frame.board));
  }

  /**
   * What the address of the next connection names, of the first board. A WebSocket's names what
   * begins anew, and the others follow as frames; a stream's names all.
   */
  name(isStream: boolean): readonly ViewState[] {
    const [first] = this.all;
    const named = this.all.filter(
      ({ state: { view, board, position } }) =>
        board === first?.state.board && (isStream || (view.startsWith("top:") && !position)),
    );
    this.#named = named.slice(0, NAMED_MAX);
    return this.#named.map(({ state }) => state);
  }

  /** A new connection, which was asked for nothing but what its address named. */
  begin(nowMs: number): void {
    for (const each of this.all) {
      each.isAsked = this.#named.includes(each);
      each.owedSinceMs = each.isAsked ? nowMs : null;
    }
    this.#named = [];
  }

  /** The frames that subscribe to what was not asked for yet. */
  askMissing(nowMs: number, withOwn: boolean): readonly Subscribe[] {
    return this.all
      .filter((each) => !each.isAsked && (withOwn || !isOwn(each.state.view)))
      .map((each) => each.ask(nowMs));
  }

  /** The service could not take a subscription; undefined where it did not say which. */
  fail(view: string | undefined): void {
    for (const each of this.all) {
      if (each.owedSinceMs !== null && (view === undefined || view === each.state.view)) {
        each.isAsked = false;
        each.owedSinceMs = null;
      }
    }
  }
}

function keyOf(view: string, board: string): string {
  return `${board}/${view}`;
}
