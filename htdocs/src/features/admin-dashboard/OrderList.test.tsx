import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { SWRConfig } from "swr";
import { beforeEach, expect, test, vi } from "vitest";
import type { BulkResult, LiveEvent, OrderRow } from "../../shared/api/types";
import { ShortcutProvider } from "../../shared/keyboard/ShortcutContext";
import { type LiveListener, useLiveListener } from "../../shared/live/LiveContext";
import { setStatusOfMany } from "../../shared/order/orderMoves";
import { ToastProvider } from "../../shared/ui/ToastContext";
import { ALL, type Filters } from "./filters";
import { OrderList } from "./OrderList";
import { makeOrder } from "./testOrders";

vi.mock("../../shared/live/LiveContext");
vi.mock("../../shared/order/orderMoves");
const send = vi.mocked(setStatusOfMany);
let live: LiveListener = {};
const fetcher = vi.fn<(path: string) => Promise<unknown>>();

const order = (n: number, more: Partial<OrderRow> = {}) =>
  makeOrder({ id: `id${n}`, number: `A-00000${n}`, createdAt: `2026-11-24T12:0${n}:00.000Z`, ...more });
const placed = (data: OrderRow): LiveEvent => ({
  type: "order:new",
  id: data.id,
  version: 1,
  at: data.createdAt,
  data,
});
const numbers = () => screen.getAllByRole("rowheader").map((each) => each.textContent);
const row = (n: number) => screen.getByRole("row", { name: new RegExp(`A-00000${n}`) });

beforeEach(() => {
  vi.mocked(useLiveListener).mockImplementation((listener) => {
    live = listener;
  });
  fetcher.mockReset().mockResolvedValue({ data: [order(2), order(1)], next: null });
  send.mockReset();
  HTMLDialogElement.prototype.showModal = vi.fn(function (this: HTMLDialogElement) {
    this.open = true;
  });
  HTMLDialogElement.prototype.close = vi.fn();
});

async function show(filters: Partial<Filters> = {}) {
  const all = { ...ALL, ...filters };
  const heading = { current: null };
  render(
    <SWRConfig value={{ provider: () => new Map(), fetcher }}>
      <ToastProvider>
        <ShortcutProvider>
          <OrderList filters={all} onChange={() => {}} heading={heading} />
        </ShortcutProvider>
      </ToastProvider>
    </SWRConfig>,
  );
  await screen.findByRole("table", { name: "Orders" });
}

test("new orders wait behind the pill; pressing it puts them on top and goes there", async () => {
  await show();
  act(() => live.onEvent?.(placed(order(3))));
  expect(screen.getByRole("button", { name: "1 new order" })).toBeVisible();
  act(() => live.onEvent?.(placed(order(4))));
  expect(numbers()).toEqual(["A-000002", "A-000001"]);
  await userEvent.click(screen.getByRole("button", { name: "2 new orders" }));
  expect(numbers()).toEqual(["A-000004", "A-000003", "A-000002", "A-000001"]);
  expect(screen.queryByRole("button", { name: /new order/ })).toBeNull();
  expect(screen.getByRole("link", { name: "A-000004" })).toHaveFocus();
});

test("with another sort the pill fetches the list again", async () => {
  await show({ sort: "total" });
  act(() => live.onEvent?.(placed(order(3))));
  fetcher.mockResolvedValue({ data: [order(1), order(3), order(2)], next: null });
  await userEvent.click(screen.getByRole("button", { name: "1 new order" }));
  await screen.findByRole("link", { name: "A-000003" });
  expect(numbers()).toEqual(["A-000001", "A-000003", "A-000002"]);
});

test("a row that no longer matches stays, with its new status", async () => {
  await show({ statuses: ["pending"] });
  const data = order(2, { version: 2, status: "shipped" });
  act(() => live.onEvent?.({ type: "order:status", id: data.id, version: 2, at: data.updatedAt, data }));
  expect(numbers()).toEqual(["A-000002", "A-000001"]);
  expect(within(row(2)).getByText("Shipped")).toBeVisible();
});

test("a bulk move shows at once; what failed looks as before and is told with its reason", async () => {
  await show();
  let answer: (results: BulkResult[]) => void = () => {};
  send.mockReturnValue(
    new Promise((resolve) => {
      answer = resolve;
    }),
  );
  await userEvent.click(screen.getByRole("checkbox", { name: "Select all shown" }));
  await userEvent.click(screen.getByRole("button", { name: "Start processing" }));
  expect(send).toHaveBeenCalledWith(["id2", "id1"], { status: "processing" });
  for (const n of [1, 2]) expect(within(row(n)).getByText("Processing")).toBeVisible();

  const problem = { title: "T", detail: "It was cancelled by its customer.", status: 409, code: "invalid-transition" };
  await act(async () =>
    answer([
      { id: "id2", ok: true, version: 2, status: "processing" },
      { id: "id1", ok: false, problem },
    ]),
  );
  const dialog = await screen.findByRole("dialog", { name: "1 of 2 orders changed" });
  expect(within(dialog).getByRole("listitem")).toHaveTextContent("A-000001 It was cancelled by its customer.");
  await userEvent.click(within(dialog).getByRole("button", { name: "Close" }));
  expect(within(row(2)).getByText("Processing")).toBeVisible();
  expect(within(row(1)).getByText("Pending")).toBeVisible();
  expect(screen.getByRole("checkbox", { name: "Select A-000001" })).toBeChecked();
  expect(screen.getByRole("checkbox", { name: "Select A-000002" })).not.toBeChecked();
});

test("cancelling asks first, and moves only what can be cancelled", async () => {
  fetcher.mockResolvedValue({
    data: [order(2), order(1, { status: "shipped", allowedTransitions: ["delivered"] })],
    next: null,
  });
  send.mockResolvedValue([{ id: "id2", ok: true, version: 2, status: "cancelled" }]);
  await show();
  await userEvent.click(screen.getByRole("checkbox", { name: "Select all shown" }));
  await userEvent.click(screen.getByRole("button", { name: /^Cancel order/ }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("returns 2 units to stock");
  await userEvent.click(within(dialog).getByRole("button", { name: /^Cancel / }));
  expect(send).toHaveBeenCalledWith(["id2"], { status: "cancelled" });
  expect(await screen.findByText("A-000002 cancelled")).toBeVisible();
});
