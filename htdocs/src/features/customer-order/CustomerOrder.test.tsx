import { act, render, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { SWRConfig } from "swr";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { fetcher } from "../../shared/api/http";
import type { Order, OrderEvent } from "../../shared/api/types";
import type { LiveListener } from "../../shared/live/LiveContext";
import { ToastProvider } from "../../shared/ui/ToastContext";
import CustomerOrder from "./CustomerOrder";

let live: LiveListener = {};
vi.mock("../../shared/live/LiveContext", () => ({
  useLiveListener: (listener: LiveListener) => {
    live = listener;
  },
}));

const ID = "65f000000000000000000001";
const pending: Order = {
  id: ID,
  number: "A-000123",
  userId: "65f000000000000000000002",
  customer: { name: "Cora", email: "cora@example.com" },
  shipTo: { name: "Cora", lines: ["Mill Lane 4"], city: "Leiden", postcode: "2312 AB", country: "Netherlands" },
  items: [{ productId: "1", name: "Tea", quantity: 3, price: 5, total: 15 }],
  total: 15,
  currency: "USD",
  status: "pending",
  paymentReceived: false,
  version: 1,
  createdAt: "2026-03-01T08:00:00.000Z",
  updatedAt: "2026-03-01T08:00:00.000Z",
  allowedTransitions: ["cancelled"],
  history: [
    {
      version: 1,
      at: "2026-03-01T08:00:00.000Z",
      type: "order:new",
      to: "pending",
      actor: { role: "customer", name: "Cora" },
    },
  ],
};
const processing: Order = {
  ...pending,
  status: "processing",
  version: 2,
  allowedTransitions: [],
  history: [
    ...pending.history,
    {
      version: 2,
      at: "2026-03-01T09:00:00.000Z",
      type: "order:status",
      from: "pending",
      to: "processing",
      actor: { role: "admin", name: "Ada" },
    },
  ],
};

let order: Order | undefined;
let asked: number;
const server = setupServer(
  http.get("*/api/orders/:id", () => {
    asked += 1;
    return order
      ? HttpResponse.json(order)
      : HttpResponse.json({ title: "Not found", status: 404, code: "not-found" }, { status: 404 });
  }),
);
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterAll(() => server.close());
afterEach(() => server.resetHandlers());
beforeEach(() => {
  asked = 0;
  order = pending;
});

const show = () =>
  render(
    <SWRConfig value={{ provider: () => new Map(), fetcher, shouldRetryOnError: false }}>
      <ToastProvider>
        <CustomerOrder id={ID} />
      </ToastProvider>
    </SWRConfig>,
  );

const tell = ({ history: _, ...data }: Order) => {
  const event: OrderEvent = { type: "order:status", id: data.id, version: data.version, at: data.updatedAt, data };
  act(() => live.onEvent?.(event));
};

test("is headed by the number and shows items, address and where the order stands", async () => {
  show();
  expect(await screen.findByRole("heading", { level: 1, name: "A-000123" })).toBeInTheDocument();
  expect(screen.getByRole("row", { name: /Tea.*\$5\.00 3 \$15\.00/ })).toBeInTheDocument();
  expect(screen.getByText(/Mill Lane 4/)).toHaveTextContent("Cora Mill Lane 4 2312 AB Leiden Netherlands");
  expect(screen.getByRole("button", { name: "Cancel order" })).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Reorder" })).toHaveAttribute("href", `/orders/new?reorder=${ID}`);
});

test("an event of a newer version fetches the order with its history; others do nothing", async () => {
  show();
  await screen.findByRole("heading", { level: 1 });
  tell(pending);
  tell({ ...processing, id: "65f000000000000000000009" });
  order = processing;
  tell(processing);
  const progress = screen.getByRole("list", { name: "Order progress" });
  await waitFor(() => expect(within(progress).getByText("Processing").closest("li")).toHaveAttribute("aria-current"));
  expect(progress.querySelectorAll("time")).toHaveLength(2);
  expect(screen.queryByRole("button", { name: "Cancel order" })).toBeNull();
  expect(asked).toBe(2);
});

test("an event that comes before the first answer is not missed", async () => {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  server.use(
    http.get(
      "*/api/orders/:id",
      async () => {
        await held;
        return HttpResponse.json(pending);
      },
      { once: true },
    ),
  );
  show();
  order = processing;
  tell(processing);
  answer();
  const current = await screen.findByText("Processing");
  await waitFor(() => expect(current.closest("li")).toHaveAttribute("aria-current", "step"));
});

test("says plainly that there is no such order", async () => {
  order = undefined;
  show();
  expect(await screen.findByRole("heading", { level: 1, name: "No such order" })).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Your orders" })).toHaveAttribute("href", "/");
});
