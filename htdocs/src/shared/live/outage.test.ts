import { describe, expect, it } from "vitest";
import { count, last, show, start, startLive, TestSocket, told, wait, withTestSocket } from "../../test/liveServer";
import { backoff, LONGEST_WAIT } from "./backoff";

withTestSocket();

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
    expect(told.slice(-2)).toEqual(["live", "refetch"]);
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
