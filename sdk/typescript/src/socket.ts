import { SUBPROTOCOL } from "./frames.js";
import type { OpenLink } from "./link.js";
import { liveAddress } from "./service.js";

/** A live board over `/ws`. Throws where the page may not open one at all. */
export const openSocket: OpenLink = (service, views, _token, events) => {
  const { WebSocket = globalThis.WebSocket } = service;
  const url = liveAddress(service, "/ws", views);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, SUBPROTOCOL);
  socket.onopen = () => events.opened();
  socket.onmessage = ({ data }) => events.received(data);
  socket.onclose = ({ code }) => events.ended(code);
  // It is followed by a close, which says as much; without a handler some libraries throw it.
  socket.onerror = () => {};
  return {
    send: (text) => socket.send(text),
    close: () => {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
};
