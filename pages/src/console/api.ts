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

/** Which events: those that fit all that is named. */
export type Window = Schemas["Window"];
/** What an act about many events would do. */
export type Preview = Schemas["Preview"];
/** How far an act about many events has come. */
export type Run = Schemas["ActRun"];
/** What is answered to an act about many events: it goes on. */
export type Begun = Schemas["BegunAct"];
/** An act about many events, but for its reason. */
export type ManyDeed = Schemas["PreviewRequest"];
/** An act that is asked for, but for its reason. */
export type Deed = Unreasoned<Schemas["ActRequest"]>;
type Unreasoned<Request> = Request extends unknown ? Omit<Request, "reason" | "confirm"> : never;

export type Acted = ActReceipt | Begun;

export interface Filter {
  readonly user?: string;
  readonly actor?: string;
  readonly kind?: string;
  readonly board?: string;
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

  acts(filter: Filter, before: number | null = null): Promise<Schemas["Acts"]> {
    return this.#read(`/acts${query({ ...filter, limit: 50, before })}`);
  }

  async run(actId: number): Promise<Run | null> {
    return (await this.#read<Schemas["TrackedAct"]>(`/acts/${actId}`)).run;
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
