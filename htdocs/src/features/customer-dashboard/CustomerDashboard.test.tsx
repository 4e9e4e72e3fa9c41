import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { delay, HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { SWRConfig } from "swr";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { fetcher } from "../../shared/api/http";
import type { OrderRow, OrderStatus } from "../../shared/api/types";
import type { LiveListener } from "../../shared/live/LiveContext";
import { ToastProvider } from "../../shared/ui/ToastContext";
import CustomerDashboard from "./CustomerDashboard";

let live: LiveListener = {};
vi.mock("../../shared/live/LiveContext", () => ({
  useLiveListener: (listener: LiveListener) => {
    live = listener;
  },
}));

let shop: OrderRow[];
let asked: number;
const server = setupServer(
  http.get("*/api/orders", ({ request }) => {
    asked += 1;
    const query = new URL(request.url).searchParams;
    const from = Number(query.get("after") ?? 0);
    const to = from + Number(query.get("limit"));
    return HttpResponse.json({ data: shop.slice(from, to), next: to < shop.length ? String(to) : null });
  }),
  http.get("*/api/orders/:id", ({ params }) => HttpResponse.json(shop.find((order) => order.id === params.id))),
);
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterAll(() => server.close());
afterEach(() => server.resetHandlers());
beforeEach(() => {
  asked = 0;
});

function makeOrder(n: number, status: OrderStatus, more: Partial<OrderRow> = {}): OrderRow {
  return {
    id: `${n}`.padStart(24, "0"),
    number: `A-${`${n}`.padStart(6, "0")}`,
    userId: "65f000000000000000000002",
    customer: { name: "Cora", email: "cora@example.com" },
    items: [{ productId: "1", name: "Tea", quantity: 3, price: 5, total: 15 }],
    total: 15,
    currency: "USD",
    status,
    paymentReceived: false,
    version: 1,
    createdAt: "2026-03-01T08:00:00.000Z",
    updatedAt: "2026-03-01T08:00:00.000Z",
    allowedTransitions: status === "pending" ? ["cancelled"] : [],
    ...more,
  };
}

function show() {
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
    this.open = false;
  };
  render(
    <SWRConfig value={{ provider: () => new Map(), fetcher }}>
      <ToastProvider>
        <CustomerDashboard />
      </ToastProvider>
    </SWRConfig>,
  );
}

const section = (name: string) => screen.findByRole("region", { name });
const card = async (n: number) => {
  const link = await screen.findByRole("link", { name: `A-00000${n}` });
  return link.closest("li") as HTMLElement;
};
const numbers = (where: HTMLElement) =>
  within(where)
    .queryAllByRole("link", { name: /^A-/ })
    .map((link) => link.textContent);
const tell = (type: "order:new" | "order:status", data: OrderRow) =>
  act(() => live.onEvent?.({ type, id: data.id, version: data.version, at: data.updatedAt, data }));

test("says what to do where there are no orders", async () => {
  shop = [];
  show();
  expect(await screen.findByRole("link", { name: "Place your first order" })).toHaveAttribute("href", "/orders/new");
});

test("shows what is in progress first, each order a link to its page", async () => {
  shop = [makeOrder(4, "delivered"), makeOrder(3, "pending"), makeOrder(2, "cancelled"), makeOrder(1, "shipped")];
  show();
  expect(numbers(await section("In progress"))).toEqual(["A-000003", "A-000001"]);
  expect(numbers(await section("Earlier orders"))).toEqual(["A-000004", "A-000002"]);
  expect(screen.getByRole("link", { name: "A-000001" })).toHaveAttribute("href", `/orders/${shop[3]?.id}`);
});

test("finds orders in progress behind the first page, and stops where none are left", async () => {
  shop = Array.from({ length: 450 }, (_, i) => makeOrder(999 - i, i === 99 || i === 150 ? "shipped" : "delivered"));
  show();
  await waitFor(async () => expect(numbers(await section("In progress"))).toEqual(["A-000900", "A-000849"]));
  await waitFor(() => expect(asked).toBe(3));
  expect(numbers(await section("Earlier orders"))).toHaveLength(20);
});

test("shows more of the history, and moves the focus on when that was all", async () => {
  shop = Array.from({ length: 30 }, (_, i) => makeOrder(100 - i, "delivered"));
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
  expect(numbers(await section("Earlier orders"))).toHaveLength(30);
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  expect(screen.getByRole("link", { name: "A-000080" })).toHaveFocus();
  expect(asked).toBe(1);
});

test("events change rows where they are, once each, and put new orders in front", async () => {
  shop = [makeOrder(2, "shipped"), makeOrder(1, "delivered", { version: 5 })];
  show();
  const shipped = await card(2);
  tell("order:status", makeOrder(2, "delivered", { version: 2 }));
  expect(shipped).toHaveClass("flash");
  expect(within(shipped).getByText("A-000002 is now delivered")).toBeInTheDocument();
  expect(numbers(await section("In progress"))).toEqual(["A-000002"]);
  tell("order:status", makeOrder(1, "shipped", { version: 4 }));
  expect(await card(1)).not.toHaveClass("flash");
  tell("order:new", makeOrder(3, "pending"));
  expect(numbers(await section("In progress"))).toEqual(["A-000003", "A-000002"]);
});

const cancelIn = async (where: HTMLElement) => {
  await userEvent.click(within(where).getByRole("button", { name: "Cancel order" }));
  const dialog = screen.getByRole("dialog");
  expect(dialog).toHaveTextContent("returns 3 units to stock, refund due $15.00");
  await userEvent.click(within(dialog).getByRole("button", { name: "Cancel order" }));
};

test("cancelling names its effect, shows at once, and keeps the focus with the order", async () => {
  const order = makeOrder(1, "pending", { paymentReceived: true });
  shop = [order];
  const done = { ...order, status: "cancelled", version: 2, refundDue: true, allowedTransitions: [] };
  server.use(
    http.post("*/api/orders/:id/cancel", async () => {
      await delay("infinite");
      return HttpResponse.json(done);
    }),
  );
  show();
  const shown = await card(1);
  await cancelIn(shown);
  expect(within(shown).getByText("Cancelled").closest("li")).toHaveAttribute("aria-current", "step");
  expect(shown).toHaveTextContent("Refund due: $15.00");
  expect(within(shown).queryByRole("button", { name: "Cancel order" })).toBeNull();
  expect(screen.getByRole("link", { name: "A-000001" })).toHaveFocus();
});

test("a cancellation that came too late is taken back and says what the order is now", async () => {
  const order = makeOrder(1, "pending", { paymentReceived: true });
  shop = [order];
  server.use(
    http.post("*/api/orders/:id/cancel", () => {
      shop = [makeOrder(1, "processing", { version: 2, paymentReceived: true })];
      return HttpResponse.json(
        { title: "Invalid transition", status: 409, code: "invalid-transition", from: "processing", to: "cancelled" },
        { status: 409 },
      );
    }),
  );
  show();
  const shown = await card(1);
  await cancelIn(shown);
  expect(await within(shown).findByRole("alert")).toHaveTextContent("A-000001 is processing by now");
  await waitFor(() =>
    expect(within(shown).getByText("Processing").closest("li")).toHaveAttribute("aria-current", "step"),
  );
  expect(within(shown).queryByRole("button", { name: "Cancel order" })).toBeNull();
});
