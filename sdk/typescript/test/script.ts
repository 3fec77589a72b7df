/** A server for which a test speaks: WebSockets, event streams, and answers to requests. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

export const A = "00000000-0000-4000-8000-00000000000a";
export const B = "00000000-0000-4000-8000-00000000000b";
export const C = "00000000-0000-4000-8000-00000000000c";

type Json = Readonly<Record<string, unknown>>;

/** The server's end of one connection, of either kind. */
export interface Peer {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  say(frame: Json): void;
  /** The next frame of the client; null once it is gone. */
  heard(): Promise<Json | null>;
  close(code?: number): void;
  /** Loses the connection. */
  cut(): void;
}

/** Fails where nothing came for so long. */
const PATIENCE_MS = 10_000;

/** What waits for things that have not come yet. */
export class Queue<Value> {
  readonly #values: Value[] = [];
  readonly #takers: ((value: Value) => void)[] = [];

  put(value: Value): void {
    const taker = this.#takers.shift();
    if (taker) {
      taker(value);
    } else {
      this.#values.push(value);
    }
  }

  take(): Promise<Value> {
    if (this.#values.length > 0) {
      return Promise.resolve(this.#values.shift() as Value);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error("What was waited for came not.")),
        PATIENCE_MS,
      );
      this.#takers.push((value) => {
        clearTimeout(timer);
        resolve(value);
      });
    });
  }

  get size(): number {
    return this.#values.length;
  }
}

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Use it with `await using`-like care: `stop` in the end. */
export class Script {
  readonly sockets = new Queue<Peer>();
  readonly streams = new Queue<Peer>();
  readonly requests: string[] = [];
  /** Statuses that handshakes are answered with, before one is taken; null: the connection is cut. */
  readonly socketRefusals: (number | null)[] = [];
  /** Answers everything that is no live board. */
  answer: Answer = (_request, response) => problem(response, 404, "not_found");
  /** Answers requests for streams, if set. */
  answerStream: Answer | null = null;
  readonly #server = createServer((request, response) => this.#take(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    this.#server.on("upgrade", (request, socket, head) => {
      this.requests.push(`WS ${request.url}`);
      const refusal = this.socketRefusals.shift();
      if (refusal !== undefined) {
        socket.end(refusal === null ? "" : `HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (ws) => {
        this.sockets.put(socketPeer(request, ws));
      });
    });
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  async stop(): Promise<void> {
    for (const each of this.#sockets.clients) {
      each.terminate();
    }
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`);
    let body = "";
    for await (const part of request) {
      body += part;
    }
    if (!request.url?.startsWith("/sse?")) {
      this.answer(request, response, body);
    } else if (this.answerStream) {
      this.answerStream(request, response, body);
    } else {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      this.streams.put(streamPeer(request, response));
    }
  }
}

/** A refusal as the service words it. */
export function problem(
  response: ServerResponse,
  status: number,
  code: string,
  members: Json = {},
  headers: Record<string, string> = {},
): void {
  const document = { code, status, detail: `It is ${code}.`, requestId: "r1", ...members };
  response.writeHead(status, { "Content-Type": "application/problem+json", ...headers });
  response.end(JSON.stringify(document));
}

/** A success. */
export function json(response: ServerResponse, value: unknown, headers = {}): void {
  response.writeHead(200, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

/** A frame with a list, highest first; `[userId, score]`, ranks from the order. */
export function snapshot(version: number, ...entries: [string, number][]): Json {
  return {
    type: "snapshot",
    view: "top:10",
    board: "main",
    epoch: "e1",
    version,
    entries: entries.map(([userId, score], at) => ({ userId, score, rank: at + 1 })),
    generatedAt: "2026-01-31T12:00:00.000000Z",
  };
}

function socketPeer(request: IncomingMessage, ws: WebSocket): Peer {
  const frames = new Queue<Json | null>();
  ws.on("message", (data) => frames.put(JSON.parse(String(data))));
  ws.on("close", () => frames.put(null));
  return {
    request,
    query: queryOf(request),
    say: (frame) => ws.send(JSON.stringify(frame)),
    heard: () => frames.take(),
    close: (code = 1000) => ws.close(code),
    cut: () => ws.terminate(),
  };
}

function streamPeer(request: IncomingMessage, response: ServerResponse): Peer {
  const gone = new Queue<null>();
  response.on("close", () => gone.put(null));
  return {
    request,
    query: queryOf(request),
    say: (frame) => response.write(`data: ${JSON.stringify(frame)}\n\n`),
    heard: () => gone.take(),
    close: () => response.end(),
    cut: () => response.destroy(),
  };
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? "", "http://x").searchParams;
}
