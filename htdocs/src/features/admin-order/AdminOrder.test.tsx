import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { SWRConfig } from "swr";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fetcher } from "../../shared/api/http";
import type { Order, OrderEvent } from "../../shared/api/types";
import type { LiveListener } from "../../shared/live/LiveContext";
import { ToastProvider } from "../../shared/ui/ToastContext";
import AdminOrder from "./AdminOrder";

const live: { listener?: LiveListener } = {};
vi.mock("../../shared/live/LiveContext", () => ({
  useLiveListener: (listener: LiveListener) => {
    live.listener = listener;
  },
}));
vi.mock("../../shared/session/SessionContext", () => ({ useUser: () => ({ id: "me", name: "Ada", role: "admin" }) }));

const ID = "65f000000000000000000001";
const made = "2026-01-05T09:00:00.000Z";
const placed: Order = {
  id: ID,
  number: "A-000123",
  userId: "c1",
  customer: { name: "Grace", email: "grace@example.com" },
  items: [{ productId: "p1", name: "Mug", quantity: 3, price: 19.99, total: 59.97 }],
  total: 59.97,
  currency: "USD",
  status: "processing",
  paymentReceived: true,
  version: 2,
  createdAt: made,
  updatedAt: made,
  allowedTransitions: ["cancelled", "shipped"],
  history: [
    { version: 1, at: made, type: "order:new", to: "pending", actor: { id: "c1", role: "customer", name: "Grace" } },
    { version: 2, at: made, type: "order:status", to: "processing", actor: { id: "me", role: "admin", name: "Ada" } },
  ],
};
/** The order after somebody else has shipped it. */
const shippedByBob: Order = {
  ...placed,
  status: "shipped",
  version: 3,
  allowedTransitions: ["delivered", "returned"],
  history: [
    ...placed.history,
    {
      version: 3,
      at: made,
      type: "order:status",
      from: "processing",
      to: "shipped",
      actor: { id: "b1", role: "admin", name: "Bob" },
      note: "by bike",
    },
  ],
};

let stored: Order;
const asked = vi.fn<(body: unknown, ifMatch: string | null) => void>();
let answer: () => Promise<Response> | Response;
const server = setupServer(
  http.get("*/api/orders/:id", () => HttpResponse.json(stored)),
  http.patch("*/api/orders/:id/:what", async ({ request }) => {
    asked(await request.json(), request.headers.get("If-Match"));
    return answer();
  }),
);
const problem = (status: number, code: string, more = {}) =>
  HttpResponse.json({ title: code, status, code, ...more }, { status });

beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});
beforeEach(() => {
  stored = placed;
});
afterEach(() => {
  asked.mockReset();
  server.resetHandlers();
});
afterAll(() => server.close());

async function show() {
  render(
    <SWRConfig value={{ fetcher, provider: () => new Map(), shouldRetryOnError: false }}>
      <ToastProvider>
        <AdminOrder id={ID} />
      </ToastProvider>
    </SWRConfig>,
  );
  await screen.findByRole("heading", { level: 1, name: "A-000123" });
}
const button = (name: string) => screen.getByRole("button", { name });
const currentStep = () => document.querySelector("[aria-current=step]");

