import type { LiveEvent } from "../api/types";

/* Close codes: docs/live.md. */
/** The session has ended. */
export const SIGN_IN = 4401;
/** Nothing is wrong: connections are renewed now and then. */
export const RENEW = 4410;
/** The bridge stops, or its database is away. */
export const LATER = 4503;

export interface Place {
  epoch: string;
  seq: number;
}

export interface Frame extends Partial<Omit<LiveEvent, "type">> {
  type: string;
  seq: number;
  epoch?: string;
  heartbeat: number;
  resumed?: boolean;
}

export function frameOf(data: unknown): Frame | undefined {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}

export function addressOf(place?: Place) {
  const resume = place ? `?epoch=${encodeURIComponent(place.epoch)}&since=${place.seq}` : "";
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws${resume}`;
}

/** Says no more to us, and closes. Closing while connecting would be an error in the browser's console. */
export function leave(socket?: WebSocket) {
  if (!socket) return;
  socket.onmessage = socket.onclose = null;
  if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
  else socket.close();
}
