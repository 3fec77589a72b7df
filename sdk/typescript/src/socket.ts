import { MAIN_BOARD, SUBPROTOCOL } from "./frames.js";
import type { Asked, Follow, Link, LinkEvents } from "./link.js";

/** A live board over `/ws`. Throws where the page may not open one at all. */
export function openSocket(follow: Follow, asked: Asked, events: LinkEvents): Link {
  const { WebSocket, baseUrl } = follow;
  if (!WebSocket) {
    throw new TypeError("There is no WebSocket here.");
  }
  const query = new URLSearchParams(asked.views.map(({ view }) => ["view", view]));
  if (asked.board !== MAIN_BOARD) {
    query.set("board", asked.board);
  }
  const socket = new WebSocket(`${baseUrl.replace(/^http/, "ws")}/ws?${query}`, SUBPROTOCOL);
  socket.onopen = () => events.opened();
  socket.onmessage = ({ data }) => events.received(String(data));
  socket.onclose = ({ code }) => events.ended({ code });
  // It is followed by a close, which says as much; without a handler some libraries throw it.
  socket.onerror = () => {};
  return {
    send: (text) => socket.send(text),
    close: () => {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
}
