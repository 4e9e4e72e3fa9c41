import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoff, LONGEST_WAIT } from "./backoff";
import { createLiveSocket, type LiveSocket } from "./liveSocket";

/** Stands in for the browser's own: the test plays the server. */
class TestSocket {
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

const told: string[] = [];
const event = (seq: number) => ({ type: "order:status", id: "a1", version: seq, at: "", data: {}, seq });
const last = () => TestSocket.all.at(-1) as TestSocket;
const count = () => TestSocket.all.length;
const wait = (ms: number) => vi.advanceTimersByTime(ms);
let live: LiveSocket;
let visibility: DocumentVisibilityState;

function show(state: DocumentVisibilityState) {
  visibility = state;
  document.dispatchEvent(new Event("visibilitychange"));
}

function start() {
  live = createLiveSocket({
    onEvent: ({ version }) => told.push(`event ${version}`),
    onRefetch: () => told.push("refetch"),
    onStatus: (status) => told.push(status),
    onSignedOut: () => told.push("onSignedOut"),
  });
  wait(0);
}

/** Connected, and for so long that the connection counts as a good one. */
function startLive() {
  start();
  last().hello();
  wait(10_000);
  told.length = 0;
}

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
  live.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("coming in", () => {
  it("asks for orders.v1 at /ws, and is live with the hello", () => {
    start();
    expect(last()).toMatchObject({ url: `ws://${location.host}/ws`, protocol: "orders.v1" });
    last().open();
    expect(told).toEqual([]);
    last().hello();
    expect(told).toEqual(["refetch", "live"]);
  });

  it("passes events on, and nothing else", () => {
    startLive();
    last().say(event(11));
    last().say({ type: "heartbeat", seq: 12 });
    last().say({ type: "error", code: "unknown-message", detail: "" });
    last().say("no JSON");
    last().say("null");
    expect(told).toEqual(["event 11"]);
  });

  it("says Reconnecting when the first connection takes longer than a second", () => {
    start();
    wait(999);
    expect(told).toEqual([]);
    wait(1);
    expect(told).toEqual(["reconnecting"]);
  });
});

describe("resuming", () => {
  it("goes on behind the last seq, of events and of heartbeats, without a refetch", () => {
    startLive();
    last().say(event(14));
    last().say({ type: "heartbeat", seq: 17 });
    last().end();
    wait(1_000);
    expect(last().url).toBe(`ws://${location.host}/ws?epoch=e1&since=17`);
    told.length = 0;
    last().hello({ seq: 17, resumed: true });
    last().say(event(18));
    expect(told).toEqual(["live", "event 18"]);
  });

  it("refetches once when the place is lost, and goes on from the new one", () => {
    startLive();
    last().end();
    wait(1_000);
    told.length = 0;
    last().hello({ epoch: "e2", seq: 3 });
    last().say({ type: "reset", epoch: "e2", seq: 3 });
    expect(told).toEqual(["refetch", "live"]);
    last().end();
    wait(1_000);
    expect(last().url).toContain("?epoch=e2&since=3");
  });

  it("refetches on a reset in the middle", () => {
    startLive();
    last().say({ type: "reset", epoch: "e3", seq: 40 });
    expect(told).toEqual(["refetch"]);
    last().end();
    wait(1_000);
    expect(last().url).toContain("?epoch=e3&since=40");
  });
});

describe("coming back", () => {
  it("waits longer each time, up to ten seconds, with full jitter", () => {
    expect([0, 1, 2, 3, 4, 20].map((n) => backoff(n, () => 1))).toEqual([1e3, 2e3, 4e3, 8e3, 1e4, LONGEST_WAIT]);
    expect(backoff(3, () => 0)).toBe(0);
    startLive();
    last().end();
    for (const bound of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      const before = count();
      wait(bound / 2 - 1);
      expect(count()).toBe(before);
      wait(1);
      expect(count()).toBe(before + 1);
      last().end();
    }
  });

  it("starts from the shortest wait again after a connection that lasted", () => {
    startLive();
    for (let n = 0; n < 5; n++) {
      last().end();
      wait(5_000);
    }
    last().hello({ resumed: true });
    wait(5_000);
    last().end();
    const before = count();
    wait(500);
    expect(count()).toBe(before + 1);
  });

  it("doesn't hammer a server that greets and hangs up", () => {
    startLive();
    for (let n = 0; n < 50; n++) {
      last().end(4410);
      wait(400);
      last().hello({ resumed: true });
    }
    expect(count()).toBeLessThan(10);
  });

  it("tries at once when the network is back, and when the page is looked at", () => {
    startLive();
    last().end();
    dispatchEvent(new Event("online"));
    expect(count()).toBe(2);
    last().end();
    show("visible");
    expect(count()).toBe(3);
  });

  it("tries slowly while nobody looks", () => {
    startLive();
    show("hidden");
    last().end();
    wait(30_000);
    expect(count()).toBe(1);
    wait(30_000);
    expect(count()).toBe(2);
  });

  it("gives up on a connection that never greets", () => {
    start();
    const first = last();
    wait(14_999);
    expect(first.onclose).not.toBeNull();
    wait(1);
    expect(first.onclose).toBeNull();
    wait(500);
    expect(count()).toBe(2);
    first.open();
    expect(first.closed).toBe(true);
  });

  it("survives a browser without WebSocket", () => {
    TestSocket.refuse = true;
    start();
    expect(told).toEqual(["reconnecting"]);
    wait(60_000);
    expect(told).toEqual(["reconnecting", "paused", "refetch"]);
    TestSocket.refuse = false;
    wait(10_000);
    last().hello();
    expect(told.at(-1)).toBe("live");
  });
});

describe("watchdog", () => {
  it("holds two silent heartbeats for a dead connection", () => {
    start();
    last().hello({ heartbeat: 10 });
    wait(19_999);
    last().say({ type: "heartbeat", seq: 10 });
    wait(19_999);
    expect(last().closed).toBe(false);
    wait(1);
    expect(last().closed).toBe(true);
    expect(told.at(-1)).toBe("reconnecting");
    wait(500);
    expect(count()).toBe(2);
  });

  it("asks for a sign of life when the page is looked at again", () => {
    startLive();
    show("hidden");
    expect(last().sent).toEqual([]);
    show("visible");
    expect(last().sent).toEqual(['{"type":"ping"}']);
    last().say({ type: "heartbeat", seq: 10 });
    wait(10_000);
    expect(told).toEqual([]);
    show("visible");
    wait(5_000);
    expect(told).toEqual(["reconnecting"]);
  });
});

describe("close codes", () => {
  it("4401: signed out, and nothing more", () => {
    startLive();
    last().end(4401);
    expect(told).toEqual(["signed-out", "onSignedOut"]);
    dispatchEvent(new Event("online"));
    show("visible");
    wait(600_000);
    expect(count()).toBe(1);
    expect(told).toHaveLength(2);
  });

  it("4410: at once, and Live stays Live", () => {
    startLive();
    last().end(4410);
    wait(0);
    expect(last().url).toContain("since=10");
    wait(900);
    last().hello({ resumed: true });
    wait(5_000);
    expect(told).toEqual(["live"]);
  });

  it("4410: tells when it takes longer than a second, or fails", () => {
    startLive();
    last().end(4410);
    wait(1_000);
    expect(told).toEqual(["reconnecting"]);
    last().hello({ resumed: true });
    wait(5_000);
    last().end(4410);
    wait(0);
    last().end(1006);
    expect(told).toEqual(["reconnecting", "live", "reconnecting"]);
    wait(5_000);
    expect(told).toHaveLength(3);
  });

  it("4408: comes back and resumes", () => {
    startLive();
    last().end(4408);
    wait(500);
    expect(last().url).toContain("since=10");
  });

  it("4503: after a few seconds", () => {
    startLive();
    last().end(4503);
    wait(2_499);
    expect(count()).toBe(1);
    wait(1);
    expect(count()).toBe(2);
  });
});

describe("a long outage", () => {
  function cutForGood() {
    TestSocket.refuse = true;
    last().end();
  }

  it("pauses after a minute, and then refetches each 15 seconds until it is over", () => {
    startLive();
    cutForGood();
    wait(59_999);
    expect(told).toEqual(["reconnecting"]);
    wait(1);
    expect(told).toEqual(["reconnecting", "paused", "refetch"]);
    wait(45_000);
    expect(told.filter((each) => each === "refetch")).toHaveLength(4);
    TestSocket.refuse = false;
    wait(10_000);
    told.length = 0;
    last().hello({ resumed: true });
    wait(30_000);
    expect(told).toEqual(["live"]);
  });

  it("fetches nothing while nobody looks, and at once when somebody does", () => {
    startLive();
    show("hidden");
    cutForGood();
    wait(120_000);
    expect(told).toEqual(["reconnecting", "paused"]);
    show("visible");
    expect(told).toEqual(["reconnecting", "paused", "refetch"]);
  });
});

describe("the owner closes", () => {
  it("nothing fires any more", () => {
    startLive();
    const socket = last();
    const { onmessage, onclose } = socket;
    live.close();
    expect(socket.closed).toBe(true);
    expect([socket.onmessage, socket.onclose]).toEqual([null, null]);
    expect(onmessage && onclose).toBeTruthy();
    dispatchEvent(new Event("online"));
    show("visible");
    wait(600_000);
    expect(told).toEqual([]);
    expect(count()).toBe(1);
  });

  it("nothing fires while it was trying, either", () => {
    startLive();
    last().end();
    told.length = 0;
    live.close();
    wait(600_000);
    expect(told).toEqual([]);
    expect(count()).toBe(1);
  });

  it("in the same breath: no connection is made at all", () => {
    live = createLiveSocket({ onEvent() {}, onRefetch() {}, onStatus: (s) => told.push(s), onSignedOut() {} });
    live.close();
    wait(600_000);
    expect(count()).toBe(0);
    expect(told).toEqual([]);
  });

  it("while connecting: closes as soon as the browser may do so without an error", () => {
    start();
    live.close();
    expect(last().closed).toBe(false);
    last().open();
    expect(last().closed).toBe(true);
  });
});
