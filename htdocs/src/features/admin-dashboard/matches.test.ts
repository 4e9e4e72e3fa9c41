import { expect, test } from "vitest";
import { ALL, type Filters } from "./filters";
import { matches } from "./matches";
import { makeOrder } from "./testOrders";

const row = makeOrder({
  id: "6b058e2661f1ca2ef905a627",
  number: "A-000007",
  customer: { name: "Maya Lind", email: "maya@example.com" },
  status: "pending",
  paymentReceived: false,
  total: 39.6,
  createdAt: new Date(2026, 10, 24, 12).toISOString(),
});

test.each<[boolean, Partial<Filters>]>([
  [true, {}],
  [true, { statuses: ["shipped", "pending"] }],
  [false, { statuses: ["shipped"] }],
  [true, { paid: false }],
  [false, { paid: true }],
  [true, { from: "2026-11-24", to: "2026-11-24" }],
  [false, { from: "2026-11-25" }],
  [false, { to: "2026-11-23" }],
  [true, { minTotal: 39.6 }],
  [false, { minTotal: 39.61 }],
  [true, { q: "a-000007" }],
  [false, { q: "A-00000" }],
  [true, { q: "6B058E2661F1CA2EF905A627" }],
  [true, { q: "MAYA@" }],
  [false, { q: "example.com" }],
  [false, { q: "Lind" }],
  [false, { q: "maya", statuses: ["cancelled"] }],
])("%s: %o", (expected, filter) => {
  expect(matches({ ...ALL, ...filter }, row)).toBe(expected);
});
