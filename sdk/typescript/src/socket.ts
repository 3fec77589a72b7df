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
  socket.onerror = () => events.ended(null); // Node 20 lets no close follow a failed handshake
  return {
    send: (text) => socket.send(text),
    close: () => {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.onerror = () => {}; // some libraries throw what nobody listens to
      socket.close();
    },
  };
};
