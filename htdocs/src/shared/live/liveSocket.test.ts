import { describe, expect, it, vi } from "vitest";
import {
  count,
  event,
  last,
  live,
  show,
  start,
  startLive,
  TestSocket,
  told,
  wait,
  withTestSocket,
} from "../../test/liveServer";
import { createLiveSocket } from "./liveSocket";

withTestSocket();

describe("coming in", () => {
  it("asks for orders.v1 at /ws, and is live with the hello", () => {
    start();
    expect(last()).toMatchObject({ url: `ws://${location.host}/ws`, protocol: "orders.v1" });
    last().open();
    expect(told).toEqual([]);
    last().hello();
    expect(told).toEqual(["live", "refetch"]);
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
    expect(told).toEqual(["live", "refetch"]);
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

describe("the owner closes", () => {
  it("nothing fires any more", () => {
    startLive();
    const socket = last();
    const { onmessage, onclose } = socket;
    live?.close();
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
    live?.close();
    wait(600_000);
    expect(told).toEqual([]);
    expect(count()).toBe(1);
  });

  it.each(["live", "refetch", "reconnecting", "paused"])("even from within: told %s", (word) => {
    const tell = (each: string) => {
      told.push(each);
      if (each === word) live?.close();
    };
    start({ onRefetch: () => tell("refetch"), onStatus: tell });
    last().hello();
    TestSocket.refuse = true;
    last().end();
    wait(600_000);
    expect(told.at(-1)).toBe(word);
    expect(count()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("in the same breath: no connection is made at all", () => {
    createLiveSocket({
      onEvent() {},
      onRefetch() {},
      onStatus: (status) => told.push(status),
      onSignedOut() {},
    }).close();
    wait(600_000);
    expect(count()).toBe(0);
    expect(told).toEqual([]);
  });

  it("while connecting: closes as soon as the browser may do so without an error", () => {
    start();
    live?.close();
    expect(last().closed).toBe(false);
    last().open();
    expect(last().closed).toBe(true);
  });
});
