import { MAIN_BOARD } from "./frames.js";
import type { Asked, End, Follow, Link, LinkEvents } from "./link.js";
import { authorization, judge } from "./sending.js";

/**
 * A live board over `/sse`, read by `fetch`: unlike `EventSource` it can say who one is, and sees
 * why it is refused.
 */
export function openStream(follow: Follow, asked: Asked, events: LinkEvents): Link {
  const abort = new AbortController();
  const read = async (): Promise<End> => {
    const response = await follow.fetch(addressOf(follow, asked), {
      headers: headersOf(follow, asked),
      cache: "no-store",
      signal: abort.signal,
    });
    const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream");
    if (!response.ok || !isStream || !response.body) {
      return refusedWith(judge(response, await response.text()));
    }
    events.opened();
    const [reader, lines] = [response.body.getReader(), new EventLines()];
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      for (const data of lines.push(part.value)) {
        events.received(data);
      }
    }
    return {};
  };
  read()
    .catch((): End => ({}))
    .then((end) => {
      if (!abort.signal.aborted) {
        events.ended(end);
      }
    });
  return { send: null, close: () => abort.abort() };
}

/** Whoever answers as no scoreboard does stands in its way: this transport cannot be had. */
export function refusedWith(refusal: NonNullable<End["refusal"]>): End {
  return refusal.code === "not_a_scoreboard" ? {} : { refusal };
}

/** Takes bytes, and gives the data of the events that are whole. Names and ids are not needed. */
export class EventLines {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #data: string[] = [];

  push(bytes: Uint8Array): readonly string[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#take(line.replace(/\r$/, "")));
  }

  #take(line: string): readonly string[] {
    if (line.startsWith("data:")) {
      this.#data.push(line.slice(5).replace(/^ /, ""));
    }
    if (line !== "" || this.#data.length === 0) {
      return [];
    }
    const data = this.#data.join("\n");
    this.#data = [];
    return [data];
  }
}

function addressOf({ baseUrl }: Follow, { board, views }: Asked): string {
  const query = new URLSearchParams(views.map(({ view }) => ["view", view]));
  if (board !== MAIN_BOARD) {
    query.set("board", board);
  }
  const users = views.flatMap((each) => each.users);
  return `${baseUrl}/sse?${query}${users.length > 0 ? `&users=${users.join()}` : ""}`;
}

function headersOf({ baseUrl }: Follow, { board, views, token }: Asked): Record<string, string> {
  const known = views.find(({ position }) => position !== null);
  const { epoch, version } = known?.position ?? {};
  // To another origin the browser would ask first whether it may send this, and be told no.
  const origin = globalThis.location?.origin ?? new URL(baseUrl).origin;
  const isAllowed = known !== undefined && baseUrl.startsWith(origin);
  return {
    Accept: "text/event-stream",
    ...authorization(token),
    ...(isAllowed ? { "Last-Event-ID": `${epoch}:${version}:${board}:${known.view}` } : {}),
  };
}