describe("AdminOrder", () => {
  it("has a button for each allowed transition and no other, forward first", async () => {
    await show();
    const names = within(screen.getByRole("region", { name: "Next step" }))
      .getAllByRole("button")
      .map((each) => each.textContent);
    expect(names).toEqual(["Mark shipped", "Cancel order"]);
  });

  it("shows a move before the server has answered, and sends the version once for a double click", async () => {
    await show();
    let release = (_: Response) => {};
    answer = () => new Promise<Response>((resolve) => (release = resolve));
    await userEvent.dblClick(button("Mark shipped"));
    expect(currentStep()).toHaveTextContent("Shipped");
    await waitFor(() => expect(asked).toHaveBeenCalledWith({ status: "shipped" }, '"2"'));
    stored = shippedByBob;
    release(HttpResponse.json(stored));
    await screen.findByText("Order shipped");
    expect(asked).toHaveBeenCalledTimes(1);
    expect(button("Mark delivered")).toBeVisible();
  });

  it("takes it back when the server refuses, and says what to do", async () => {
    stored = { ...placed, paymentReceived: false };
    await show();
    answer = () => problem(409, "payment-required");
    await userEvent.click(button("Mark shipped"));
    expect(await screen.findByText(/Switch on "Payment received" first/)).toBeVisible();
    expect(currentStep()).toHaveTextContent("Processing");
  });

  it("takes it back when no answer comes at all, and doesn't claim to know", async () => {
    await show();
    answer = () => HttpResponse.error();
    server.use(http.get("*/api/orders/:id", () => HttpResponse.error()));
    await userEvent.click(button("Mark shipped"));
    expect(await screen.findByText(/isn't certain whether/)).toBeVisible();
    expect(currentStep()).toHaveTextContent("Processing");
    expect(screen.getAllByRole("button", { name: "Try again" })).not.toHaveLength(0);
  });

  it("tells after a conflict who changed what, shows it, and offers no move that has become impossible", async () => {
    await show();
    answer = () => {
      stored = shippedByBob;
      return problem(412, "version-mismatch", { changedBy: { role: "admin", name: "Bob" }, currentStatus: "shipped" });
    };
    await userEvent.click(button("Cancel order"));
    await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Cancel order" }));
    expect(await screen.findByText(/Bob marked it shipped .*ago\. Your change was not made\./)).toBeVisible();
    expect(screen.getByText(/can't be cancelled any more/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Apply again" })).toBeNull();
    expect(currentStep()).toHaveTextContent("Shipped");
  });

  it("applies the same change again, to the version that is shown now", async () => {
    await show();
    answer = () => {
      stored = { ...placed, version: 5 };
      return problem(412, "version-mismatch", { changedBy: { role: "admin", name: "Bob" } });
    };
    await userEvent.type(screen.getByLabelText("Note (optional)"), "fragile");
    await userEvent.click(button("Mark shipped"));
    const again = await screen.findByRole("button", { name: "Apply again" });
    answer = () => HttpResponse.json({ ...shippedByBob, version: 6 });
    await userEvent.click(again);
    await screen.findByText("Order shipped");
    expect(asked).toHaveBeenLastCalledWith({ status: "shipped", note: "fragile" }, '"5"');
    expect(screen.queryByText(/Your change was not made/)).toBeNull();
  });

  it("records the payment and can undo it", async () => {
    stored = { ...placed, paymentReceived: false };
    await show();
    answer = () => HttpResponse.json({ ...placed, version: 3 });
    await userEvent.click(screen.getByRole("switch", { name: "Payment received" }));
    answer = () => HttpResponse.json({ ...placed, version: 4, paymentReceived: false });
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    await screen.findByText("Payment taken back");
    expect(asked.mock.calls).toEqual([
      [{ paymentReceived: true }, '"2"'],
      [{ paymentReceived: false }, '"3"'],
    ]);
  });

  it("can't take the payment of a shipped order back, and says why", async () => {
    stored = shippedByBob;
    await show();
    expect(screen.getByRole("switch", { name: "Payment received" })).toBeDisabled();
    expect(screen.getByText(/is shipped: its payment can't be taken back/)).toBeVisible();
  });

  it("fetches the order again when an event tells of a newer version, and says who did it", async () => {
    await show();
    stored = shippedByBob;
    const event: OrderEvent = { type: "order:status", id: ID, version: 3, at: made, data: shippedByBob };
    act(() => live.listener?.onEvent?.(event));
    expect(await screen.findByText("by bike")).toBeVisible();
    const news = () => screen.getAllByRole("status").map((each) => each.textContent);
    await waitFor(() => expect(news()).toContainEqual(expect.stringMatching(/^Bob marked it shipped .*ago$/)));
  });
});

describe("an order that isn't there", () => {
  it("is said to be so", async () => {
    server.use(http.get("*/api/orders/:id", () => problem(404, "not-found")));
    render(
      <SWRConfig value={{ fetcher, provider: () => new Map(), shouldRetryOnError: false }}>
        <AdminOrder id={ID} />
      </SWRConfig>,
    );
    expect(await screen.findByRole("heading", { level: 1, name: "Order not found" })).toBeVisible();
  });
});
