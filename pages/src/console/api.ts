/** What the console asks of the service: its public interface, with a Bearer token in a header. */

import type { components } from "@scoreboard/client/generated/openapi.js";
import { send } from "@scoreboard/client/sending.js";
import { findService, type Service } from "@scoreboard/client/service.js";

type Schemas = components["schemas"];

export type Act = Schemas["Act"];
export type ActReceipt = Schemas["ActReceipt"];
export type BoardLimits = Schemas["BoardLimits"];
export type Stats = Schemas["Stats"];
export type UserEvent = Schemas["UserEvent"];
export type UserEvents = Schemas["UserEvents"];
export type UserTotal = Schemas["UserTotal"];

/** Which events: the sides that are named. Times are ISO 8601 with their zone. */
export interface Window {
  readonly userId?: string;
  readonly action?: string;
  readonly kid?: string;
  readonly from?: string;
  readonly to?: string;
  /** Only events with lower ids: none that came after the preview. */
  readonly belowId?: number;
}

/** An act that is asked for, but for its reason. */
export type Deed =
  | { readonly kind: "bonus" | "correction"; readonly userId: string; readonly delta: number }
  | { readonly kind: "void" | "restore"; readonly eventId: number }
  | { readonly kind: "suspension"; readonly userId: string; readonly until?: string }
  | { readonly kind: "lift"; readonly userId: string }
  | ManyDeed;

/** One about many events. */
export type ManyDeed =
  | { readonly kind: "void"; readonly window: Window }
  | { readonly kind: "restore"; readonly actId: number };

export interface Change {
  readonly userId: string;
  readonly events: number;
  readonly points: number;
  readonly score: number;
  readonly scoreAfter: number;
  readonly isSuspended: boolean;
}

/** What an act about many events would do. `changes` are the first 100, who change most first. */
export interface Preview {
  readonly events: number;
  readonly belowId: number;
  readonly users: number;
  readonly changes: readonly Change[];
  readonly top: readonly { userId: string; score: number; rank: number }[];
}

/** How far an act about many events has come; `finishedAt` null while it goes on. */
export interface Run {
  readonly events: number;
  readonly done: number;
  readonly refused: number;
  readonly finishedAt: string | null;
}

/** What is answered to an act about many events: it goes on. */
export interface Begun extends Run {
  readonly actId: number;
}

export type Acted = ActReceipt | Begun;

export interface Filter {
  readonly user?: string;
  readonly actor?: string;
  readonly kind?: string;
  readonly board?: string;
}

export interface ActsPage {
  readonly acts: readonly Act[];
  readonly next: number | null;
}

const READ_PATIENCE_MS = 8000;
/** An act goes on being sent for so long, each time with the same key. */
const ACT_PATIENCE_MS = 20_000;
const MAIN = "main";

export class Api {
  readonly #reading: Service;
  readonly #acting: Service;

  /** `onRefused` is told of refusals, before whoever asked is. */
  constructor(
    readonly token: string,
    readonly onRefused: (error: unknown) => void,
  ) {
    const at = { scoresUrl: location.origin };
    this.#reading = { ...findService({ patienceMs: READ_PATIENCE_MS }), ...at };
    this.#acting = { ...findService({ patienceMs: ACT_PATIENCE_MS }), ...at };
  }

  async boards(): Promise<readonly BoardLimits[]> {
    return (await this.#read<Schemas["Boards"]>("/boards")).boards;
  }

  stats(): Promise<Stats> {
    return this.#read("/stats");
  }

  events(board: string, userId: string, before: number | null = null): Promise<UserEvents> {
    return this.#read(`${headOf(board)}/users/${userId}/events${query({ limit: 50, before })}`);
  }

  acts(filter: Filter, before: number | null = null): Promise<ActsPage> {
    return this.#read(`/acts${query({ ...filter, limit: 50, before })}`);
  }

  async run(actId: number): Promise<Run | null> {
    return (await this.#read<{ run?: Run }>(`/acts/${actId}`)).run ?? null;
  }

  preview(board: string, deed: ManyDeed): Promise<Preview> {
    return this.#post<Preview>(`${headOf(board)}/acts/preview`, deed, {});
  }

  /** Sent with the same `key` the same act takes place once, however often it is sent. */
  act(board: string, deed: Deed, reason: string, key: string, confirm?: number): Promise<Acted> {
    const body = { ...deed, reason, ...(confirm === undefined ? {} : { confirm }) };
    return this.#post<Acted>(`${headOf(board)}/acts`, body, { "Idempotency-Key": key });
  }

  #read<Answer>(path: string): Promise<Answer> {
    return this.#send<Answer>(this.#reading, { path });
  }

  #post<Answer>(path: string, body: object, headers: Record<string, string>): Promise<Answer> {
    return this.#send<Answer>(this.#acting, {
      path,
      headers: { ...headers, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  async #send<Answer>(service: Service, request: Parameters<typeof send>[1]): Promise<Answer> {
    try {
      return (await send(service, request, this.token)) as Answer;
    } catch (error) {
      this.onRefused(error);
      throw error;
    }
  }
}

function headOf(board: string): string {
  return board === MAIN ? "" : `/boards/${board}`;
}

function query(values: Readonly<Record<string, string | number | null | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  const named = given.filter(([, value]) => value !== undefined);
  return `?${new URLSearchParams(named.map(([name, value]) => [name, String(value)]))}`;
}
