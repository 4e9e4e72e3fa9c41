import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useTypedValue } from "./useTypedValue";

beforeEach(() => {
  vi.useFakeTimers();
  send.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
});

const send = vi.fn<(value: string) => void>();
const trim = (text: string) => text.trim();
const field = (value: string) =>
  renderHook(({ value }) => useTypedValue(value, trim, send), { initialProps: { value } });
const pause = () => act(() => vi.advanceTimersByTime(1_000));

test("is passed on once, when the typist pauses", () => {
  const { result } = field("");
  act(() => result.current.setText("m"));
  act(() => result.current.setText("ma "));
  expect(send).not.toHaveBeenCalled();
  pause();
  expect(send.mock.calls).toEqual([["ma"]]);
});

test("its own value coming back doesn't change what has been typed since", () => {
  const { result, rerender } = field("");
  act(() => result.current.setText("ma"));
  pause();
  act(() => result.current.setText("may "));
  rerender({ value: "ma" });
  expect(result.current.text).toBe("may ");
});

test("a value from elsewhere replaces the text and isn't sent back", () => {
  const { result, rerender } = field("maya");
  rerender({ value: "" });
  expect(result.current.text).toBe("");
  pause();
  expect(send).not.toHaveBeenCalled();
});
