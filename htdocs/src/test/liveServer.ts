import { afterEach, beforeEach, vi } from "vitest";
import { createLiveSocket, type LiveSocket, type LiveSocketOptions } from "../shared/live/liveSocket";

/** Stands in for the browser's own: the test plays the server. */
export class TestSocket {
  static all: TestSocket[] = [];
  static refuse = false;
  static readonly CONNECTING = 0;
  readyState = 0;
  sent: string[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    if (TestSocket.refuse) throw new DOMException("refused", "SecurityError");
    TestSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.closed = true;
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(frame: object | string) {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }
  hello(more: object = {}) {
    this.open();
    this.say({ type: "hello", epoch: "e1", seq: 10, heartbeat: 25, resumed: false, ...more });
  }
  end(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

export const told: string[] = [];
export const event = (seq: number) => ({ type: "order:status", id: "a1", version: seq, at: "", data: {}, seq });
export const last = () => TestSocket.all.at(-1) as TestSocket;
export const count = () => TestSocket.all.length;
export const wait = (ms: number) => vi.advanceTimersByTime(ms);
export let live: LiveSocket | undefined;
let visibility: DocumentVisibilityState;

export function show(state: DocumentVisibilityState) {
  visibility = state;
  document.dispatchEvent(new Event("visibilitychange"));
}

export function start(options: Partial<LiveSocketOptions> = {}) {
  live = createLiveSocket({
    onEvent: ({ version }) => told.push(`event ${version}`),
    onRefetch: () => told.push("refetch"),
    onStatus: (status) => told.push(status),
    onSignedOut: () => told.push("onSignedOut"),
    ...options,
  });
  wait(0);
}

/** Connected, and for so long that the connection counts as a good one. */
export function startLive() {
  start();
  last().hello();
  wait(10_000);
  told.length = 0;
}

export function withTestSocket() {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", TestSocket);
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    visibility = "visible";
    vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
    TestSocket.all = [];
    TestSocket.refuse = false;
    told.length = 0;
  });
  afterEach(() => {
    live?.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}
