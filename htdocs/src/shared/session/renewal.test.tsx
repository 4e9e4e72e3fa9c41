import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { forgetLifetime, keepLifetime, renewalWait, useRenewal } from "./renewal";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  forgetLifetime();
});

const inSeconds = (seconds: number) => new Date(Date.now() + 1000 * seconds).toISOString();
const use = () => dispatchEvent(new Event("keydown"));
const MINUTE = 60_000;

test("waits a quarter of a life, within bounds", () => {
  expect(renewalWait()).toBe(5 * MINUTE);
  keepLifetime(inSeconds(40));
  expect(renewalWait()).toBe(10_000);
  keepLifetime(inSeconds(3_600));
  expect(renewalWait()).toBe(5 * MINUTE);
  keepLifetime(inSeconds(2));
  expect(renewalWait()).toBe(1_000);
});

test("the same lifetime again is news to other tabs", () => {
  const lifetime = () => localStorage.getItem("session-lifetime");
  keepLifetime(inSeconds(40));
  const before = lifetime();
  vi.advanceTimersByTime(5);
  keepLifetime(inSeconds(40));
  expect(lifetime()).not.toBe(before);
});

test("asks while the page is used, and not else", () => {
  const renew = vi.fn(async () => {});
  const { rerender } = renderHook(({ on }) => useRenewal(on, renew), { initialProps: { on: true } });
  vi.advanceTimersByTime(60 * MINUTE);
  expect(renew).not.toHaveBeenCalled();
  // Long unused: at once.
  use();
  expect(renew).toHaveBeenCalledTimes(1);
  // Used just now: when time for it has come, and once.
  use();
  expect(renew).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(5 * MINUTE);
  expect(renew).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(60 * MINUTE);
  expect(renew).toHaveBeenCalledTimes(2);
  rerender({ on: false });
  use();
  expect(renew).toHaveBeenCalledTimes(2);
});

test("asks when the page comes back to the front", () => {
  const renew = vi.fn(async () => {});
  renderHook(() => useRenewal(true, renew));
  document.dispatchEvent(new Event("visibilitychange"));
  expect(renew).not.toHaveBeenCalled();
  vi.advanceTimersByTime(MINUTE);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(renew).toHaveBeenCalledTimes(1);
});
