import type { LiveEvent } from "../api/types";

export type LiveStatus = "live" | "reconnecting" | "paused" | "signed-out";

export interface LiveSocketOptions {
  onEvent: (event: LiveEvent) => void;
  onRefetch: () => void;
  onStatus: (status: LiveStatus) => void;
  /** Close code 4401: the session has ended. */
  onSignedOut: () => void;
}

export interface LiveSocket {
  close: () => void;
}

export function createLiveSocket(options: LiveSocketOptions): LiveSocket {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws`, "orders.v1");
  socket.onmessage = (message) => {
    const event = JSON.parse(message.data as string);
    if (event.type === "hello") options.onStatus("live");
    else if (event.id) options.onEvent(event);
  };
  options.onStatus("reconnecting");
  return { close: () => socket.close() };
}
