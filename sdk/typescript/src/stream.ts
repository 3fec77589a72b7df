import { type OpenLink, runLink } from "./link.js";
import { authorization, read } from "./sending.js";
import { liveAddress, type Service } from "./service.js";
import type { ViewState } from "./views.js";

/**
 * A live board over `/sse`, read by `fetch`: unlike `EventSource` it can say who one is, and sees
 * why it is refused.
 */
export const openStream: OpenLink = (service, views, token, events) => {
  const url = liveAddress(service, "/sse", views);
  const users = views.flatMap((each) => each.users);
  if (users.length > 0) {
    url.searchParams.set("users", users.join());
  }
  const headers = { ...authorization(token), ...lastEventId(service, views) };
  const run = async (signal: AbortSignal): Promise<void> => {
    const response = await service.fetch(url, { headers, cache: "no-store", signal });
    const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream");
    if (!isStream || !response.body) {
      await read(response);
      return;
    }
    events.opened();
    const reader = response.body.getReader();
    const take = eventReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      take(part.value).forEach(events.received);
    }
  };
  return { send: null, close: runLink(run, events) };
};

/** Reads bytes, and gives the data of the events that are whole. Names and ids are not needed. */
export function eventReader(): (bytes: Uint8Array) => readonly string[] {
  const decoder = new TextDecoder();
  let rest = "";
  return (bytes) => {
    const events = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n\r?\n/);
    rest = events.pop() ?? "";
    return events.map(dataOf).filter((data) => data !== "");
  };
}

function dataOf(event: string): string {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.slice(5)).join("\n");
}

/** From where on the stream is to go. */
function lastEventId(service: Service, views: readonly ViewState[]): Record<string, string> {
  const { baseUrl, board } = service;
  for (const { view, position } of views) {
    // To another origin the browser would ask first whether it may send this, and be told no.
    if (position && baseUrl.startsWith(globalThis.location?.origin ?? "")) {
      return { "Last-Event-ID": `${position.epoch}:${position.version}:${board}:${view}` };
    }
  }
  return {};
}
