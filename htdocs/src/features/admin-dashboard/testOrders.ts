import type { OrderRow } from "../../shared/api/types";

/** For tests: a pending order, but for what is said. */
export function makeOrder(order: Partial<OrderRow> = {}): OrderRow {
  return {
    id: "000000000000000000000001",
    number: "A-000001",
    userId: "00000000000000000000000a",
    customer: { name: "Maya Lind", email: "maya@example.com" },
    items: [{ productId: "00000000000000000000000b", name: "Mug", quantity: 2, price: 14.5, total: 29 }],
    total: 29,
    currency: "USD",
    status: "pending",
    paymentReceived: false,
    version: 1,
    createdAt: "2026-11-24T12:00:00.000Z",
    updatedAt: "2026-11-24T12:00:00.000Z",
    allowedTransitions: ["processing", "cancelled"],
    ...order,
  };
}
