import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { strings } from "../../strings/common";
import { type Toast, ToastProvider, useToast, useUndoLast } from "./ToastContext";

let show: (toast: Toast) => void;
let undoLast: () => void;

function Grab() {
  show = useToast();
  undoLast = useUndoLast();
  return (
    <main tabIndex={-1}>
      <button type="button">elsewhere</button>
    </main>
  );
}

const say = (toast: Toast) => act(() => show(toast));
const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));
const texts = () => [...screen.getByRole("log").children].map((each) => each.firstChild?.textContent);

beforeEach(() => {
  vi.useFakeTimers();
  render(
    <ToastProvider>
      <Grab />
    </ToastProvider>,
  );
});
afterEach(() => {
  vi.useRealTimers();
});

it("shows a toast in the log for six seconds, and for twelve if it can be undone", () => {
  say({ text: "Order shipped" });
  say({ text: "Payment received", undo: vi.fn() });
  wait(5_999);
  expect(texts()).toEqual(["Order shipped", "Payment received"]);
  wait(1);
  expect(texts()).toEqual(["Payment received"]);
  wait(6_000);
  expect(texts()).toEqual([]);
});

it("shows three at most, the newest last", () => {
  for (const text of ["one", "two", "three", "four"]) say({ text });
  expect(texts()).toEqual(["two", "three", "four"]);
});

it("goes away neither under the pointer nor with the focus inside", () => {
  say({ text: "Order shipped", undo: vi.fn() });
  const region = screen.getByRole("region", { name: strings.notifications });
  fireEvent.pointerEnter(region);
  wait(60_000);
  expect(texts()).toEqual(["Order shipped"]);
  fireEvent.pointerLeave(region);
  wait(11_999);
  act(() => screen.getByText(strings.undo).focus());
  wait(60_000);
  expect(texts()).toEqual(["Order shipped"]);
  act(() => screen.getByText("elsewhere").focus());
  wait(12_000);
  expect(texts()).toEqual([]);
});

it("undoes once, and gives the focus back", () => {
  const undo = vi.fn();
  say({ text: "Order shipped", undo });
  act(() => screen.getByText("elsewhere").focus());
  act(() => screen.getByText(strings.undo).focus());
  fireEvent.click(screen.getByText(strings.undo));
  expect(undo).toHaveBeenCalledOnce();
  expect(texts()).toEqual([]);
  expect(screen.getByText("elsewhere")).toHaveFocus();
});

it("can be dismissed without an undo", () => {
  const undo = vi.fn();
  say({ text: "Order shipped", undo });
  fireEvent.click(screen.getByRole("button", { name: strings.dismiss }));
  expect(texts()).toEqual([]);
  expect(undo).not.toHaveBeenCalled();
});

it("undoes the last one that can be, by a key's command", () => {
  const first = vi.fn();
  const second = vi.fn();
  say({ text: "one", undo: first });
  say({ text: "two", undo: second });
  say({ text: "three" });
  act(() => undoLast());
  act(() => undoLast());
  act(() => undoLast());
  expect([second.mock.calls.length, first.mock.calls.length]).toEqual([1, 1]);
  expect(second.mock.invocationCallOrder[0]).toBeLessThan(first.mock.invocationCallOrder[0] ?? 0);
  expect(texts()).toEqual(["three"]);
});
