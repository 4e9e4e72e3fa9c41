import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { HistoryEntry, OrderRow, OrderStatus } from "../api/types";
import { formatDateTime } from "../format/format";
import { StatusTracker } from "./StatusTracker";

const PLACED = "2026-03-01T08:00:00.000Z";

function makeRow(status: OrderStatus, more: Partial<OrderRow> = {}): OrderRow {
  return {
    id: "65f000000000000000000001",
    number: "A-000123",
    userId: "65f000000000000000000002",
    customer: { name: "Cora", email: "cora@example.com" },
    items: [],
    total: 59.97,
    currency: "USD",
    status,
    paymentReceived: false,
    version: 1,
    createdAt: PLACED,
    updatedAt: PLACED,
    allowedTransitions: [],
    ...more,
  };
}

/** The history of an order that went through these; the hour is the version's. */
function makeHistory(...path: (OrderStatus | "paid" | "unpaid")[]): HistoryEntry[] {
  return path.map((to, i) => ({
    version: i + 1,
    at: new Date(Date.parse(PLACED) + i * 3_600_000).toISOString(),
    type: i === 0 ? "order:new" : to === "paid" || to === "unpaid" ? "order:payment" : "order:status",
    to,
    actor: { role: i === 0 ? "customer" : "admin", name: i === 0 ? "Cora" : "Ada" },
  }));
}

const steps = () => within(screen.getByRole("list", { name: "Order progress" })).getAllByRole("listitem");
const names = () =>
  steps().map((step) => /Pending|Processing|Shipped|Delivered|Cancelled|Returned/.exec(step.textContent ?? "")?.[0]);
const currentStep = () => {
  const current = steps().filter((step) => step.getAttribute("aria-current") === "step");
  expect(current).toHaveLength(1);
  return current[0]?.textContent;
};

test.each<[OrderStatus, number]>([
  ["pending", 0],
  ["processing", 1],
  ["shipped", 2],
  ["delivered", 3],
])("a row that is %s: what is behind it, where it is, what is to come", (status, place) => {
  render(<StatusTracker order={makeRow(status)} compact />);
  expect(names()).toEqual(["Pending", "Processing", "Shipped", "Delivered"]);
  expect(currentStep()?.toLowerCase()).toBe(status);
  steps().forEach((step, i) => {
    if (i < place) expect(step).toHaveTextContent(/, done$/);
    if (i > place) expect(step).toHaveTextContent(/, to come$/);
  });
});

test("tells when each step was, as far as it is known", () => {
  const { rerender } = render(<StatusTracker order={makeRow("processing")} />);
  expect(steps().map((step) => step.querySelector("time")?.dateTime)).toEqual([
    PLACED,
    undefined,
    undefined,
    undefined,
  ]);
  rerender(
    <StatusTracker order={{ ...makeRow("processing"), history: makeHistory("pending", "paid", "processing") }} />,
  );
  expect(steps().map((step) => step.querySelector("time")?.dateTime)).toEqual([
    PLACED,
    "2026-03-01T10:00:00.000Z",
    undefined,
    undefined,
  ]);
  expect(steps()[0]).toHaveTextContent(formatDateTime(PLACED));
});

test("names who made a step where that is wanted, and why", () => {
  const history = makeHistory("pending", "cancelled");
  const order = { ...makeRow("cancelled"), history: history.map((entry) => ({ ...entry, reason: "No more tea" })) };
  const { rerender } = render(<StatusTracker order={order} />);
  expect(currentStep()).toContain("No more tea");
  expect(screen.queryByText(/by Ada/)).toBeNull();
  rerender(<StatusTracker order={order} who />);
  expect(currentStep()).toContain("by Ada");
});

test.each<[string, OrderStatus[], OrderStatus]>([
  ["cancelled at once", ["pending"], "cancelled"],
  ["cancelled in processing", ["pending", "processing"], "cancelled"],
  ["returned when shipped", ["pending", "processing", "shipped"], "returned"],
  ["returned when delivered", ["pending", "processing", "shipped", "delivered"], "returned"],
])("%s: the path that was taken, then the end", (_, path, status) => {
  render(<StatusTracker order={{ ...makeRow(status), history: makeHistory(...path, status) }} />);
  expect(names().map((name) => name?.toLowerCase())).toEqual([...path, status]);
  expect(currentStep()?.toLowerCase()).toContain(status);
  expect(screen.queryByText(/to come/)).toBeNull();
});

test("without a history, an end claims no step that may not have been", () => {
  const { rerender } = render(<StatusTracker order={makeRow("cancelled")} />);
  expect(names()).toEqual(["Pending", "Cancelled"]);
  rerender(<StatusTracker order={makeRow("returned")} />);
  expect(names()).toEqual(["Pending", "Processing", "Shipped", "Returned"]);
});

test("a status that the history doesn't tell of yet is still the current one", () => {
  render(<StatusTracker order={{ ...makeRow("cancelled"), history: makeHistory("pending", "processing") }} />);
  expect(names()).toEqual(["Pending", "Processing", "Cancelled"]);
  expect(currentStep()).toBe("Cancelled");
});

test("tells the payment and a refund that is due", () => {
  const { rerender } = render(<StatusTracker order={makeRow("pending")} />);
  expect(screen.getByText(/^Payment:/).parentElement).toHaveTextContent("Payment: Not received yet");
  const history = makeHistory("pending", "paid", "cancelled");
  rerender(<StatusTracker order={{ ...makeRow("cancelled", { paymentReceived: true, refundDue: true }), history }} />);
  const payment = screen.getByText(/^Payment:/).closest("p");
  expect(payment).toHaveTextContent(`Payment: Received${formatDateTime("2026-03-01T09:00:00.000Z")}`);
  expect(payment).toHaveTextContent("Refund due: $59.97");
});

test("announces a change politely, and nothing at first or for another order", () => {
  const { rerender } = render(<StatusTracker order={makeRow("processing")} />);
  const region = screen.getByRole("status");
  expect(region).toBeEmptyDOMElement();
  rerender(<StatusTracker order={makeRow("processing", { version: 2, paymentReceived: true })} />);
  expect(region).toBeEmptyDOMElement();
  rerender(<StatusTracker order={makeRow("shipped", { version: 3 })} />);
  expect(screen.getByRole("status")).toBe(region);
  expect(region).toHaveTextContent("A-000123 is now shipped");
  rerender(<StatusTracker order={makeRow("delivered", { id: "65f000000000000000000009" })} />);
  expect(region).toBeEmptyDOMElement();
});
